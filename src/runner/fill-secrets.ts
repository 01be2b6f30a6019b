import type { ResolvedProbe, RunnerSecrets, Work } from './spec.ts';

/** Puts the values of secrets in for their `${NAME}`: files and the core only ever hold the names. */
export function fillSecrets(text: string, secrets: RunnerSecrets): string {
  return text.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => secrets[name] ?? whole);
}

/** The same for every value of a record: an environment, headers. */
export function fillRecord(
  record: Readonly<Record<string, string>>,
  secrets: RunnerSecrets,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, fillSecrets(value, secrets)]));
}

/** Work with the secrets its HTTP probe names. Never to be written anywhere. */
export function fillWork(work: Work, secrets: RunnerSecrets): Work {
  switch (work.kind) {
    case 'check':
      return { ...work, poll: { ...work.poll, probe: fillProbe(work.poll.probe, secrets) } };
    case 'watch':
      return { ...work, probe: fillProbe(work.probe, secrets) };
    case 'service':
      return work.ready ? { ...work, ready: { ...work.ready, probe: fillProbe(work.ready.probe, secrets) } } : work;
    case 'command':
    case 'edit':
    case 'restore':
      return work;
    default:
      return work satisfies never;
  }
}

function fillProbe(probe: ResolvedProbe, secrets: RunnerSecrets): ResolvedProbe {
  if (probe.kind !== 'http') return probe;
  const body = probe.body === undefined ? {} : { body: fillSecrets(probe.body, secrets) };
  return { ...probe, url: fillSecrets(probe.url, secrets), headers: fillRecord(probe.headers, secrets), ...body };
}

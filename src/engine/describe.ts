import type { Step } from '../definition/runbook.ts';
import { type Place, planAttempt } from '../run/plan.ts';
import { lengthText } from '../run/sentences.ts';
import type { Run } from '../run/state.ts';
import type { ResolvedProbe, Work } from '../runner/spec.ts';

/** What a step would do now, as lines for a person; a command's first line first. Secrets stand as their names. */
export function describeStep(run: Run, place: Place, step: Step): readonly string[] {
  const { action } = step;
  if (action.kind === 'manual') return action.text.trimEnd().split('\n');
  const planned = planAttempt(run, place, { number: 0, purpose: { kind: 'step', stepId: step.id }, title: step.title });
  const { work, cwd } = planned;
  if (action.kind === 'edit' || action.kind === 'check' || action.kind === 'watch') return describeWork(work);
  const ready =
    work.kind === 'service' && work.ready
      ? [`ready when ${describeProbe(work.ready.probe)}, within ${lengthText(work.ready.withinMs)}`]
      : [];
  const before = step.before.trim().split('\n');
  const first = before[0] === '' ? [] : [`after ${before[0]}${before.length > 1 ? ' …' : ''}`];
  return [...action.script.trimEnd().split('\n'), ...ready, `in ${cwd}`, ...first];
}

/** What an attempt's work is, as lines for a person. */
export function describeWork(work: Work): readonly string[] {
  switch (work.kind) {
    case 'command':
      return scriptLines(work.argv);
    case 'service':
      return [
        ...scriptLines(work.argv),
        ...(work.ready ? [`ready: ${describeProbe(work.ready.probe)}, within ${lengthText(work.ready.withinMs)}`] : []),
      ];
    case 'check':
      return [
        `${describeProbe(work.poll.probe)}, every ${lengthText(work.poll.everyMs)} within ${lengthText(work.poll.withinMs)}`,
      ];
    case 'watch':
      return [
        `${describeProbe(work.probe)}, every ${lengthText(work.everyMs)} for ${lengthText(work.forMs)}, fails at ${work.maxFailures} failures`,
      ];
    case 'edit':
      return [
        `in ${work.file}, ${work.times === 1 ? 'once' : `${work.times} times`}:`,
        ...marked('-', work.replace),
        ...marked('+', work.with),
      ];
    case 'restore':
      return [`put ${work.file} back as it was`];
    default:
      return work satisfies never;
  }
}

function scriptLines(argv: readonly string[]): readonly string[] {
  const script = argv.at(-1) ?? '';
  return script
    .trimEnd()
    .split('\n')
    .map((line, index) => (index === 0 ? `$ ${line}` : `  ${line}`));
}

function describeProbe(probe: ResolvedProbe): string {
  if (probe.kind === 'tcp') return `tcp ${probe.host}:${probe.port}`;
  if (probe.kind === 'command') return scriptLines(probe.argv).join(' ');
  const wanted = [
    probe.status === undefined ? '2xx' : String(probe.status),
    ...(probe.json === undefined ? [] : [JSON.stringify(probe.json)]),
    ...(probe.match === undefined ? [] : [`/${probe.match}/i`]),
  ];
  return `${probe.method} ${probe.url} answers ${wanted.join(' ')}`;
}

function marked(mark: string, text: string): readonly string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `${mark} ${line}`);
}

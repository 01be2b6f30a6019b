import { hostAndPort } from '../normalize-step.ts';
import type { Problem } from '../problem.ts';
import type { MonitorInput } from '../schema-monitor.ts';
import type { ProbeInput, ReadyInput } from '../schema-step.ts';
import type { Source } from '../source.ts';
import { error, type RuleContext } from './context.ts';

const httpOnly = ['method', 'headers', 'body', 'status', 'json', 'match'] as const;

/** A probe asks in one way, and has only the keys of that way; the same for what the monitor looks at. */
export function* probes({ input, source, steps, touched }: RuleContext): Iterable<Problem> {
  for (const { step } of steps) {
    for (const probe of [step.check, step.watch?.check, step.ready]) yield* oneProbe(probe, { source, touched });
  }
  if (input.monitor !== undefined) yield* monitorProblems(input.monitor, { source, touched });
}

/** What a monitor looks at is said in one way each. */
export function* monitorProblems({ docker, logs = [] }: MonitorInput, where: Where): Iterable<Problem> {
  const { source, touched } = where;
  if (docker !== undefined) yield* exactlyOne(docker, ['compose', 'containers', 'all'], where);
  for (const log of logs) {
    yield* exactlyOne(log, ['docker', 'file'], where);
    if (log.docker === undefined || touched.has(log.docker)) continue;
    if (log.docker.compose === undefined && log.docker.services !== undefined) {
      yield error(
        'missing-key',
        '`services` are those of a compose file; say which in `compose`',
        source.key(log.docker, 'services'),
      );
    } else if (log.docker.compose === undefined && log.docker.containers === undefined) {
      yield error('missing-key', 'say whose logs: `compose` or `containers`', source.of(log.docker));
    }
  }
}

type Where = { readonly source: Source; readonly touched: ReadonlySet<object> };

function* oneProbe(probe: ProbeInput | ReadyInput | undefined, where: Where): Iterable<Problem> {
  if (typeof probe !== 'object') return;
  const { source } = where;
  yield* exactlyOne(probe, ['http', 'tcp', 'run'], where);
  if (probe.http === undefined && !where.touched.has(probe)) {
    for (const key of httpOnly) {
      if (probe[key] !== undefined)
        yield error('wrong-kind', `\`${key}\` goes with \`http\` only`, source.key(probe, key));
    }
  }
  if (probe.http !== undefined && !/^(?:https?:\/\/|\$\{)/i.test(probe.http)) {
    yield error(
      'wrong-value',
      '`http` has to be an address that begins with http:// or https://',
      source.value(probe, 'http'),
    );
  }
  if (probe.body !== undefined && (probe.method === 'GET' || probe.method === 'HEAD')) {
    yield error('wrong-value', `a ${probe.method} request has no body`, source.key(probe, 'body'));
  }
  if (probe.tcp !== undefined) {
    const { host, port } = hostAndPort(probe.tcp);
    const good =
      host !== '' && (port.includes('${') || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535));
    if (!good)
      yield error('wrong-value', '`tcp` has to be host:port, the port from 1 to 65535', source.value(probe, 'tcp'));
  }
}

function* exactlyOne<T extends object>(
  map: T,
  keys: readonly (keyof T & string)[],
  { source, touched }: Where,
): Iterable<Problem> {
  const [first, ...more] = (Object.keys(map) as (keyof T & string)[]).filter((key) => keys.includes(key));
  if (first === undefined && !touched.has(map))
    yield error('missing-key', `one of ${keys.join(', ')} has to be here`, source.of(map));
  for (const key of more)
    yield error(
      'wrong-kind',
      `\`${key}\` can't stand beside \`${first}\`; one of ${keys.join(', ')}`,
      source.key(map, key),
    );
}

import type { Watched } from '../../live/system.ts';
import type { Scene } from '../scene.ts';
import { type Row, rowWidth, type Span, span } from '../spans.ts';
import { marks, styles } from '../theme.ts';
import { watchedLook } from './watched-look.ts';

/**
 * How the system does, in a few words: containers running and healthy, errors of the last minute; in as many words as
 * have room. Empty: nothing is watched.
 */
export function glanceRow(scene: Scene, width = Number.POSITIVE_INFINITY): Row {
  const errors = errorsGlance(scene);
  const joined = (parts: readonly Row[]): Row =>
    parts.flatMap((part, index) => (index === 0 ? part : [' · ', ...part]));
  const long = joined([...containersGlance(scene).map((part) => [part]), ...errors]);
  return rowWidth(long) <= width ? long : joined([...shortGlance(scene), ...errors]);
}

function shortGlance({ system }: Scene): readonly Row[] {
  if (system.status.kind === 'down') return [[span(marks.warning, styles.wary)]];
  if (system.status.kind !== 'up' || system.watched.length === 0) return [];
  const running = system.watched.filter((one) => one.state === 'running');
  const worst = (['unhealthy', 'starting', 'healthy'] as const).flatMap((health) => {
    const one = running.find((candidate) => candidate.health === health);
    return one === undefined ? [] : [watchedLook(one)];
  })[0];
  const count = span(
    `${running.length}/${system.watched.length}`,
    running.length === system.watched.length ? {} : styles.bad,
  );
  return [worst === undefined ? [count] : [count, ' ', span(worst.glyph, worst.style)]];
}

function containersGlance({ system }: Scene): readonly Span[] {
  switch (system.status.kind) {
    case 'none':
    case 'connecting':
      return [];
    case 'down':
      return [span(`${marks.warning} no containers`, styles.wary)];
    case 'up':
      return system.watched.length === 0 ? [span('0 containers', styles.wary)] : counts(system.watched);
    default:
      return system.status satisfies never;
  }
}

function counts(watched: readonly Watched[]): readonly Span[] {
  const running = watched.filter((one) => one.state === 'running');
  const of = (health: Watched['health']) => running.filter((one) => one.health === health).length;
  const isWhole = running.length === watched.length;
  const up = span(`${running.length}/${watched.length} running`, isWhole ? {} : styles.bad);
  if (of('unhealthy') > 0) return [up, span(`${of('unhealthy')} unhealthy`, styles.bad)];
  if (of('starting') > 0) return [up, span(`${of('starting')} starting`, styles.wary)];
  return of('healthy') === 0 ? [up] : [up, span('healthy', styles.good)];
}

function errorsGlance({ logs }: Scene): readonly Row[] {
  if (logs.alert === undefined) return [];
  const { lastMinute, isOver } = logs.alert;
  const style = isOver ? styles.bad : lastMinute > 0 ? styles.wary : {};
  return [[span(`${lastMinute.toLocaleString('en')} ${lastMinute === 1 ? 'error' : 'errors'}/min`, style)]];
}

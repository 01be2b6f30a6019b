import type { SystemSnapshot, Usage, UsageHistory, Watched } from '../../live/system.ts';
import { type Look, styles } from '../theme.ts';
import type { ContainerSort } from '../view-state.ts';

const FRESH_MS = 10_000;
const NEARLY_FULL = 0.9;
const SMOOTHED_MS = 10_000;
const MIB = 1024 * 1024;
const byName = new Intl.Collator('en', { numeric: true });

/** How a container stands, with what the operator has to know of it first. */
export function watchedLook(watched: Watched): Look {
  switch (watched.state) {
    case 'running':
      return runningLook(watched.health);
    case 'exited':
    case 'dead':
      return endedLook(watched);
    case 'restarting':
      return {
        glyph: '↻',
        style: styles.bad,
        word: watched.isOutOfMemory ? 'out of memory, restarting' : 'restarting',
      };
    case 'paused':
      return { glyph: '-', style: styles.wary, word: 'paused' };
    case 'created':
      return { glyph: '○', style: styles.quiet, word: 'created' };
    case 'removing':
      return { glyph: '…', style: styles.quiet, word: 'removing' };
    default:
      return watched.state satisfies never;
  }
}

/** Whether nothing is known to be wrong with it. */
export function isWell(watched: Watched): boolean {
  return watched.state === 'running' && (watched.health === undefined || watched.health === 'healthy');
}

/** What it uses now; undefined: it does not run, or that was not measured within the last seconds. */
export function usageNow(history: UsageHistory, watched: Watched, now: number): Usage | undefined {
  if (watched.state !== 'running') return undefined;
  const usage = history.latest(watched.key);
  if (usage === undefined || Math.abs(now - usage.at) > FRESH_MS) return undefined;
  // What the container before it used is not its own; an engine whose clock is ahead proves nothing.
  const { startedAt } = watched;
  return startedAt !== undefined && startedAt <= now && usage.at < startedAt ? undefined : usage;
}

/** Whether its memory comes close to its limit: the next that wants some may be killed for it. */
export function isNearlyFull({ memoryBytes, memoryLimitBytes }: Usage): boolean {
  return memoryLimitBytes !== undefined && memoryBytes >= memoryLimitBytes * NEARLY_FULL;
}

/** The rows in their order. What is sorted by is smoothed and rounded, so that rows don't jump at every measurement. */
export function ordered(system: SystemSnapshot, sort: ContainerSort, now: number): readonly Watched[] {
  const weight = ({ key }: Watched): number => {
    if (sort === 'name') return 0;
    const stretch = { fromAt: now - SMOOTHED_MS, toAt: now };
    const figure = sort === 'cpu' ? 'cpuPercent' : 'memoryBytes';
    const mean = system.history.mean(key, figure, stretch);
    return mean === undefined ? -1 : Math.round(mean.value / (sort === 'cpu' ? 1 : MIB));
  };
  const weights = new Map(system.watched.map((watched) => [watched.key, weight(watched)]));
  const weightOf = ({ key }: Watched): number => weights.get(key) ?? -1;
  return system.watched.toSorted(
    (a, b) => weightOf(b) - weightOf(a) || byName.compare(a.name, b.name) || byName.compare(a.key, b.key),
  );
}

function runningLook(health: Watched['health']): Look {
  switch (health) {
    case 'healthy':
      return { glyph: '✔', style: styles.good, word: 'healthy' };
    case 'unhealthy':
      return { glyph: '✖', style: styles.bad, word: 'unhealthy' };
    case 'starting':
      return { glyph: '○', style: styles.busy, word: 'starting' };
    case undefined:
      return { glyph: '●', style: styles.good, word: 'running' };
    default:
      return health satisfies never;
  }
}

function endedLook({ state, exitStatus, isOutOfMemory }: Watched): Look {
  const status = exitStatus === undefined ? '' : ` ${exitStatus}`;
  if (isOutOfMemory) return { glyph: '✖', style: styles.bad, word: 'out of memory' };
  if (state === 'dead') return { glyph: '✖', style: styles.bad, word: 'dead' };
  return { glyph: '■', style: exitStatus === 0 ? styles.quiet : styles.bad, word: `exited${status}` };
}

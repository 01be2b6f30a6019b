import type { SystemSnapshot, Usage, Watched } from '../../src/live/system.ts';
import { createUsageHistory, type RecordedUsage } from '../../src/live/usage-history.ts';

const MIB = 1024 * 1024;

/** When the fixtures' measuring began, and a time of day as UTC has it. */
export const measuringBegan = Date.UTC(2026, 10, 24, 22, 0, 0);
export const utcClock = (at: number): string => new Date(at).toISOString().slice(11, 19);

/** A container that runs and is healthy. */
export function aContainer(name: string, more: Partial<Watched> = {}): Watched {
  return {
    key: name,
    id: `id of ${name}`,
    name,
    state: 'running',
    health: 'healthy',
    restarts: 0,
    startedAt: measuringBegan - 3_600_000,
    image: `${name}:v2.1.16`,
    ...more,
  };
}

/** What a container does over time; absent figures are made from its CPU. */
export type Load = {
  readonly cpu: (second: number) => number;
  readonly mebibytes?: (second: number) => number;
  readonly limitMebibytes?: number;
  /** Seconds in which nobody measured, from and to. */
  readonly gaps?: readonly (readonly [number, number])[];
};

/** Measures every two seconds for that long. */
export function measure(history: RecordedUsage, loads: Readonly<Record<string, Load>>, seconds: number): void {
  for (let second = 2; second <= seconds; second += 2)
    for (const [key, load] of Object.entries(loads)) {
      if (load.gaps?.some(([from, to]) => second > from && second <= to)) continue;
      history.take(key, usageOf(load, second), key);
    }
}

/** A snapshot of containers that were measured for some seconds, and the time it is then. */
export function aSystem(
  watched: readonly Watched[],
  loads: Readonly<Record<string, Load>>,
  seconds: number,
  more: Partial<SystemSnapshot> = {},
): { readonly system: SystemSnapshot; readonly now: number } {
  const history = createUsageHistory();
  measure(history, loads, seconds);
  return {
    system: { status: { kind: 'up' }, kind: 'containers', watched, history, ...more },
    now: measuringBegan + seconds * 1000 + 500,
  };
}

function usageOf({ cpu, mebibytes, limitMebibytes }: Load, second: number): Usage {
  const cpuPercent = cpu(second);
  return {
    at: measuringBegan + second * 1000,
    cpuPercent,
    memoryBytes: (mebibytes?.(second) ?? 100 + cpuPercent) * MIB,
    ...(limitMebibytes === undefined ? {} : { memoryLimitBytes: limitMebibytes * MIB }),
    receivedBytes: second * 1200,
    sentBytes: second * 300,
    readBytes: 0,
    writtenBytes: second * 4096,
    pids: 5,
  };
}

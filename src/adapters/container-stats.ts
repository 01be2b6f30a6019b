import type { Usage } from '../live/system.ts';
import { jsonAt, numberAt, textAt } from './json-at.ts';

/** What of a container's CPU is compared with the next reading. */
export type CpuReading = {
  /** CPU time since the container started. */
  readonly usedNs: number;
  /** CPU time of the whole machine, idle time included; absent: the engine does not tell. */
  readonly systemNs?: number;
  readonly cores: number;
  /** By the engine's clock: milliseconds since the epoch. */
  readonly readAt: number;
};

/** One answer of the engine: what it says alone, and what says something beside another one. */
export type StatsReading = { readonly usage: Usage; readonly cpu: CpuReading };

/**
 * Reads the engine's answer to `/containers/<id>/stats`. Pure.
 *
 * @param at by the clock here, in milliseconds since the epoch.
 * @returns undefined where the container does not run.
 */
export function readStats(stats: unknown, at: number): StatsReading | undefined {
  const readAt = Date.parse(textAt(stats, 'read'));
  const usedNs = numberAt(stats, 'cpu_stats', 'cpu_usage', 'total_usage');
  const bytes = numberAt(stats, 'memory_stats', 'usage');
  if (!(readAt > 0) || usedNs === undefined || bytes === undefined) return undefined;
  const systemNs = numberAt(stats, 'cpu_stats', 'system_cpu_usage');
  const limit = numberAt(stats, 'memory_stats', 'limit');
  const pids = numberAt(stats, 'pids_stats', 'current');
  return {
    usage: {
      at,
      memoryBytes: bytes - droppableBytes(jsonAt(stats, 'memory_stats', 'stats'), bytes),
      ...(limit !== undefined && { memoryLimitBytes: limit }),
      ...networkOf(jsonAt(stats, 'networks')),
      ...blockOf(jsonAt(stats, 'blkio_stats', 'io_service_bytes_recursive')),
      ...(pids !== undefined && { pids }),
    },
    cpu: { usedNs, ...(systemNs !== undefined && { systemNs }), cores: coresIn(stats), readAt },
  };
}

/**
 * CPU between two readings: 100 is one core. As `docker stats` reckons, against the time that the whole machine had, so
 * that both say the same. Pure.
 *
 * @returns undefined where it can't be told: no time has passed, or the container started anew in between.
 */
export function cpuPercent(now: CpuReading, before: CpuReading): number | undefined {
  const usedNs = now.usedNs - before.usedNs;
  const systemNs = (now.systemNs ?? 0) - (before.systemNs ?? 0);
  const passedNs = (now.readAt - before.readAt) * 1e6;
  if (usedNs < 0 || passedNs <= 0) return undefined;
  if (before.systemNs !== undefined && systemNs > 0) return (usedNs / systemNs) * now.cores * 100;
  return (usedNs / passedNs) * 100;
}

/** What the kernel drops at once when memory is wanted: `total_inactive_file` of cgroup v1, `inactive_file` of v2. */
function droppableBytes(stats: unknown, usedBytes: number): number {
  const candidates = [numberAt(stats, 'total_inactive_file'), numberAt(stats, 'inactive_file')];
  return candidates.find((bytes) => bytes !== undefined && bytes < usedBytes) ?? 0;
}

function coresIn(stats: unknown): number {
  const online = numberAt(stats, 'cpu_stats', 'online_cpus') ?? 0;
  if (online > 0) return online;
  const each = jsonAt(stats, 'cpu_stats', 'cpu_usage', 'percpu_usage');
  return Array.isArray(each) && each.length > 0 ? each.length : 1;
}

/** Absent where the container has no network of its own. */
function networkOf(networks: unknown): Pick<Usage, 'receivedBytes' | 'sentBytes'> {
  if (typeof networks !== 'object' || networks === null) return {};
  const sum = (name: string) =>
    Object.values(networks).reduce((total: number, one) => total + (numberAt(one, name) ?? 0), 0);
  return { receivedBytes: sum('rx_bytes'), sentBytes: sum('tx_bytes') };
}

function blockOf(entries: unknown): Pick<Usage, 'readBytes' | 'writtenBytes'> {
  if (!Array.isArray(entries)) return {};
  const sum = (op: string) =>
    entries.reduce<number>((total, entry) => {
      const isMeant = textAt(entry, 'op').toLowerCase() === op;
      return total + (isMeant ? (numberAt(entry, 'value') ?? 0) : 0);
    }, 0);
  return { readBytes: sum('read'), writtenBytes: sum('write') };
}

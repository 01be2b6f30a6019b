import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMs } from '../bench/process-cost.ts';

/** What a process held at one moment. */
export type Sample = {
  readonly atMs: number;
  readonly residentMb: number;
  /** Absent: not told yet. */
  readonly heapMb?: number;
  readonly descriptors: number;
  readonly threads: number;
  readonly cpuMs: number;
};

/** Reads it from /proc; undefined: the process is gone. */
export function sampleOf(pid: number, heapFolder: string): Sample | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const figure = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? Number.NaN);
    const heapMb = heapOf(join(heapFolder, String(pid)));
    return {
      atMs: performance.now(),
      residentMb: figure('VmRSS') / 1024,
      ...(heapMb === undefined ? {} : { heapMb }),
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      threads: figure('Threads'),
      cpuMs: cpuMs(pid),
    };
  } catch {
    return undefined;
  }
}

function heapOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'utf8')) / 1024 ** 2;
  } catch {
    return undefined;
  }
}

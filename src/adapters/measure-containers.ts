import type { Usage } from '../live/system.ts';
import { type CpuReading, cpuPercent, readStats } from './container-stats.ts';
import type { DockerApi } from './docker-api.ts';
import { getJsonWithin } from './get-json-within.ts';
import { pause } from './pause.ts';

/** A container to be asked, and under which key its figures are told. */
export type Measured = {
  readonly key: string;
  readonly id: string;
  /** Milliseconds since the epoch, by the engine's clock. */
  readonly startedAt?: number;
};

/** Asks the engine what containers use. */
export type Measuring = {
  /** Resolves when all have answered, or after `withinMs` with those that have; late answers come the next time. */
  readonly round: (containers: readonly Measured[], withinMs: number) => Promise<ReadonlyMap<string, Usage>>;
};

const SLOW_MS = 4_000;
/** A container that runs for so long at most is measured against its start: one that replaces another shows no gap. */
const YOUNG_MS = 5_000;

/**
 * Containers that do not answer are asked one at a time from then on, so that the others have a connection left.
 *
 * @param troubled called when the engine did not answer for a container as it should.
 * @param signal ends what is being asked.
 */
export function createMeasuring({
  api,
  signal,
  troubled,
}: {
  readonly api: DockerApi;
  readonly signal: AbortSignal;
  readonly troubled: () => void;
}): Measuring {
  let before = new Map<string, CpuReading>();
  let ids: ReadonlySet<string> = new Set();
  const asked = new Set<string>();
  const slow = new Set<string>();
  let found = new Map<string, Usage>();

  const ask = async ({ key, id, startedAt }: Measured): Promise<void> => {
    const path = `/containers/${id}/stats?stream=false&one-shot=true`;
    const answer = await getJsonWithin({ api, path, withinMs: SLOW_MS, signal });
    asked.delete(id);
    slow.delete(id);
    const isRefused = answer.kind === 'failed' && answer.failure.kind === 'refused';
    if (answer.kind !== 'answered' && !isRefused) {
      // To the end of the line.
      slow.add(id);
      troubled();
    }
    const reading = answer.kind === 'answered' ? readStats(answer.value, Date.now()) : undefined;
    if (reading === undefined || !ids.has(id)) return;
    const percent =
      percentSince(before.get(id), reading.cpu) ?? percentSince(startOf(reading.cpu, startedAt), reading.cpu);
    before.set(id, reading.cpu);
    found.set(key, { ...reading.usage, ...(percent !== undefined && { cpuPercent: percent }) });
  };
  const askAll = async (line: Measured[]): Promise<void> => {
    for (let next = line.shift(); next !== undefined; next = line.shift()) await ask(next);
  };

  return {
    async round(containers, withinMs) {
      ids = new Set(containers.map(({ id }) => id));
      before = new Map([...before].filter(([id]) => ids.has(id)));
      for (const id of slow) if (!ids.has(id)) slow.delete(id);
      const free = containers.filter(({ id }) => !asked.has(id) && !slow.has(id));
      const isSlowAsked = [...slow].some((id) => asked.has(id));
      const [first] = isSlowAsked ? [] : slow;
      const suspect = containers.filter(({ id }) => id === first);
      for (const { id } of [...free, ...suspect]) asked.add(id);
      const lines = Array.from({ length: api.atOnce() }, () => askAll(free));
      const over = new AbortController();
      const late = pause(withinMs, AbortSignal.any([signal, over.signal]));
      await Promise.race([Promise.all([...lines, askAll(suspect)]), late]);
      over.abort();
      const usage = found;
      found = new Map();
      return usage;
    },
  };
}

function percentSince(before: CpuReading | undefined, now: CpuReading): number | undefined {
  return before === undefined ? undefined : cpuPercent(now, before);
}

function startOf({ readAt, cores }: CpuReading, startedAt: number | undefined): CpuReading | undefined {
  const isYoung = startedAt !== undefined && readAt - startedAt <= YOUNG_MS;
  return isYoung ? { usedNs: 0, cores, readAt: startedAt } : undefined;
}

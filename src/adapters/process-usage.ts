import type { Feed, Usage, UsageNews, Watched } from '../live/system.ts';
import type { CommandRecord } from '../runner/spec.ts';
import { readAttemptFile } from './attempt-files.ts';
import { pause } from './pause.ts';
import { placeOf, processStartTime } from './process-identity.ts';
import { type ProcessRow, processesOf } from './process-table.ts';
import { cpuTimeOf, readProcesses } from './read-processes.ts';

/** An attempt whose processes are measured while it runs. */
export type MeasuredAttempt = { readonly number: number; readonly title: string; readonly folder: string };

export type ProcessesInput = {
  /** Those that run now; asked before each round. */
  readonly attempts: () => readonly MeasuredAttempt[];
  readonly everyMs: number;
  /** Gets no status: whether processes are what is wanted is the caller's to know. */
  readonly tell: (news: UsageNews) => void;
};

/** A command that has just begun is measured against its start. */
const YOUNG_MS = 5_000;

/** Tells the processes that attempts started, and what they use; begins after it has returned. */
export function watchProcesses({ attempts, everyMs, tell }: ProcessesInput): Feed {
  const closing = new AbortController();
  const { signal } = closing;
  const commands = createCommands();
  let before = new Map<string, Reading>();
  let told: string | undefined;

  const round = async (): Promise<void> => {
    const running = await commands.of(attempts());
    const table = running.length === 0 ? [] : await readProcesses(signal);
    if (signal.aborted) return;
    // By that it is seen that the figures are no longer of now.
    if (table === undefined) return tell({ kind: 'usage', usage: new Map() });
    const found = await Promise.all(running.map((command) => measure(command, table)));
    if (signal.aborted) return;
    const there = found.filter((one) => one !== undefined);
    const watched = there.map((one) => one.watched);
    const text = JSON.stringify(watched);
    if (text !== told) {
      told = text;
      tell({ kind: 'list', watched });
    }
    const usage = new Map(there.map((one) => [one.watched.key, usageOf(one, before.get(one.watched.key))]));
    before = new Map(there.map((one) => [one.watched.key, one.reading]));
    if (usage.size > 0) tell({ kind: 'usage', usage });
  };
  const goOn = async () => {
    while (!signal.aborted) {
      const due = performance.now() + everyMs;
      await round();
      await pause(due - performance.now(), signal);
    }
  };
  queueMicrotask(() => void goOn());
  return { close: () => closing.abort() };
}

type Command = { readonly attempt: MeasuredAttempt; readonly record: CommandRecord };
type Reading = { readonly cpuMs: number; readonly atMs: number };
type Found = {
  readonly watched: Watched;
  readonly reading: Reading;
  readonly processes: readonly ProcessRow[];
  /** How long ago the command began. */
  readonly ageMs: number;
};

async function measure({ attempt, record }: Command, table: readonly ProcessRow[]): Promise<Found | undefined> {
  const processes = processesOf(record.process.pid, table);
  if (processes.length === 0) return undefined;
  const cpuMs = await cpuTimeOf(processes);
  return {
    watched: {
      key: `attempt-${attempt.number}`,
      id: String(record.process.pid),
      name: attempt.title,
      state: 'running',
      restarts: 0,
      startedAt: record.at,
    },
    reading: { cpuMs, atMs: performance.now() },
    processes,
    ageMs: Date.now() - record.at,
  };
}

function usageOf({ reading, processes, ageMs }: Found, before: Reading | undefined): Usage {
  const isYoung = ageMs > 0 && ageMs <= YOUNG_MS;
  const since = before ?? (isYoung ? { cpuMs: 0, atMs: reading.atMs - ageMs } : undefined);
  const usedMs = since === undefined ? -1 : reading.cpuMs - since.cpuMs;
  const passedMs = since === undefined ? 0 : reading.atMs - since.atMs;
  return {
    at: Date.now(),
    // Less than before: what was used by a process that has ended is nowhere to be found.
    ...(usedMs >= 0 && passedMs > 0 && { cpuPercent: (usedMs / passedMs) * 100 }),
    memoryBytes: processes.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    pids: processes.length,
  };
}

/** Commands of attempts as their runners wrote them down, each read and proven to be the very process once. */
function createCommands() {
  let known = new Map<string, CommandRecord>();
  return {
    async of(attempts: readonly MeasuredAttempt[]): Promise<readonly Command[]> {
      const found = await Promise.all(
        attempts.map(async (attempt) => {
          const record = known.get(attempt.folder) ?? (await readCommand(attempt.folder));
          return record === undefined ? [] : [{ attempt, record }];
        }),
      );
      known = new Map(found.flat().map(({ attempt, record }) => [attempt.folder, record]));
      return found.flat();
    },
  };
}

/** Undefined: not written yet, or its process id is somebody else's by now. */
async function readCommand(folder: string): Promise<CommandRecord | undefined> {
  try {
    const record = await readAttemptFile(folder, 'command');
    if (record === undefined) return undefined;
    const { pid, startTime } = record.process;
    if ((await placeOf(record.process)) !== 'here') return undefined;
    const now = await processStartTime(pid);
    // Where the command itself has ended, what is left of its group keeps the number from being given away.
    return now === undefined || now === startTime ? record : undefined;
  } catch {
    return undefined; // A file that can't be read is told where the attempt is watched.
  }
}

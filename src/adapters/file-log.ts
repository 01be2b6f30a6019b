import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import type { Clock } from '../engine/ports.ts';
import type { LineBudget } from '../live/line-budget.ts';
import type { LogNews, LogStart } from '../live/log-line.ts';
import { datedLines } from './dated-lines.ts';
import { messageOf } from './file-fault.ts';
import {
  closeFile,
  endReading,
  type FileLines,
  type FileReading,
  lastLinesOf,
  openReading,
  readOn,
} from './file-reading.ts';

/** A path whose lines are followed, whatever file it leads to. */
export type FileLog = {
  /** Reads what there is more; resolves to whether there was anything. Never rejects; only one at a time. */
  readonly tick: () => Promise<boolean>;
  /** Whether a file is there, or one that was there is still read. */
  readonly isThere: () => boolean;
  /** Never rejects. */
  readonly close: () => Promise<void>;
};

type Input = {
  readonly path: string;
  /** Where a file begins that was there before following began; another is read from its beginning. */
  readonly start: LogStart;
  /** What the first tick finds was there before following began. */
  readonly isThereBefore: boolean;
  readonly budget: LineBudget;
  readonly tell: (news: LogNews) => void;
  readonly clock: Clock;
};

type State = Input & {
  current: FileReading | undefined;
  /** Files that had this path before: who writes to one goes on until they open the new one. */
  before: { readonly reading: FileReading; quietSince: number }[];
  isFirst: boolean;
  trouble: string | undefined;
};

/** How long a file that was rotated away is still read after its last line. */
const QUIET_MS = 5_000;
/** So much of the end is looked through for the lines since a time. */
const SINCE_LINES = 20_000;

/** Begins with the first tick. */
export function followFile(input: Input): FileLog {
  const isFirst = input.isThereBefore;
  const state: State = { ...input, current: undefined, before: [], isFirst, trouble: undefined };
  return {
    tick: async () => {
      try {
        const isBusy = await tick(state);
        say(state, undefined);
        return isBusy;
      } catch (error) {
        say(state, messageOf(error, state.path));
        return false;
      } finally {
        state.isFirst = false;
      }
    },
    isThere: () => state.current !== undefined || state.before.length > 0 || state.trouble !== undefined,
    close: async () => {
      const current = state.current === undefined ? [] : [state.current];
      const all = [...current, ...state.before.map(({ reading }) => reading)];
      Object.assign(state, { current: undefined, before: [] });
      await Promise.all(all.map(({ handle }) => closeFile(handle)));
    },
  };
}

async function tick(state: State): Promise<boolean> {
  const found = await fileAt(state.path);
  const { current } = state;
  if (current !== undefined && (found === undefined || `${found.dev}:${found.ino}` !== current.identity)) {
    state.before.push({ reading: current, quietSince: state.clock.now() });
    state.current = undefined;
  }
  const wasBusy = await readBefore(state);
  if (found === undefined) return wasBusy;
  state.current ??= await begin(state);
  if (state.current === undefined) return wasBusy;
  return (await readMore(state, state.current)) || wasBusy;
}

async function readBefore(state: State): Promise<boolean> {
  let isBusy = false;
  for (const old of state.before.slice()) {
    if (await readMore(state, old.reading)) {
      old.quietSince = state.clock.now();
      isBusy = true;
    } else if (state.clock.now() - old.quietSince > QUIET_MS) {
      endReading(old.reading, (lines) => pass(state, old.reading, lines));
      state.before = state.before.filter((one) => one !== old);
      await closeFile(old.reading.handle);
    }
  }
  return isBusy;
}

async function begin(state: State): Promise<FileReading | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(state.path, 'r');
  } catch (error) {
    // It went away in between: the next tick sees that.
    if (messageOf(error, state.path) === undefined) return undefined;
    throw error;
  }
  try {
    return await openReading(handle, (size) => beginAt(state, handle, size), state.isFirst);
  } catch (error) {
    await closeFile(handle);
    throw error;
  }
}

async function beginAt({ isFirst, start }: State, handle: FileHandle, size: number): Promise<number> {
  if (!isFirst) return 0;
  if (start.kind === 'since' && (await handle.stat()).mtimeMs < start.at) return size;
  return await lastLinesOf(handle, size, start.kind === 'tail' ? start.lines : SINCE_LINES);
}

function readMore(state: State, reading: FileReading): Promise<boolean> {
  return readOn(
    reading,
    // One at the least of what is read at once: a flood may end with the line that says why.
    () => Math.max(1, state.budget.allowance(state.path)),
    (found) => pass(state, reading, found),
  );
}

function pass({ path, start, tell, budget, clock }: State, reading: FileReading, found: FileLines): void {
  const now = clock.now();
  const lines = datedLines(found.lines, {
    source: path,
    now,
    ...(found.isOld && { old: reading }),
    ...(found.isOld && start.kind === 'since' && { since: start.at }),
  });
  if (found.leftOut > 0) tell({ kind: 'left out', source: path, at: lines[0]?.at ?? now, lines: found.leftOut });
  if (lines.length > 0) tell({ kind: 'lines', lines });
  budget.spend(path, lines.length);
}

/** Undefined: there is none, or it is no file that has lines. */
async function fileAt(path: string): Promise<Stats | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found : undefined;
  } catch (error) {
    if (messageOf(error, path) === undefined) return undefined;
    throw error;
  }
}

function say(state: State, trouble: string | undefined): void {
  if (state.trouble === trouble) return;
  state.trouble = trouble;
  state.tell({ kind: 'trouble', source: state.path, trouble });
}

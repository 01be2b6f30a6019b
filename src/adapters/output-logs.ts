import type { Clock } from '../engine/ports.ts';
import { cleanLine } from '../live/clean-line.ts';
import type { LineBudget } from '../live/line-budget.ts';
import { createLineSplitter, type LineSplitter } from '../live/line-splitter.ts';
import type { LogNews, LogSource, LogStart } from '../live/log-line.ts';
import type { Feed } from '../live/system.ts';
import { messageOf } from './file-fault.ts';
import { lastLinesFrom } from './last-lines-from.ts';
import { openOutput, type RecordedOutput } from './output-reader.ts';
import { createPolling } from './polling.ts';
import { systemClock } from './system-clock.ts';

/** A running service whose output is followed. */
export type FollowedOutput = { readonly number: number; readonly title: string; readonly folder: string };

type Input = {
  /** Those that run now. */
  readonly outputs: () => readonly FollowedOutput[];
  /** Where the output of those begins that run at first; a time says nothing of it. Absent: with their last 100 lines. Others are read from their beginning. */
  readonly start?: LogStart;
  readonly budget: LineBudget;
  readonly tell: (news: LogNews) => void;
  readonly clock?: Clock;
};

type Follow = {
  readonly source: LogSource;
  readonly output: RecordedOutput;
  readonly splitter: LineSplitter;
  /** Undefined: it begins with the next reading. */
  offset: number | undefined;
  /** Bytes up to here were there before following began. */
  oldTo: number;
  readonly isThereBefore: boolean;
  trouble: string | undefined;
};

type State = Input & { readonly clock: Clock; readonly follows: Map<number, Follow>; isFirst: boolean };

const TAIL = 100;
const MOST_LINES = 20_000;
const READ_BYTES = 256 * 1024;
const MOST_BEHIND_BYTES = 4 * 1024 * 1024;
const NEAR_END_BYTES = 512 * 1024;
const NUL = 0;

/** Follows what running services print; one that ended is read to its end. Its lines have the time at which they were read. */
export function followOutputLogs(input: Input): Feed & { readonly refresh: () => void } {
  const { clock = systemClock } = input;
  const state: State = { ...input, clock, follows: new Map(), isFirst: true };
  const polling = createPolling({
    clock,
    poll: async () => {
      const running = new Set(state.outputs().map(({ number }) => number));
      begin(state);
      let isBusy = false;
      for (const [number, follow] of state.follows) {
        isBusy = (await readOn(state, follow)) || isBusy;
        if (!running.has(number)) end(state, number, follow);
      }
      return isBusy;
    },
    closed: () => Promise.resolve(),
  });
  return { close: polling.close, refresh: polling.soon };
}

function begin(state: State): void {
  const before = state.follows.size;
  for (const { number, title, folder } of state.outputs()) {
    if (state.follows.has(number)) continue;
    state.follows.set(number, {
      source: { key: `attempt-${number}`, kind: 'service output', name: cleanLine(title) },
      output: openOutput(folder),
      splitter: createLineSplitter(),
      offset: undefined,
      oldTo: 0,
      isThereBefore: state.isFirst,
      trouble: undefined,
    });
  }
  state.isFirst = false;
  if (state.follows.size > before) tellSources(state);
}

function end(state: State, number: number, follow: Follow): void {
  const rest = follow.splitter.end();
  if (rest !== undefined) pass(state, follow, { lines: [rest], leftOut: 0, isOld: false });
  state.follows.delete(number);
  tellSources(state);
}

function tellSources({ follows, tell }: State): void {
  tell({ kind: 'sources', sources: Array.from(follows.values(), ({ source }) => source) });
}

async function readOn(state: State, follow: Follow): Promise<boolean> {
  try {
    const isBusy = await readMore(state, follow);
    say(state, follow, undefined);
    return isBusy;
  } catch (error) {
    say(state, follow, messageOf(error, 'The output of a service'));
    return false;
  }
}

async function readMore(state: State, follow: Follow): Promise<boolean> {
  const { output, splitter } = follow;
  const size = await output.size();
  const from = follow.offset ?? (await placeIn(state, follow, size));
  follow.offset = from;
  if (size - from > MOST_BEHIND_BYTES) {
    follow.offset = size - NEAR_END_BYTES;
    splitter.skipLine();
    pass(state, follow, { lines: [], leftOut: 1, isOld: false });
  }
  for (let at = follow.offset; at < size; at = follow.offset) {
    const bytes = await output.read(at, Math.min(READ_BYTES, size - at));
    if (bytes.length === 0) break;
    const cut = bytes[0] === NUL ? (await output.cuts()).find(({ from, to }) => at >= from && at < to) : undefined;
    follow.offset = cut === undefined ? at + bytes.length : Math.min(cut.to, size);
    if (cut !== undefined) continue;
    const isOld = at < follow.oldTo;
    // One at the least of what is read at once: a flood may end with the line that says why.
    pass(state, follow, { ...splitter.push(bytes, Math.max(1, state.budget.allowance(follow.source.key))), isOld });
  }
  return follow.offset > from;
}

async function placeIn({ start }: State, follow: Follow, size: number): Promise<number> {
  if (!follow.isThereBefore) return 0;
  follow.oldTo = size;
  const lines = start?.kind === 'tail' ? start.lines : start?.kind === 'all' ? MOST_LINES : TAIL;
  return await lastLinesFrom(follow.output, { size, lines, mostBytes: MOST_BEHIND_BYTES });
}

function pass(
  { tell, budget, clock }: State,
  { source: { key } }: Follow,
  found: { readonly lines: readonly string[]; readonly leftOut: number; readonly isOld: boolean },
): void {
  const at = clock.now();
  if (found.leftOut > 0) tell({ kind: 'left out', source: key, at, lines: found.leftOut });
  if (found.lines.length === 0) return;
  const age = found.isOld ? ({ isUndated: true } as const) : {};
  tell({ kind: 'lines', lines: found.lines.map((line) => ({ source: key, at, text: cleanLine(line), ...age })) });
  budget.spend(key, found.lines.length);
}

function say({ tell }: State, follow: Follow, trouble: string | undefined): void {
  if (follow.trouble === trouble) return;
  follow.trouble = trouble;
  tell({ kind: 'trouble', source: follow.source.key, trouble });
}

import { cleanLine } from '../live/clean-line.ts';
import type { LineBudget } from '../live/line-budget.ts';
import { createLineSplitter, type LineSplitter } from '../live/line-splitter.ts';
import type { LogNews } from '../live/log-line.ts';
import { type EngineTime, laterOf, readStamp, timeMs } from './engine-time.ts';
import { createFrameReader, type FrameRun } from './log-frames.ts';

/** Makes lines of one answer of the engine to the question for a container's logs, with stamps. */
export type ContainerLines = {
  /** Gives how many lines there were, those left out included. */
  readonly push: (bytes: Uint8Array) => number;
  /** The answer came to its end: what stands there without a newline is a line too. */
  readonly end: () => void;
};

type Input = {
  /** The source that the lines belong to. */
  readonly source: string;
  readonly budget: LineBudget;
  readonly tell: (news: LogNews) => void;
  /** Told the latest stamp that was read, of lines that were left out too. */
  readonly read: (time: EngineTime) => void;
  /** For lines without a stamp; milliseconds since the epoch. */
  readonly now: () => number;
  /** How far the clock that stamps the lines is ahead of ours; their times are told in ours. */
  readonly aheadMs: () => number;
};

const NEWLINE = 0x0a;

/** Makes a reader for an answer from its beginning. */
export function createContainerLines(input: Input): ContainerLines {
  const frames = createFrameReader();
  const splitters = new Map<number, LineSplitter>();
  const splitterOf = (stream: number) => {
    const splitter = splitters.get(stream) ?? createLineSplitter();
    splitters.set(stream, splitter);
    return splitter;
  };
  return {
    push(bytes) {
      const allowance = input.budget.allowance(input.source);
      const lines: string[] = [];
      let leftOut = 0;
      for (const { stream, bytes: piece, maxLines } of shared(frames.push(bytes), allowance)) {
        const split = splitterOf(stream).push(piece, maxLines);
        leftOut += split.leftOut;
        for (const line of split.lines) lines.push(line);
      }
      pass(input, lines, { leftOut, allowance });
      return lines.length + leftOut;
    },
    end() {
      const lines = Array.from(splitters.values(), (splitter) => splitter.end()).filter((line) => line !== undefined);
      pass(input, lines, { leftOut: 0, allowance: lines.length });
    },
  };
}

/** Shares what may be passed on among pieces so that the last lines of all are; each gets one, for its stamp. */
function shared(runs: readonly FrameRun[], allowance: number): readonly (FrameRun & { readonly maxLines: number })[] {
  let left = allowance;
  return runs
    .toReversed()
    .map((run) => {
      const maxLines = Math.max(1, left);
      if (runs.length > 1) left -= newlinesIn(run.bytes);
      return { ...run, maxLines };
    })
    .reverse();
}

function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function pass(
  { source, budget, tell, read, now, aheadMs }: Input,
  split: readonly string[],
  { leftOut, allowance }: { readonly leftOut: number; readonly allowance: number },
): void {
  if (split.length + leftOut === 0) return;
  let latest: EngineTime | undefined;
  const ahead = aheadMs();
  const lines = split.map((line) => {
    const stamped = readStamp(line);
    if (stamped === undefined) return { source, at: now(), text: cleanLine(line) };
    latest = laterOf(latest, stamped.time);
    return { source, at: timeMs(stamped.time) - ahead, text: cleanLine(stamped.text) };
  });
  if (latest !== undefined) read(latest);
  const kept = allowance >= lines.length ? lines : lines.slice(lines.length - allowance);
  const missing = leftOut + lines.length - kept.length;
  const at = lines[0]?.at ?? now();
  const last = kept.length === 0 ? lines.at(-1) : undefined;
  if (missing > 0) tell({ kind: 'left out', source, at, lines: missing, ...(last && { last }) });
  if (kept.length > 0) tell({ kind: 'lines', lines: kept });
  budget.spend(source, kept.length);
}

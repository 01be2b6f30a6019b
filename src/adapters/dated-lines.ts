import { cleanLine } from '../live/clean-line.ts';
import { timeInLine } from '../live/line-time.ts';
import type { LogLine } from '../live/log-line.ts';

/** How lines that came together are dated. */
export type Dating = {
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The lines were there before following began: when their file was last written. Absent: they have just come. */
  readonly writtenBefore?: number;
  /** Leaves out earlier lines. */
  readonly since?: number;
};

/** A time that a new line says is believed if it is that near; clocks, and zones that are not said, may be wrong. */
const BELIEVED_MS = 10_000;

/** Makes clean lines, each with the time it says, else that of the line before, else when it was read. Pure. */
export function datedLines(lines: readonly string[], dating: Dating): readonly LogLine[] {
  const { source, now, writtenBefore, since = Number.NEGATIVE_INFINITY } = dating;
  const cleaned = lines.map(cleanLine);
  const times = cleaned.map(timeInLine);
  if (writtenBefore === undefined) {
    let last: number | undefined;
    return cleaned.map((text, place) => {
      const said = times[place];
      if (said !== undefined) last = Math.abs(said - now) <= BELIEVED_MS ? said : undefined;
      return { source, at: last ?? now, text };
    });
  }
  const undated = { at: Math.min(writtenBefore, now), isUndated: true } as const;
  const first = times.find((time) => time !== undefined);
  // What stands before the first line that says its time is older than that.
  let last = first;
  return cleaned.flatMap((text, place): readonly LogLine[] => {
    last = times[place] ?? last;
    if ((last ?? writtenBefore) < since) return [];
    return [last === undefined ? { source, text, ...undated } : { source, text, at: Math.min(last, now) }];
  });
}

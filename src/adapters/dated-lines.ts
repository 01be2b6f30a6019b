import { cleanLine } from '../live/clean-line.ts';
import { type LineTime, timeInLine } from '../live/line-time.ts';
import type { LogLine } from '../live/log-line.ts';
import { aheadMs, shifted, type ZoneShift, zoneShift } from '../live/zone-shift.ts';

/** How lines that came together are dated. */
export type Dating = {
  readonly source: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The lines were there before following began. Absent: they have just come. */
  readonly old?: OldLines;
  /** Leaves out earlier ones of old lines. */
  readonly since?: number;
};

/** What is known of lines that were there before. */
export type OldLines = {
  /** When their file was last written: none of them is later. */
  readonly writtenBefore: number;
  readonly zoneShift: ZoneShift;
};

/** A time that a new line says is believed if it is that near. */
const BELIEVED_MS = 10_000;

/** Makes clean lines, each with the time it says, else that of the line before, else when it was read. Pure. */
export function datedLines(lines: readonly string[], dating: Dating): readonly LogLine[] {
  const cleaned = lines.map(cleanLine);
  const said = cleaned.map(timeInLine);
  return dating.old === undefined ? newLines(cleaned, said, dating) : oldLines(cleaned, said, dating, dating.old);
}

type Said = readonly (LineTime | undefined)[];

function newLines(texts: readonly string[], said: Said, { source, now }: Dating): readonly LogLine[] {
  let last: number | undefined;
  return texts.map((text, place) => {
    const time = said[place];
    if (time !== undefined) {
      const meant = shifted(time, zoneShift(time, now));
      last = meant !== undefined && Math.abs(meant - now) <= BELIEVED_MS ? meant : undefined;
    }
    return { source, at: last ?? now, text };
  });
}

function oldLines(
  texts: readonly string[],
  said: Said,
  { source, now, since = Number.NEGATIVE_INFINITY }: Dating,
  old: OldLines,
): readonly LogLine[] {
  const undated = { at: Math.min(old.writtenBefore, now), isUndated: true } as const;
  const times = said.map((time) => {
    const meant = time && shifted(time, old.zoneShift);
    return meant !== undefined && meant <= old.writtenBefore + aheadMs ? meant : undefined;
  });
  // What stands before the first line that says its time is older than that.
  let last = times.find((time) => time !== undefined);
  return texts.flatMap((text, place): readonly LogLine[] => {
    if (said[place] !== undefined) last = times[place];
    if ((last ?? old.writtenBefore) < since) return [];
    return [last === undefined ? { source, text, ...undated } : { source, text, at: Math.min(last, now) }];
  });
}

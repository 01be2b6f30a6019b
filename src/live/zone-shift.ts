import type { LineTime } from './line-time.ts';

/** What is to be added to times without a zone, in milliseconds; `unknown`: they are in some other zone than the operator's. */
export type ZoneShift = number | 'unknown';

/** A time that a line says may be that much later than when it was written; clocks differ. */
export const aheadMs = 10_000;

/** What is written late was buffered for no longer. */
const BEHIND_MS = 60_000;
/** All zones that there are, or were, differ by a multiple of it. */
const ZONES_DIFFER_BY_MS = 15 * 60_000;
const FURTHEST_ZONES_MS = 26 * 3_600_000;

/** How far a time without a zone is off where the line was written at `writtenAt`, or shortly before it. */
export function zoneShift(said: LineTime | undefined, writtenAt: number): ZoneShift {
  if (said === undefined || said.hasZone) return 0;
  const shift = nearestShift(said.at, writtenAt);
  if (shift !== undefined) return shift;
  // A line may be older than what follows it without a time, but not newer.
  return said.at > writtenAt + aheadMs ? 'unknown' : 0;
}

/** The time meant, given how far times without a zone are off; undefined: nobody knows. */
export function shifted({ at, hasZone }: LineTime, shift: ZoneShift): number | undefined {
  if (hasZone) return at;
  return shift === 'unknown' ? undefined : at + shift;
}

function nearestShift(saidAt: number, writtenAt: number): number | undefined {
  const shift = Math.round((writtenAt - saidAt) / ZONES_DIFFER_BY_MS) * ZONES_DIFFER_BY_MS;
  const behindMs = writtenAt - (saidAt + shift);
  const isNear = behindMs >= -aheadMs && behindMs <= BEHIND_MS && Math.abs(shift) <= FURTHEST_ZONES_MS;
  return isNear ? shift : undefined;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shifted, zoneShift } from '../../src/live/zone-shift.ts';

const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 24, 10);

test.each([
  ['just written', -1_000, 0],
  ['of a zone an hour behind', -HOUR - 2_000, HOUR],
  ['of a zone eight hours ahead', 8 * HOUR - 5_000, -8 * HOUR],
  ['of a zone that is no whole hour off', 5.75 * HOUR, -5.75 * HOUR],
  ['written late', -HOUR - 50_000, HOUR],
  ['older than what follows it without a time', -7 * 60_000, 0],
  ['older by no zone there is', -30 * HOUR, 0],
  ['from the future, by no zone there is', 7 * 60_000, 'unknown'],
])('a time %s', (_what, off, shift) => {
  expect(zoneShift({ at: now + off, hasZone: false }, now)).toBe(shift);
});

test('a time with a zone is never shifted', () => {
  expect(zoneShift({ at: now + HOUR, hasZone: true }, now)).toBe(0);
  expect(shifted({ at: now, hasZone: true }, HOUR)).toBe(now);
  expect(shifted({ at: now, hasZone: true }, 'unknown')).toBe(now);
});

test('no time that was shifted is later than it was written, nor unknown times believed', () => {
  fc.assert(
    fc.property(fc.integer({ min: -40 * HOUR, max: 40 * HOUR }), (off) => {
      const time = { at: now + off, hasZone: false };
      expect(shifted(time, zoneShift(time, now)) ?? now).toBeLessThanOrEqual(now + 10_000);
    }),
  );
});

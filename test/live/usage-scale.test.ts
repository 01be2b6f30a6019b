import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuScale, memoryScale } from '../../src/live/usage-scale.ts';

const MiB = 1024 * 1024;

test.each<[readonly (number | undefined)[], number]>([
  [[], 100],
  [[undefined], 100],
  [[0.3, 2, undefined], 100],
  [[100], 100],
  [[100.1], 200],
  [[350], 400],
  [[401], 800],
])('CPU of %j has a scale to %d %%', (values, top) => {
  expect(cpuScale(values)).toBe(top);
});

test.each<[string, number, number | undefined, number, boolean]>([
  ['without a limit', 100 * MiB, undefined, 128 * MiB, false],
  ['with little used and no limit', 1, undefined, 16 * MiB, false],
  ['against its limit', 100 * MiB, 512 * MiB, 512 * MiB, true],
  ['against a limit that is no power of two', 100 * MiB, 300 * MiB, 300 * MiB, true],
  ['where the limit is the whole machine', 100 * MiB, 64 * 1024 * MiB, 128 * MiB, false],
  ['that is more than a limit which was lowered', 400 * MiB, 300 * MiB, 512 * MiB, false],
])('memory %s', (_, used, limit, top, isLimit) => {
  expect(memoryScale([used], limit)).toEqual({ top, isLimit });
});

test('noise never moves a scale: between two steps it is the same', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 101, max: 199, noNaN: true }),
      fc.array(fc.double({ min: 0, max: 101, noNaN: true })),
      (most, others) => {
        expect(cpuScale([...others, most])).toBe(200);
      },
    ),
  );
});

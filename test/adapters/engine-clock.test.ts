import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEngineClock } from '../../src/adapters/engine-clock.ts';

const AT = Date.parse('2026-11-20T10:00:00Z');

/** An answer of an engine whose clock is ahead by `aheadMs`, written `writtenMs` after it was asked at `askedAt`. */
function answer({ aheadMs, askedAt = AT, writtenMs = 5, tookMs = 10 }: Record<string, number>) {
  const at = askedAt ?? AT;
  return {
    date: new Date(at + (writtenMs ?? 0) + (aheadMs ?? 0)).toUTCString(),
    askedAt: at,
    hadAt: at + (tookMs ?? 0),
  };
}

test.each([
  ['the same clock', 0, 0],
  ['a second ahead', 1_200, 0],
  ['a second behind', -1_200, 0],
  ['an hour behind, as a virtual machine after a sleep', -3_600_000, -3_600_000],
  ['a minute ahead', 60_000, 60_000],
])('%s', (_what, aheadMs, expected) => {
  const clock = createEngineClock();
  expect(clock.offsetMs()).toBe(0);
  clock.heard(answer({ aheadMs }));
  expect(Math.abs(clock.offsetMs() - expected)).toBeLessThanOrEqual(510);
  if (expected === 0) expect(clock.offsetMs()).toBe(0);
});

test('a clock that is set right is followed, one that goes on as it did changes nothing', () => {
  const clock = createEngineClock();
  clock.heard(answer({ aheadMs: -90_000 }));
  const first = clock.offsetMs();
  for (const later of [333, 700, 950, 1_400]) clock.heard(answer({ aheadMs: -90_000, askedAt: AT + later }));
  expect(Math.abs(clock.offsetMs() - first)).toBeLessThanOrEqual(510);
  clock.heard(answer({ aheadMs: 0 }));
  expect(clock.offsetMs()).toBe(0);
});

test('an answer that a frozen line held back, or that says no time, proves nothing', () => {
  const clock = createEngineClock();
  clock.heard(answer({ aheadMs: 0, writtenMs: 5, tookMs: 30_000 }));
  clock.heard(answer({ aheadMs: 0, writtenMs: 29_990, tookMs: 30_000 }));
  clock.heard({ date: undefined, askedAt: AT, hadAt: AT });
  clock.heard({ date: 'soon', askedAt: AT, hadAt: AT });
  expect(clock.offsetMs()).toBe(0);
});

test('it is never further from the truth than half of what the answer took and the header’s second', () => {
  const offsets = fc.oneof(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: -3_000, max: 3_000 }));
  const took = fc.integer({ min: 0, max: 900 });
  fc.assert(
    fc.property(offsets, took, took, fc.nat(1_000), (aheadMs, one, other, within) => {
      const clock = createEngineClock();
      const tookMs = Math.max(one, other);
      clock.heard(answer({ aheadMs, askedAt: AT + within, writtenMs: Math.min(one, other), tookMs }));
      const wrongBy = Math.abs(clock.offsetMs() - aheadMs);
      if (clock.offsetMs() === 0) expect(wrongBy).toBeLessThan(2_000 + (1_000 + tookMs) / 2 + 1);
      else expect(wrongBy).toBeLessThanOrEqual((1_000 + tookMs) / 2 + 1);
    }),
  );
});

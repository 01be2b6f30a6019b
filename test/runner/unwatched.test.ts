import { describe, expect, test } from 'vitest';
import { createUnwatched, toleranceOf } from '../../src/runner/unwatched.ts';

describe('time nobody watched', () => {
  test.each([
    ['on time', { wallMs: 5_000, monotonicMs: 5_000 }, 5_000, undefined],
    ['a little late', { wallMs: 5_900, monotonicMs: 5_900 }, 5_000, undefined],
    ['asleep, the monotonic clock stood', { wallMs: 3_605_000, monotonicMs: 5_000 }, 5_000, 3_600_000],
    ['asleep, the monotonic clock ran', { wallMs: 3_605_000, monotonicMs: 3_605_000 }, 5_000, 3_600_000],
    ['the wall clock was set back', { wallMs: -9_000_000, monotonicMs: 5_000 }, 5_000, undefined],
    ['asked sooner than due', { wallMs: 100, monotonicMs: 100 }, 5_000, undefined],
  ])('%s', (_, now, dueMs, gapMs) => {
    let clocks = { wallMs: 0, monotonicMs: 0 };
    const unwatched = createUnwatched(() => clocks, toleranceOf(2_000));
    clocks = now;
    expect(unwatched.look(dueMs)).toBe(gapMs);
    expect(unwatched.look(now.monotonicMs), 'a gap is told once').toBeUndefined();
  });
});

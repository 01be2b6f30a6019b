import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createErrorCount } from '../../src/live/error-count.ts';

const line = (at: number) => ({ source: 'app', text: `error at ${at}`, at });

describe('errors are counted', () => {
  test('and leave their count as time passes, with no new line', () => {
    const count = createErrorCount({ max: 2, withinMs: 10_000 });
    count.add([line(100_000), line(101_000), line(102_000)], 102_000);
    expect(count.status(102_000)).toMatchObject({ count: 3, lastMinute: 3, isOver: true });
    expect(count.status(111_500)).toMatchObject({ count: 1, lastMinute: 3, isOver: false });
    expect(count.status(112_100)).toMatchObject({ count: 0, lastMinute: 3 });
    expect(count.status(162_200)).toMatchObject({ count: 0, lastMinute: 0 });
    expect(count.status(900_000)).toMatchObject({ worst: { count: 3, at: 102_000 }, lastLine: line(102_000) });
  });

  test('over the limit with one more than it, not with as many', () => {
    const count = createErrorCount({ max: 2, withinMs: 60_000 });
    count.add([line(1_000), line(1_001)], 2_000);
    expect(count.status(2_000).isOver).toBe(false);
    count.add([line(1_999)], 2_000);
    expect(count.status(2_000).isOver).toBe(true);
  });

  test('lines of long ago count for nothing, those of a clock that is fast count from now on', () => {
    const count = createErrorCount({ max: 0, withinMs: 60_000 });
    count.add([line(1_000)], 100_000);
    expect(count.status(100_000)).toMatchObject({ count: 0, isOver: false });
    expect(count.status(100_000)).not.toHaveProperty('lastLine');
    count.add([line(900_000)], 100_000);
    expect(count.status(100_000)).toMatchObject({ count: 1, isOver: true });
    expect(count.status(160_200)).toMatchObject({ count: 0, isOver: false });
  });

  test('the status is the same object while nothing changed', () => {
    const count = createErrorCount({ max: 1, withinMs: 60_000 });
    const first = count.status(1_000);
    expect(count.status(2_000)).toBe(first);
    count.add([line(2_000)], 2_000);
    expect(count.status(2_000)).not.toBe(first);
    expect(count.status(30_000)).toBe(count.status(2_000));
  });

  test('never too few, and none that is longer ago than a six-hundredth more than the time', () => {
    const times = fc.array(fc.nat({ max: 30_000 }));
    fc.assert(
      fc.property(times, fc.integer({ min: 50, max: 20_000 }), fc.nat({ max: 60_000 }), (ats, withinMs, later) => {
        const count = createErrorCount({ max: 0, withinMs });
        for (const at of ats) count.add([line(at)], 30_000);
        const now = 30_000 + later;
        const within = (ms: number) =>
          ats.filter((at) => at > now - ms && at > 30_000 - Math.max(withinMs, 60_000)).length;
        expect(count.status(now).count).toBeGreaterThanOrEqual(within(withinMs));
        expect(count.status(now).count).toBeLessThanOrEqual(within(withinMs * (1 + 1 / 600) + 1));
      }),
    );
  });
});

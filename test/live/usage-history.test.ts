import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Usage } from '../../src/live/system.ts';
import { createUsageHistory, type RecordedUsage } from '../../src/live/usage-history.ts';

const began = Date.UTC(2026, 10, 24, 22, 0, 0);
const at = (seconds: number): number => began + seconds * 1000;
const stretch = (from: number, to: number) => ({ fromAt: at(from), toAt: at(to) });

function usage(seconds: number, cpuPercent: number, more: Partial<Usage> = {}): Usage {
  return { at: at(seconds), cpuPercent, memoryBytes: cpuPercent * 1_000_000, ...more };
}

/** Every two seconds from..to, with the seconds themselves as the figure. */
function measured(history: RecordedUsage, from: number, to: number, key = 'app'): void {
  for (let second = from; second <= to; second += 2) history.take(key, usage(second, second));
}

describe('slots', () => {
  test('each is the mean of what was measured in it', () => {
    const history = createUsageHistory();
    measured(history, 0, 60);
    // (0, 2] is measured as 2, (2, 4] as 4 …
    expect(history.slots('app', 'cpuPercent', stretch(0, 40), 4)).toEqual([6, 16, 26, 36]);
    expect(history.mean('app', 'cpuPercent', stretch(0, 40))).toEqual({ value: 21, coveredMs: 40_000 });
  });

  test('one that is shorter than the time between two measurements has what was measured over it', () => {
    const history = createUsageHistory();
    measured(history, 0, 10);
    expect(history.slots('app', 'cpuPercent', stretch(0, 4), 8)).toEqual([2, 2, 2, 2, 4, 4, 4, 4]);
  });

  test('a time nobody measured is a gap, however long, and is never counted as zero', () => {
    const history = createUsageHistory();
    measured(history, 0, 20);
    measured(history, 60, 80);
    const slots = history.slots('app', 'cpuPercent', stretch(0, 80), 8);
    expect(slots.map((value) => value !== undefined)).toEqual([true, true, false, false, false, true, true, true]);
    expect(history.mean('app', 'cpuPercent', stretch(22, 58))).toBeUndefined();
    expect(history.mean('app', 'cpuPercent', stretch(0, 80))?.coveredMs).toBe(20_000 + 22_000);
  });

  test('what was not measured with the rest is a gap of its own', () => {
    const history = createUsageHistory();
    history.take('app', { at: at(0), memoryBytes: 5 });
    history.take('app', usage(2, 7, { memoryBytes: 9 }));
    expect(history.slots('app', 'cpuPercent', stretch(-2, 2), 2)).toEqual([undefined, 7]);
    expect(history.slots('app', 'memoryBytes', stretch(-2, 2), 2)).toEqual([5, 9]);
  });

  test.each<[string, number, number]>([
    ['of no length', 0, 0],
    ['backwards', 10, 0],
    ['before everything', -1000, -900],
    ['after everything', 1000, 1100],
  ])('a stretch %s has nothing', (_, from, to) => {
    const history = createUsageHistory();
    measured(history, 0, 10);
    expect(history.slots('app', 'cpuPercent', stretch(from, to), 3)).toEqual([undefined, undefined, undefined]);
    expect(history.mean('app', 'cpuPercent', stretch(from, to))).toBeUndefined();
    expect(history.mean('nobody', 'cpuPercent', stretch(0, 10))).toBeUndefined();
  });
});

describe('rates', () => {
  const taken = (readings: readonly (readonly [number, number, string?])[]) => {
    const history = createUsageHistory();
    for (const [second, receivedBytes, id] of readings) history.take('app', usage(second, 1, { receivedBytes }), id);
    return (from: number, to: number) => history.mean('app', 'receivedBytesPerSecond', stretch(from, to))?.value;
  };

  test('are of two readings of a counter', () => {
    const rate = taken([
      [0, 1000, 'a'],
      [2, 3000, 'a'],
      [4, 3000, 'a'],
    ]);
    expect([rate(-2, 0), rate(0, 2), rate(2, 4), rate(0, 4)]).toEqual([undefined, 1000, 0, 500]);
  });

  test.each<[string, readonly (readonly [number, number, string?])[]]>([
    [
      'a counter that went down',
      [
        [0, 9000],
        [2, 10],
      ],
    ],
    [
      'another container, though its counter stands higher',
      [
        [0, 10, 'a'],
        [2, 9000, 'b'],
      ],
    ],
    [
      'a reading long before',
      [
        [0, 10, 'a'],
        [60, 9000, 'a'],
      ],
    ],
    [
      'a clock that went back',
      [
        [0, 10, 'a'],
        [-30, 9000, 'a'],
      ],
    ],
    [
      'the same time once more',
      [
        [0, 10, 'a'],
        [0, 9000, 'a'],
      ],
    ],
  ])('%s makes none', (_, readings) => {
    expect(taken(readings)(-1000, 1000)).toBeUndefined();
  });

  test('are never negative, and add up to what the counter came to', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 40 }), (readings) => {
        const history = createUsageHistory();
        readings.forEach((receivedBytes, index) => {
          history.take('app', usage(index * 2, 1, { receivedBytes }), 'a');
        });
        const slots = history.slots('app', 'receivedBytesPerSecond', stretch(0, readings.length * 2), readings.length);
        const expected = readings.map((reading, index) => {
          const next = readings[index + 1];
          return next === undefined || next < reading ? undefined : (next - reading) / 2;
        });
        expect(slots).toEqual(expected.map((rate) => (rate === undefined ? undefined : expect.closeTo(rate, 6))));
      }),
    );
  });
});

describe('a long run', () => {
  test('the last ten minutes are as they were measured, what lies before in the mean', () => {
    const history = createUsageHistory();
    const end = 6 * 3600;
    measured(history, 0, end);
    const lastMinutes = history.slots('app', 'cpuPercent', stretch(end - 600, end), 300);
    expect(lastMinutes).toEqual(
      Array.from({ length: 300 }, (_, index) => expect.closeTo(end - 600 + 2 * (index + 1), 3)),
    );
    const hours = history.slots('app', 'cpuPercent', stretch(0, end), 6);
    expect(hours).toEqual([1801, 5401, 9001, 12_601, 16_201, 19_801].map((mean) => expect.closeTo(mean, -1)));
    expect(history.mean('app', 'cpuPercent', stretch(0, end))?.coveredMs).toBeCloseTo(end * 1000, -3);
  });

  test('days fit, and a night in which nobody looked stays a gap', () => {
    const history = createUsageHistory();
    const day = 86_400;
    for (let second = 0; second < day; second += 10) history.take('app', usage(second, 5));
    for (let second = 2 * day; second < 3 * day; second += 10) history.take('app', usage(second, 50));
    const slots = history.slots('app', 'cpuPercent', stretch(0, 3 * day), 72);
    expect(slots.slice(0, 24).every((value) => value !== undefined && Math.abs(value - 5) < 1e-6)).toBe(true);
    expect(slots.slice(25, 47)).toEqual(Array.from({ length: 22 }, () => undefined));
    expect(slots.slice(48).every((value) => value !== undefined && Math.abs(value - 50) < 1e-6)).toBe(true);
    expect(history.firstAt()).toBe(began);
  });
});

describe('keys', () => {
  test('beyond the bound the one that was not measured for longest is forgotten', () => {
    const history = createUsageHistory({ keys: 3 });
    history.take('a', usage(0, 1));
    history.take('b', usage(2, 1));
    history.take('c', usage(4, 1));
    history.take('a', usage(6, 1));
    history.take('d', usage(8, 1));
    expect(history.keys()).toEqual(['a', 'c', 'd']);
    expect(history.latest('b')).toBeUndefined();
    expect(history.latest('a')?.at).toBe(at(6));
  });

  test('a recreated container goes on under its key', () => {
    const history = createUsageHistory();
    history.take('app', usage(0, 9), 'old');
    history.take('app', usage(2, 9), 'old');
    history.take('app', { at: at(10), memoryBytes: 1 }, 'new');
    history.take('app', usage(12, 12), 'new');
    expect(history.slots('app', 'cpuPercent', stretch(0, 12), 6)).toEqual([
      9,
      undefined,
      undefined,
      undefined,
      undefined,
      12,
    ]);
  });
});

test('a clock that goes back spoils nothing that was measured, before it or after', () => {
  const history = createUsageHistory();
  measured(history, 0, 100);
  history.take('app', usage(-3600, 50));
  history.take('app', usage(-3598, 50));
  expect(history.mean('app', 'cpuPercent', stretch(-3602, -3598))).toEqual({ value: 50, coveredMs: 4000 });
  expect(history.mean('app', 'cpuPercent', stretch(0, 100))?.coveredMs).toBe(100_000);
  expect(history.firstAt()).toBe(at(-3600));
  expect(history.latest('app')?.at).toBe(at(-3598));
});

describe('laws', () => {
  const steps = fc.array(
    fc.record({ ms: fc.integer({ min: 1, max: 40_000 }), cpu: fc.double({ min: 0, max: 800, noNaN: true }) }),
    {
      minLength: 1,
      maxLength: 120,
    },
  );

  test('slots and means are those of the plain integral of what was measured', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 40 }), (all, count) => {
        const history = createUsageHistory();
        const pieces: { from: number; to: number; cpu: number }[] = [];
        let time = began;
        all.forEach(({ ms, cpu }, index) => {
          time += ms;
          const coveredMs = index === 0 || ms > 15_000 ? 2000 : ms;
          pieces.push({ from: time - coveredMs, to: time, cpu });
          history.take('app', { at: time, cpuPercent: cpu, memoryBytes: 1 });
        });
        const whole = { fromAt: began - 5000, toAt: time + 5000 };
        const slotMs = (whole.toAt - whole.fromAt) / count;
        const naive = Array.from({ length: count }, (_, slot) => {
          const from = whole.fromAt + slot * slotMs;
          let sum = 0;
          let ms = 0;
          for (const piece of pieces) {
            const overlap = Math.min(piece.to, from + slotMs) - Math.max(piece.from, from);
            if (overlap <= 0) continue;
            sum += overlap * piece.cpu;
            ms += overlap;
          }
          return ms > 0.01 ? expect.closeTo(sum / ms, 3) : ms > 0 ? expect.anything() : undefined;
        });
        expect(history.slots('app', 'cpuPercent', whole, count)).toEqual(naive);
      }),
    );
  });

  test('what became coarse has the same mean over all of it, and keeps every gap that is longer than two of its steps', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const fine = createUsageHistory();
        const coarse = createUsageHistory({ fine: 1, coarse: 16, coarseMs: 4000 });
        let time = began;
        for (const { ms, cpu } of all) {
          time += ms;
          for (const history of [fine, coarse]) history.take('app', { at: time, cpuPercent: cpu, memoryBytes: 1 });
        }
        const whole = { fromAt: began - 5000, toAt: time };
        const means = [fine, coarse].map((history) => history.mean('app', 'cpuPercent', whole));
        expect(means[1]?.value).toBeCloseTo(means[0]?.value ?? -1, 4);
        expect(means[1]?.coveredMs).toBeCloseTo(means[0]?.coveredMs ?? -1, 1);
        // 120 measurements of at most 40 s in 16 steps of 4 s, doubled: none is longer than 512 s.
        const later = time + 2_000_000;
        coarse.take('app', { at: later, cpuPercent: 1, memoryBytes: 1 });
        coarse.take('app', { at: later + 2000, cpuPercent: 1, memoryBytes: 1 });
        coarse.take('app', { at: later + 4000, cpuPercent: 1, memoryBytes: 1 });
        expect(coarse.mean('app', 'cpuPercent', { fromAt: time + 1, toAt: later - 2001 })).toBeUndefined();
      }),
    );
  });

  test('memory is bounded by its bounds, whatever comes, and a small history answers as fast as ever', () => {
    const before = process.memoryUsage().arrayBuffers;
    const history = createUsageHistory();
    for (let second = 0; second < 2 * 86_400; second += 2)
      for (const key of ['a', 'b']) history.take(key, usage(second, 1));
    for (let key = 0; key < 500; key += 1) history.take(`once-${key}`, usage(200_000 + key, 1));
    expect(history.keys()).toHaveLength(128);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(25_000_000);
    expect(history.slots('once-499', 'cpuPercent', stretch(0, 200_600), 300).filter(Boolean)).toHaveLength(1);
  });
});

test('what was written down earlier is taken up before what is measured now', () => {
  const history = createUsageHistory();
  history.adopt('app', {
    fromAt: at(0),
    toAt: at(15),
    figures: { cpuPercent: { value: 9, coveredMs: 15_000 }, memoryBytes: { value: 1, coveredMs: 5_000 } },
  });
  measured(history, 100, 110);
  expect(history.firstAt()).toBe(at(0));
  expect(history.mean('app', 'cpuPercent', stretch(0, 15))).toEqual({ value: 9, coveredMs: 15_000 });
  expect(history.mean('app', 'memoryBytes', stretch(0, 15))).toEqual({ value: 1, coveredMs: 5_000 });
  expect(history.latest('app')?.at).toBe(at(110));
});

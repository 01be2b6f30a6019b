import { expect, test } from 'vitest';
import { baselineOf } from '../../src/live/baseline.ts';
import { createUsageHistory } from '../../src/live/usage-history.ts';

const began = Date.UTC(2026, 10, 24, 22, 0, 0);
const at = (seconds: number): number => began + seconds * 1000;

function history(pieces: readonly { from: number; to: number; cpu: number; id: string }[]) {
  const all = createUsageHistory();
  for (const { from, to, cpu, id } of pieces)
    for (let second = from; second <= to; second += 2)
      all.take('app', { at: at(second), cpuPercent: cpu, memoryBytes: cpu * 10 }, id);
  return all;
}

test('the five minutes before a phase against the last half minute, over a recreation', () => {
  const all = history([
    { from: -900, to: -302, cpu: 70, id: 'old' },
    { from: -300, to: 0, cpu: 9, id: 'old' },
    { from: 20, to: 60, cpu: 80, id: 'new' },
    { from: 62, to: 120, cpu: 12, id: 'new' },
  ]);
  const found = baselineOf(all, ['app', 'db'], { beganAt: at(0), now: at(120) });
  expect(found.get('app')).toEqual({
    cpuPercent: {
      before: { value: 9, coveredMs: 300_000 },
      now: { value: 12, coveredMs: 30_000 },
    },
    memoryBytes: { before: { value: 90, coveredMs: 300_000 }, now: { value: 120, coveredMs: 30_000 } },
  });
  expect(found.get('db')).toEqual({ cpuPercent: {}, memoryBytes: {} });
});

test('how much of the time before was measured is told', () => {
  const all = history([{ from: -60, to: 10, cpu: 9, id: 'a' }]);
  expect(baselineOf(all, ['app'], { beganAt: at(0), now: at(10) }).get('app')?.cpuPercent.before).toEqual({
    value: 9,
    coveredMs: 62_000,
  });
});

test('what was measured before the phase is no “now”, and without a beginning there is no before', () => {
  const all = history([{ from: -60, to: 0, cpu: 9, id: 'a' }]);
  expect(baselineOf(all, ['app'], { beganAt: at(0), now: at(10) }).get('app')?.cpuPercent).toEqual({
    before: { value: 9, coveredMs: 62_000 },
  });
  expect(baselineOf(all, ['app'], { beganAt: undefined, now: at(0) }).get('app')?.cpuPercent).toEqual({
    now: { value: 9, coveredMs: 30_000 },
  });
});

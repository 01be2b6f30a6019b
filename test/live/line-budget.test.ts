import { expect, test } from 'vitest';
import { createLineBudget } from '../../src/live/line-budget.ts';
import { heapBytes } from '../support/heap-bytes.ts';

/** What sources get that take all they may, twenty times a second for so long. */
function taken(sources: readonly string[], seconds: number) {
  let now = 0;
  const budget = createLineBudget(() => now);
  const all = new Map<string, number>();
  for (; now <= seconds * 1_000; now += 50) {
    for (const source of sources) {
      const lines = budget.allowance(source);
      budget.spend(source, lines);
      all.set(source, (all.get(source) ?? 0) + lines);
    }
  }
  return all;
}

test('one source gets what was there before at once, then so many a second', () => {
  expect(taken(['a'], 0).get('a')).toBe(20_000);
  expect(taken(['a'], 10).get('a')).toBe(20_000 + 10 * 2_000);
});

test('many loud sources together get no more, and none of them falls silent', () => {
  const names = Array.from({ length: 20 }, (_, at) => `source ${at}`);
  const got = taken(names, 10);
  const sum = Array.from(got.values()).reduce((a, b) => a + b, 0);
  expect(sum).toBeLessThan(20_000 + 10 * (5_000 + 20 * 100) + 20 * 200);
  expect(Math.min(...got.values())).toBeGreaterThanOrEqual(900);
});

test('who was quiet saves up a second’s worth', () => {
  let now = 0;
  const budget = createLineBudget(() => now);
  budget.spend('a', 20_000);
  expect(budget.allowance('a')).toBeLessThanOrEqual(100);
  now = 60_000;
  expect(budget.allowance('a')).toBe(2_000);
});

test('a hundred thousand sources that come and go take no memory', () => {
  let now = 0;
  const budget = createLineBudget(() => now);
  const before = heapBytes();
  for (let number = 0; number < 100_000; number++) {
    budget.spend(`job ${number}`, 1);
    now += 1_000;
  }
  expect(heapBytes() - before).toBeLessThan(3_000_000);
  expect(budget.allowance('job 99999')).toBeGreaterThan(0);
});

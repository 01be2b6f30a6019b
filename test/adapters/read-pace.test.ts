import { expect, test } from 'vitest';
import { createReadPace } from '../../src/adapters/read-pace.ts';

/** Reads in pieces for so long; gives how many lines were read and how long it was waited. */
function reading(options: { readonly seconds: number; readonly flood: number; readonly quiet: number }) {
  let now = 0;
  const pace = createReadPace(() => now);
  const flood = pace.reader();
  const quiet = pace.reader();
  let read = 0;
  let quietWaitMs = 0;
  let floodMayAt = 0;
  for (; now < options.seconds * 1_000; now += 10) {
    if (now >= floodMayAt) {
      read += options.flood;
      floodMayAt = now + flood(options.flood);
    }
    if (now % 100 === 0) quietWaitMs += quiet(options.quiet);
  }
  return { read, quietWaitMs };
}

test('a flood is read at a bounded pace', () => {
  const { read } = reading({ seconds: 10, flood: 2_000, quiet: 0 });
  expect(read).toBeLessThan(50_000 * 11 + 2_000);
  expect(read).toBeGreaterThan(50_000 * 9);
});

test('who reads little never waits, who reads much does', () => {
  expect(reading({ seconds: 10, flood: 2_000, quiet: 50 }).quietWaitMs).toBe(0);
  expect(reading({ seconds: 10, flood: 2_000, quiet: 500 }).quietWaitMs).toBeGreaterThan(0);
});

test('what many read who never wait is nobody’s debt', () => {
  let now = 0;
  const pace = createReadPace(() => now);
  const readers = Array.from({ length: 100 }, () => pace.reader());
  for (; now < 60_000; now += 100) for (const read of readers) expect(read(90)).toBe(0);
  expect(pace.reader()(2_000)).toBeLessThanOrEqual(40);
});

import { expect, test } from 'vitest';
import { type Asking, askWhileStopping } from '../../src/adapters/ask-while-stopping.ts';
import { waitFor } from '../support/wait-for.ts';

const ASKED_OFTEN = 5;

test.concurrent.each<[string, (asking: () => Asking, count: number) => boolean]>([
  ["that can't be asked", () => false],
  [
    'that answers every other time',
    (asking, count) => {
      if (count % 2 === 0) queueMicrotask(() => asking().heard());
      return true;
    },
  ],
])('a runner %s has not missed two answers in a row, and is not called halted', async (_, ask) => {
  const told: string[] = [];
  let count = 0;
  const asking: Asking = askWhileStopping({
    longestMs: 0,
    ask() {
      count += 1;
      return ask(() => asking, count);
    },
    missed: () => told.push('missed'),
    silent() {
      told.push('silent');
      return Promise.resolve(true);
    },
  });
  await waitFor(() => count === ASKED_OFTEN || told.length > 0, { withinMs: 60_000, what: 'it was asked often' });
  asking.end();
  expect(told).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { createBatch } from '../../src/adapters/batch-news.ts';
import { joinNews } from '../../src/adapters/join-news.ts';
import { createPolling } from '../../src/adapters/polling.ts';
import type { LogNews } from '../../src/live/log-line.ts';
import { lineOf, sourcesOf } from '../support/log-lab.ts';
import { waitFor } from '../support/wait-for.ts';

/** Timers that go off when they are told to. */
function manualClock() {
  const waiting: { readonly delayMs: number; readonly call: () => void }[] = [];
  return {
    waiting,
    go: () => {
      for (const { call } of waiting.splice(0)) call();
    },
    clock: {
      now: () => 0,
      after: (delayMs: number, call: () => void) => {
        const timer = { delayMs, call };
        waiting.push(timer);
        return () => {
          if (waiting.includes(timer)) waiting.splice(waiting.indexOf(timer), 1);
        };
      },
    },
  };
}

describe('news in batches', () => {
  const lines = (...texts: readonly string[]): LogNews => ({
    kind: 'lines',
    lines: texts.map((text) => lineOf('a', 1, text)),
  });

  test('come together, in their order, one note a source for what is left out', () => {
    const told: LogNews[] = [];
    const { clock, go, waiting } = manualClock();
    const batch = createBatch((news) => told.push(news), clock);
    batch.take({ kind: 'sources', sources: sourcesOf('a') });
    batch.take({ kind: 'left out', source: 'a', at: 1, lines: 5 });
    batch.take(lines('one'));
    batch.take(lines('two', 'three'));
    batch.take({ kind: 'left out', source: 'a', at: 2, lines: 7 });
    expect(told).toEqual([]);
    expect(waiting.map(({ delayMs }) => delayMs)).toEqual([50]);
    go();
    expect(told).toEqual([
      { kind: 'sources', sources: sourcesOf('a') },
      { kind: 'left out', source: 'a', at: 1, lines: 12 },
      lines('one', 'two', 'three'),
    ]);
    expect(waiting).toEqual([]);
  });

  test('with the last line of a flood, also where it was left out', () => {
    const told: LogNews[] = [];
    const { clock, go } = manualClock();
    const batch = createBatch((news) => told.push(news), clock);
    const leftOut = (source: string, count: number, last: string): LogNews => ({
      kind: 'left out',
      source,
      at: 1,
      lines: count,
      last: lineOf(source, 2, last),
    });
    batch.take(leftOut('a', 5, 'not the last'));
    batch.take(leftOut('b', 1, 'the only one'));
    batch.take(lines('behind it'));
    batch.take(leftOut('a', 7, 'not the last either'));
    batch.take(leftOut('a', 2, 'the last'));
    go();
    expect(told).toEqual([
      { kind: 'left out', source: 'a', at: 1, lines: 13 },
      {
        kind: 'lines',
        lines: [lineOf('a', 1, 'behind it'), lineOf('b', 2, 'the only one'), lineOf('a', 2, 'the last')],
      },
    ]);
    batch.take(leftOut('a', 3, 'passed over'));
    batch.take(lines('comes after'));
    go();
    expect(told.slice(2)).toEqual([{ kind: 'left out', source: 'a', at: 1, lines: 3 }, lines('comes after')]);
  });

  test('none after it was closed', () => {
    const told: LogNews[] = [];
    const { clock, go, waiting } = manualClock();
    const batch = createBatch((news) => told.push(news), clock);
    batch.take(lines('one'));
    batch.close();
    batch.take(lines('two'));
    go();
    expect([told, waiting]).toEqual([[], []]);
  });
});

test('what one follower tells does not take back what another told', () => {
  const told: LogNews[] = [];
  const [one, other] = joinNews((news) => told.push(news));
  one({ kind: 'sources', sources: sourcesOf('a') });
  other({ kind: 'sources', sources: sourcesOf('b') });
  one({ kind: 'trouble', trouble: 'No engine.' });
  other({ kind: 'trouble', trouble: 'No file.' });
  one({ kind: 'trouble', trouble: undefined });
  other({ kind: 'trouble', trouble: undefined });
  other({ kind: 'trouble', source: 'b', trouble: 'Its own.' });
  expect(told.slice(1)).toEqual([
    { kind: 'sources', sources: sourcesOf('a', 'b') },
    { kind: 'trouble', trouble: 'No engine.' },
    { kind: 'trouble', trouble: 'No engine. No file.' },
    { kind: 'trouble', trouble: 'No file.' },
    { kind: 'trouble', trouble: undefined },
    { kind: 'trouble', source: 'b', trouble: 'Its own.' },
  ]);
});

test('polling becomes rarer where nothing comes, soon again where something does, and ends', async () => {
  const { clock, go, waiting } = manualClock();
  let isBusy = false;
  let polls = 0;
  let closed = 0;
  const polling = createPolling({
    clock,
    poll: () => {
      polls++;
      return Promise.resolve(isBusy);
    },
    closed: () => {
      closed++;
      return Promise.resolve();
    },
  });
  const next = async () => {
    go();
    const [timer] = await waitFor(() => (waiting.length > 0 ? waiting : undefined));
    return timer?.delayMs;
  };
  const pauses: (number | undefined)[] = [];
  for (let turn = 0; turn < 6; turn++) pauses.push(await next());
  expect(pauses).toEqual(pauses.toSorted((a = 0, b = 0) => a - b));
  expect(pauses.at(-1)).toBe(1_000);
  isBusy = true;
  expect(await next()).toBe(100);
  isBusy = false;
  expect(await next()).toBe(250);
  polling.soon();
  expect(waiting.map(({ delayMs }) => delayMs)).toEqual([0]);
  polling.close();
  polling.close();
  expect([waiting.length, polls, closed]).toEqual([0, 8, 1]);
});

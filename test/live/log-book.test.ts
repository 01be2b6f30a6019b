import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { searchPattern } from '../../src/definition/pattern.ts';
import { longestLine } from '../../src/live/log-line.ts';
import { heapBytes } from '../support/heap-bytes.ts';
import { announce, lineOf, openBook, textsIn, write } from '../support/log-lab.ts';

const alert = { pattern: searchPattern('error'), max: 2, withinMs: 60_000 };

type Written = { readonly source: number; readonly at: number };

const batches = fc.array(
  fc.array(fc.record({ source: fc.nat({ max: 3 }), at: fc.integer({ min: 990_000, max: 1_010_000 }) }), {
    maxLength: 12,
  }),
  { maxLength: 12 },
);

/** Takes batches with half a second between two; gives each line's text, numbered by source. */
function takeAll(all: readonly (readonly Written[])[], capacity: number, pauseMs = 500) {
  const { book, clock } = openBook({ capacity });
  announce(book, '0', '1', '2', '3');
  const numbers = [0, 0, 0, 0];
  const changes: { readonly from: number; readonly texts: readonly string[] }[] = [];
  book.subscribe((change) => {
    if (change.kind === 'entries') changes.push({ from: change.from, texts: textsIn(book) });
  });
  for (const batch of all) {
    const lines = batch.map(({ source, at }) => {
      const number = numbers[source] ?? 0;
      numbers[source] = number + 1;
      return lineOf(String(source), at, `${source}:${number}`);
    });
    book.take({ kind: 'lines', lines });
    clock.now += pauseMs;
  }
  return { book, numbers, changes };
}

describe('the book of all lines', () => {
  test('no line of a source changes order, whatever the clocks say; the newest are kept', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 60 }), (all, capacity) => {
        const { book, numbers } = takeAll(all, capacity);
        const total = all.flat().length;
        const texts = textsIn(book);
        expect(texts).toHaveLength(Math.min(capacity, total));
        expect(book.status().lines).toBe(texts.length);
        for (const source of [0, 1, 2, 3]) {
          const own = texts.filter((text) => text.startsWith(`${source}:`));
          const count = numbers[source] ?? 0;
          if (total <= capacity) expect(own).toEqual(Array.from({ length: count }, (_, at) => `${source}:${at}`));
          expect(own).toEqual(own.toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2))));
          expect(book.status().sources[source]?.lines).toBe(count);
        }
      }),
    );
  });

  test('lines that are late by less than the look-back stand where their times say', () => {
    const lines = fc.array(fc.record({ source: fc.nat({ max: 3 }), late: fc.nat({ max: 4_000 }) }), {
      minLength: 40,
      maxLength: 80,
    });
    fc.assert(
      fc.property(lines, (all) => {
        const { book, clock } = openBook();
        announce(book, '0', '1', '2', '3');
        // Each source is late by its own constant, so that it is in order within itself.
        const lateness = [0, all[0]?.late ?? 0, all[1]?.late ?? 0, all[2]?.late ?? 0];
        const wanted: { readonly at: number; readonly text: string }[] = [];
        for (const [place, { source }] of all.entries()) {
          clock.now += 137;
          const at = clock.now - (lateness[source] ?? 0);
          wanted.push({ at, text: `${place}` });
          write(book, String(source), [`${place}`], at);
        }
        expect(textsIn(book)).toEqual(wanted.toSorted((a, b) => a.at - b.at).map(({ text }) => text));
      }),
    );
  });

  test('what comes much later goes to the end', () => {
    const { book, clock } = openBook();
    announce(book, 'app', 'worker');
    write(book, 'app', ['early'], clock.now);
    clock.now += 6_000;
    write(book, 'worker', ['late'], clock.now - 9_000);
    expect(textsIn(book)).toEqual(['early', 'late']);
  });

  test('what is settled stays where it is', () => {
    fc.assert(
      fc.property(batches, batches, (before, after) => {
        const { book } = takeAll(before, 1_000, 10);
        const settled = textsIn(book);
        book.settle();
        for (const line of after.flat()) write(book, String(line.source), ['new'], line.at);
        expect(textsIn(book).slice(0, settled.length)).toEqual(settled);
      }),
    );
  });

  test('a change tells from where on the order is new, and nothing before it is', () => {
    fc.assert(
      fc.property(batches, (all) => {
        const { changes } = takeAll(all, 1_000, 10);
        let before: readonly string[] = [];
        for (const { from, texts } of changes) {
          expect(texts.slice(0, from)).toEqual(before.slice(0, from));
          before = texts;
        }
      }),
    );
  });

  test('of lines as long as they may be, ten thousand are kept, and their memory is their own', () => {
    const { book } = openBook();
    announce(book, 'app');
    for (let batch = 0; batch < 15; batch++) write(book, 'app', Array<string>(1_000).fill('x'.repeat(longestLine)));
    expect(book.status().lines).toBe(10_000);
  });

  test('lines left out are counted and stand among the lines', () => {
    const { book, clock } = openBook();
    announce(book, 'app');
    write(book, 'app', ['one']);
    book.take({ kind: 'left out', source: 'app', at: clock.now, lines: 12_345 });
    write(book, 'app', ['two']);
    expect(Array.from({ length: 3 }, (_, at) => book.at(at)?.leftOut)).toEqual([0, 12_345, 0]);
    expect(book.status()).toMatchObject({ leftOut: 12_345, lines: 2 });
  });

  test('a source keeps its place while it is gone and when it comes back', () => {
    const { book } = openBook();
    announce(book, 'app', 'worker');
    announce(book, 'db', 'worker');
    expect(book.status().sources.map(({ key, index, isThere }) => ({ key, index, isThere }))).toEqual([
      { key: 'app', index: 0, isThere: false },
      { key: 'worker', index: 1, isThere: true },
      { key: 'db', index: 2, isThere: true },
    ]);
    announce(book, 'app');
    expect(book.status().sources[0]).toMatchObject({ index: 0, isThere: true });
  });

  test('of very many sources that come and go, those that are there or have lines are known, at their places', () => {
    const { book, clock } = openBook({ capacity: 500 });
    for (let round = 0; round < 1_000; round++) {
      clock.now += 1_000;
      announce(book, 'app', `job ${round}`);
      write(book, `job ${round}`, ['one', 'two'], clock.now);
      if (round === 0) write(book, 'app', ['hello'], clock.now);
    }
    // 250 of them have lines, and the oldest of those one.
    const { sources } = book.status();
    expect(sources.map(({ index }) => index)).toEqual(sources.map((_, place) => place));
    expect(sources.length).toBeLessThan(260);
    expect(sources[0]).toMatchObject({ key: 'app', index: 0, isThere: true });
    const names = Array.from({ length: 500 }, (_, at) => sources[book.at(book.begin() + at)?.source ?? -1]?.key);
    expect(names).toEqual(Array.from({ length: 500 }, (_, at) => `job ${750 + Math.floor(at / 2)}`));
  });

  test('trouble is told of a source, or of all, and taken back', () => {
    const { book } = openBook();
    announce(book, 'app');
    book.take({ kind: 'trouble', source: 'app', trouble: 'No permission.' });
    book.take({ kind: 'trouble', trouble: 'The engine is gone.' });
    expect(book.status()).toMatchObject({ trouble: 'The engine is gone.', sources: [{ trouble: 'No permission.' }] });
    book.take({ kind: 'trouble', source: 'app', trouble: undefined });
    book.take({ kind: 'trouble', trouble: undefined });
    expect(book.status()).not.toHaveProperty('trouble');
    expect(book.status().sources[0]).not.toHaveProperty('trouble');
  });

  test('beginning anew, there is no trouble: who reads then does not know that there was', () => {
    const { book } = openBook();
    announce(book, 'app');
    book.take({ kind: 'trouble', source: 'app', trouble: 'No permission.' });
    book.take({ kind: 'trouble', trouble: 'The engine is gone.' });
    book.clear();
    expect(book.status()).not.toHaveProperty('trouble');
    expect(book.status().sources[0]).not.toHaveProperty('trouble');
  });

  test('the status is the same object while nothing changed, and errors leave it without news', () => {
    const { book, clock } = openBook({ alert });
    announce(book, 'app');
    write(book, 'app', ['an Error', 'fine', 'error', 'error again'], clock.now);
    const first = book.status();
    expect(first).toMatchObject({
      alert: { count: 3, lastMinute: 3, isOver: true },
      sources: [{ lines: 4, errors: 3 }],
    });
    clock.now += 1_000;
    expect(book.status()).toBe(first);
    clock.now += 60_000;
    expect(book.status()).toMatchObject({ alert: { count: 0, lastMinute: 0, isOver: false } });
    expect(book.status()).toBe(book.status());
  });

  test('beginning anew keeps places and errors, and counts no error twice', () => {
    const { book, clock } = openBook({ alert });
    announce(book, 'app', 'worker');
    const lines = ['error 1', 'error 2', 'error 3'].map((text, place) =>
      lineOf('worker', clock.now - 10 + place, text),
    );
    book.take({ kind: 'lines', lines });
    const told = vi.fn();
    book.subscribe(told);
    book.clear();
    expect(told.mock.lastCall).toEqual([{ kind: 'cleared' }]);
    expect(book.status()).toMatchObject({ lines: 0, alert: { count: 3 } });
    book.take({ kind: 'lines', lines: [...lines.slice(1), lineOf('worker', clock.now, 'error 4')] });
    expect(book.status()).toMatchObject({
      lines: 3,
      alert: { count: 4 },
      sources: [
        { index: 0, lines: 0 },
        { index: 1, lines: 3, errors: 3 },
      ],
    });
  });

  test('a line of which nobody knows when it was written counts for no minute', () => {
    const { book, clock } = openBook({ alert });
    announce(book, 'log');
    book.take({ kind: 'lines', lines: [{ source: 'log', at: clock.now, text: 'error', isUndated: true }] });
    expect(book.status()).toMatchObject({ alert: { count: 0 }, sources: [{ errors: 1 }] });
  });

  test('an alert whose pattern never ends is given up, and that is said', () => {
    const { book } = openBook({ alert: { ...alert, pattern: searchPattern('^(a+)+$') } });
    announce(book, 'app');
    write(book, 'app', Array<string>(5).fill(`${'a'.repeat(3_000)}b`));
    expect(book.status().trouble).toMatch(/pattern of the alert takes far too long/);
    expect(book.status().lines).toBe(5);
  });

  test('a full book of hostile lines does not keep what they were cut out of', () => {
    const { book } = openBook({ capacity: 2_000 });
    announce(book, 'app');
    const before = heapBytes();
    for (let batch = 0; batch < 2_000; batch++) {
      const read = Buffer.alloc(60_000, 'x').toString();
      write(book, 'app', [`line ${batch} ${read}`.slice(0, 100), `${read}y`.slice(0, 50)]);
    }
    // The reads together are 120 MB; the lines that are left of them 0.15 MB.
    expect(heapBytes() - before).toBeLessThan(10_000_000);
    expect(book.status().lines).toBe(2_000);
  });
});

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { searchPattern } from '../../src/definition/pattern.ts';
import { INVERSE, paletteColour, WIDE } from '../../src/live/cells.ts';
import { cleanLine } from '../../src/live/clean-line.ts';
import { createLogView } from '../../src/live/log-view.ts';
import { announce, hostile, lineOf, openBook, textRows, textsIn, write } from '../support/log-lab.ts';

const alert = { pattern: searchPattern('error'), max: 2, withinMs: 60_000 };
const plain = { hidden: [], stamps: false, wrap: false };
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, at) => `line ${from + at}`);

/** What is drawn of a source whose name is one letter, without its name. */
const shown = (rows: readonly string[]) => rows.map((row) => row.slice(row.indexOf('│') + 1).trim());

describe('the lines of the logs, drawn', () => {
  test('the last ones, each with its source, and errors marked', () => {
    const { book, clock } = openBook({ alert });
    announce(book, 'aiproxy-app', 'worker');
    write(book, 'aiproxy-app', ['GET /api/v1/health 200', 'an error']);
    write(book, 'worker', ['ready']);
    book.take({ kind: 'left out', source: 'worker', at: clock.now, lines: 12_345 });
    const view = createLogView({ book, columns: 80, rows: 5 });
    const grid = view.rows();
    expect(textRows(grid)).toEqual([
      ' aiproxy-app │ GET /api/v1/health 200',
      '!aiproxy-app │ an error',
      ' worker      │ ready',
      ' worker      │ … 12,345 lines of worker came too fast and were left out',
      '',
    ]);
    expect([grid.foregrounds[1], grid.foregrounds[2 * 80 + 1]]).toEqual([paletteColour(6), paletteColour(2)]);
    expect(grid.foregrounds[80 + 15]).toBe(paletteColour(1));
  });

  test('in 24 columns too: names cut in their middle, the text with an ellipsis', () => {
    const { book } = openBook();
    announce(book, 'aiproxy-app-1', 'aiproxy-app-2');
    write(book, 'aiproxy-app-1', ['GET /api/v1/health 200']);
    write(book, 'aiproxy-app-2', ['ok']);
    expect(textRows(createLogView({ book, columns: 24, rows: 2 }).rows())).toEqual([
      ' ai…1│GET /api/v1/healt…',
      ' ai…2│ok',
    ]);
  });

  test('with time stamps where there is room for them', () => {
    const { book } = openBook();
    announce(book, 'app');
    write(book, 'app', ['ok'], new Date(2026, 0, 2, 3, 4, 5).getTime());
    const view = createLogView({ book, columns: 40, rows: 1, settings: { ...plain, stamps: true } });
    expect(textRows(view.rows())).toEqual([' 03:04:05 app│ok']);
    view.resize(20, 1);
    expect(textRows(view.rows())).toEqual([' app│ok']);
  });

  test('wrapped, with letters of two cells never cut', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', ['0123456789abcdefghij', '日本語日本語x']);
    const view = createLogView({ book, columns: 14, rows: 6, settings: { ...plain, wrap: true } });
    expect(textRows(view.rows())).toEqual([' a│0123456789a', '  │bcdefghij', ' a│日本語日本', '  │語x', '', '']);
    view.set(plain);
    expect(textRows(view.rows()).slice(0, 2)).toEqual([' a│0123456789…', ' a│日本語日本…']);
  });

  test('what the filter finds is marked, within wide letters and over wraps', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', ['ok 日本 OK']);
    const view = createLogView({ book, columns: 20, rows: 1, settings: { ...plain, filter: 'ok|本' } });
    const grid = view.rows();
    const marked = grid.glyphs.filter((_, index) => ((grid.attributes[index] ?? 0) & INVERSE) !== 0);
    expect(marked.join('')).toBe('ok本OK');
  });

  test('a filter that finds half of a character marks all of it', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', ['🚀x']);
    const view = createLogView({ book, columns: 20, rows: 1, settings: { ...plain, filter: '^.' } });
    const grid = view.rows();
    expect(textRows(grid)).toEqual([' a│🚀x']);
    expect(grid.glyphs.filter((_, index) => ((grid.attributes[index] ?? 0) & INVERSE) !== 0)).toEqual(['🚀', '']);
  });

  test('nothing, where nothing is to be shown', () => {
    const { book } = openBook();
    expect(textRows(createLogView({ book, columns: 10, rows: 2 }).rows())).toEqual(['', '']);
    expect(createLogView({ book, columns: 0, rows: 0 }).rows().glyphs).toEqual([]);
  });

  test('the same grid while nothing changed', () => {
    const { book } = openBook();
    announce(book, 'a');
    const view = createLogView({ book, columns: 10, rows: 2 });
    const first = view.rows();
    expect(view.rows()).toBe(first);
    write(book, 'a', ['x']);
    expect(view.rows()).not.toBe(first);
  });

  test('no line, whatever is in it, breaks the cells or brings a control character', () => {
    const filters = fc.constantFrom(undefined, '.', 'a|\u0301', '[', '\\p{L}', '^', '(?=.)');
    fc.assert(
      fc.property(
        hostile,
        hostile,
        fc.integer({ min: 1, max: 40 }),
        filters,
        fc.boolean(),
        fc.nat(9),
        (texts, names, columns, filter, wrap, up) => {
          const { book } = openBook({ alert });
          announce(book, ...names.map(cleanLine));
          for (const name of names.map(cleanLine)) write(book, name, texts.map(cleanLine));
          const settings = { ...plain, wrap, stamps: true, ...(filter === undefined ? {} : { filter }) };
          const view = createLogView({ book, columns, rows: 6, settings });
          view.scroll({ kind: 'lines', by: -up });
          const grid = view.rows();
          for (let index = 0; index < grid.glyphs.length; index++) {
            const glyph = grid.glyphs[index] ?? '?';
            expect(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(glyph)).toBe(false);
            const isRight = index % columns > 0 && ((grid.attributes[index - 1] ?? 0) & WIDE) !== 0;
            expect(glyph === '').toBe(isRight);
            if (((grid.attributes[index] ?? 0) & WIDE) !== 0) expect(index % columns).toBeLessThan(columns - 1);
          }
        },
      ),
    );
  });
});

describe('reading further up', () => {
  test('leaves the end, counts what comes, and End follows again', () => {
    const { book } = openBook();
    announce(book, 'a', 'b');
    write(book, 'a', numbered(100));
    const view = createLogView({ book, columns: 30, rows: 3, settings: { ...plain, hidden: ['b'] } });
    expect(shown(textRows(view.rows()))).toEqual(['line 97', 'line 98', 'line 99']);
    view.scroll({ kind: 'lines', by: -1 });
    view.scroll({ kind: 'pages', by: -1 });
    expect(shown(textRows(view.rows()))).toEqual(['line 94', 'line 95', 'line 96']);
    expect(view.extent()).toEqual({ lines: 100, top: 94 });
    write(book, 'a', numbered(7, 100));
    write(book, 'b', numbered(7));
    expect(shown(textRows(view.rows()))).toEqual(['line 94', 'line 95', 'line 96']);
    expect(view.status()).toMatchObject({ following: false, newLines: 7 });
    view.scroll({ kind: 'pages', by: 9 });
    expect(shown(textRows(view.rows()))).toEqual(['line 104', 'line 105', 'line 106']);
    expect(view.status()).toMatchObject({ following: false });
    view.scroll({ kind: 'start' });
    expect(shown(textRows(view.rows()))).toEqual(['line 0', 'line 1', 'line 2']);
    view.scroll({ kind: 'end' });
    expect(shown(textRows(view.rows()))).toEqual(['line 104', 'line 105', 'line 106']);
    expect(view.status()).toMatchObject({ following: true, newLines: 0 });
  });

  test('ten thousand lines and more', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', numbered(25_000));
    const view = createLogView({ book, columns: 30, rows: 10 });
    view.scroll({ kind: 'lines', by: -12_000 });
    expect(shown(textRows(view.rows()))[0]).toBe('line 12990');
    view.scroll({ kind: 'start' });
    expect(shown(textRows(view.rows()))[0]).toBe('line 5000');
  });

  test('where all fits into the pane, moving up goes on following', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', ['x']);
    const view = createLogView({ book, columns: 30, rows: 3 });
    view.scroll({ kind: 'pages', by: -1 });
    view.scroll({ kind: 'start' });
    view.scroll({ kind: 'lines', by: 1 });
    expect(view.status().following).toBe(true);
  });

  const coming = fc.array(
    fc.array(fc.record({ source: fc.constantFrom('a', 'b'), at: fc.integer({ min: 995_000, max: 1_005_000 }) }), {
      maxLength: 8,
    }),
    { maxLength: 8 },
  );

  test('what one reads does not move, whatever comes, in whatever order, and while it drops out of the book', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 20 }),
        coming,
        fc.boolean(),
        fc.constantFrom(undefined, '[135]'),
        (written, up, batches, wrap, filter) => {
          const { book, clock } = openBook({ capacity: 30 });
          announce(book, 'a', 'b');
          // Spread over the last seconds: what comes late belongs between them.
          for (let at = 0; at < written; at++) write(book, 'a', [`line ${at}`], 995_000 + at * 150);
          const settings = { ...plain, wrap, ...(filter === undefined ? {} : { filter }) };
          const view = createLogView({ book, columns: 14, rows: 4, settings });
          view.scroll({ kind: 'lines', by: -up });
          if (view.status().following) return;
          const before = textRows(view.rows());
          let number = 0;
          for (const batch of batches) {
            book.take({
              kind: 'lines',
              lines: batch.map(({ source, at }) => lineOf(source, at, `later ${number++} and longer`)),
            });
            clock.now += 700;
            const after = textRows(view.rows());
            expect(after).toEqual(before);
          }
        },
      ),
    );
  });

  test('all that was read is still there when the whole page dropped out; moving leaves it', () => {
    const { book } = openBook({ capacity: 10 });
    announce(book, 'a');
    write(book, 'a', numbered(10));
    const view = createLogView({ book, columns: 30, rows: 3 });
    view.scroll({ kind: 'start' });
    write(book, 'a', numbered(100, 10));
    expect(shown(textRows(view.rows()))).toEqual(['line 0', 'line 1', 'line 2']);
    view.scroll({ kind: 'lines', by: 1 });
    expect(shown(textRows(view.rows()))).toEqual(['line 101', 'line 102', 'line 103']);
  });

  test('up and down again by rows comes back to the same rows, also wrapped', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 4, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        (texts, columns, by) => {
          const { book } = openBook();
          announce(book, 'a');
          write(book, 'a', texts.map(cleanLine));
          const view = createLogView({ book, columns, rows: 4, settings: { ...plain, wrap: true } });
          view.scroll({ kind: 'start' });
          const start = textRows(view.rows());
          for (let step = 0; step < by; step++) view.scroll({ kind: 'lines', by: 1 });
          const oneByOne = textRows(view.rows());
          view.scroll({ kind: 'start' });
          view.scroll({ kind: 'lines', by });
          expect(textRows(view.rows())).toEqual(oneByOne);
          for (let step = 0; step < by; step++) view.scroll({ kind: 'lines', by: -1 });
          expect(textRows(view.rows())).toEqual(start);
        },
      ),
    );
  });

  test('the row on top stays, when another width makes it shorter it is the last of its line', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', ['x'.repeat(60), 'y', 'z', 'z', 'z']);
    const view = createLogView({ book, columns: 13, rows: 3, settings: { ...plain, wrap: true } });
    view.scroll({ kind: 'lines', by: -2 });
    expect(textRows(view.rows())).toEqual(['  │xxxxxxxxxx', ' a│y', ' a│z']);
    view.resize(33, 3);
    expect(textRows(view.rows())[1]).toBe(' a│y');
  });

  test('beginning anew follows again', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', numbered(10));
    const view = createLogView({ book, columns: 30, rows: 3 });
    view.scroll({ kind: 'start' });
    book.clear();
    expect(textRows(view.rows())).toEqual(['', '', '']);
    write(book, 'a', ['anew']);
    expect(shown(textRows(view.rows()))).toEqual(['anew', '', '']);
    expect(view.status()).toMatchObject({ following: true, newLines: 0 });
  });
});

describe('a filter', () => {
  const words = fc.constantFrom('GET /health', 'ERROR db', 'error', 'ok', '[x', 'a.b', 'axb');
  const batches = fc.array(
    fc.array(
      fc.record({
        source: fc.constantFrom('a', 'b', 'c'),
        at: fc.integer({ min: 995_000, max: 1_005_000 }),
        text: words,
      }),
      { maxLength: 8 },
    ),
    { maxLength: 8 },
  );

  test('shows what passing all of the book through it shows, however it was set', () => {
    fc.assert(
      fc.property(
        batches,
        fc.constantFrom<readonly [string, RegExp]>(
          ['error', /error/i],
          ['a.b', /a.b/i],
          ['[x', /\[x/i],
          ['^$|ok', /^$|ok/i],
          ['', /^/],
        ),
        fc.subarray(['a', 'b', 'c']),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (all, [filter, pattern], hidden, capacity, isSetFirst) => {
          const { book, clock } = openBook({ capacity });
          announce(book, 'a', 'b', 'c');
          const view = createLogView({ book, columns: 30, rows: 100 });
          const settings = { ...plain, filter, hidden };
          if (isSetFirst) view.set(settings);
          for (const lines of all) {
            book.take({ kind: 'lines', lines });
            clock.now += 300;
          }
          if (!isSetFirst) view.set(settings);
          const wanted: string[] = [];
          for (const [place, text] of textsIn(book).entries()) {
            const key = ['a', 'b', 'c'][book.at(book.begin() + place)?.source ?? 0] ?? '';
            if (pattern.test(text) && !hidden.includes(key)) wanted.push(text);
          }
          expect(shown(textRows(view.rows())).filter((text) => text !== '')).toEqual(wanted);
          expect(view.extent().lines).toBe(wanted.length);
        },
      ),
    );
  });

  test('looks at each new line once, not at all again', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', numbered(20_000));
    createLogView({ book, columns: 30, rows: 10, settings: { ...plain, filter: 'line 1' } });
    const looked = vi.spyOn(RegExp.prototype, 'test');
    for (let line = 0; line < 10; line++) write(book, 'a', ['line 1']);
    const times = looked.mock.calls.length;
    looked.mockRestore();
    expect(times).toBeLessThan(50);
  });

  test('set while reading shows what passes from where one read', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', numbered(100));
    const view = createLogView({ book, columns: 30, rows: 3 });
    view.scroll({ kind: 'lines', by: -50 });
    write(book, 'a', ['line 5 new', 'line 6 new']);
    view.set({ ...plain, filter: '5' });
    expect(shown(textRows(view.rows()))).toEqual(['line 50', 'line 51', 'line 52']);
    expect(view.status()).toMatchObject({ following: false, newLines: 1 });
  });

  test('that never ends is given up, and that is said', () => {
    const { book } = openBook();
    announce(book, 'a');
    write(book, 'a', Array<string>(5).fill(`${'a'.repeat(3_000)}b`));
    const view = createLogView({ book, columns: 30, rows: 3, settings: { ...plain, filter: '^(a+)+$' } });
    expect(view.status().trouble).toMatch(/filter takes far too long/);
    view.set(plain);
    expect(view.status()).not.toHaveProperty('trouble');
  });
});

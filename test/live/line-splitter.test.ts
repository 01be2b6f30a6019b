import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from '../../src/live/line-splitter.ts';

const bytes = (text: string) => Buffer.from(text);
const ALL = Number.POSITIVE_INFINITY;

/** Pushes text in pieces that end at the given places. */
function pushed(whole: Buffer, borders: readonly number[], maxLines = ALL) {
  const splitter = createLineSplitter();
  const lines: string[] = [];
  let leftOut = 0;
  const ends = [...borders.map((border) => border % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    const found = splitter.push(whole.subarray(from, end), maxLines);
    lines.push(...found.lines);
    leftOut += found.leftOut;
    from = end;
  }
  return { lines, leftOut, rest: splitter.end() };
}

describe('bytes become lines', () => {
  test('the same whatever pieces they come in', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[^\n\0]*$/), { minLength: 1 }), fc.array(fc.nat()), (lines, borders) => {
        const found = pushed(bytes(lines.map((line) => `${line}\n`).join('')), borders);
        expect(found).toEqual({ lines: lines.map((line) => line.toWellFormed()), leftOut: 0, rest: undefined });
      }),
    );
  });

  test('bytes that are no UTF-8 too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat()), (raw, borders) => {
        expect(pushed(Buffer.from(raw), borders)).toEqual(pushed(Buffer.from(raw), []));
      }),
    );
  });

  test('the last ones of each push are decoded, the others counted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', 'a', 'ß', 'long line')),
        fc.nat({ max: 6 }),
        fc.array(fc.nat()),
        (lines, maxLines, borders) => {
          const whole = bytes(lines.map((line) => `${line}\n`).join(''));
          const found = pushed(whole, borders, maxLines);
          expect(found.lines.length + found.leftOut).toBe(lines.length);
          if (borders.length === 0) expect(found.lines).toEqual(maxLines === 0 ? [] : lines.slice(-maxLines));
        },
      ),
    );
  });

  test('a letter split over two reads is one letter', () => {
    const splitter = createLineSplitter();
    const euro = bytes('€\n');
    expect(splitter.push(euro.subarray(0, 1), ALL).lines).toEqual([]);
    expect(splitter.push(euro.subarray(1), ALL).lines).toEqual(['€']);
  });

  test('a line without an end comes when nothing more does', () => {
    expect(pushed(bytes('a\nrest'), [])).toEqual({ lines: ['a'], leftOut: 0, rest: 'rest' });
  });

  test('NULs before a line go', () => {
    expect(pushed(bytes(`${'\0'.repeat(200_000)}after\n\0\0next\na\0b\n`), [1000, 150_000])).toEqual({
      lines: ['after', 'next', 'a\0b'],
      leftOut: 0,
      rest: undefined,
    });
  });
});

describe('a line longer than 64 KiB', () => {
  const long = 'x'.repeat(200_000);

  test('is cut, and what follows it is a line of its own', () => {
    for (const borders of [[], [1], [70_000], [70_000, 140_000], [200_001], [65_536], [65_535, 65_537]]) {
      const { lines } = pushed(bytes(`a\n${long}\nb\n`), borders);
      expect(lines.map((line) => line.length)).toEqual([1, 65_536, 1]);
    }
  });

  test('is given out before it ends, and once', () => {
    const splitter = createLineSplitter();
    expect(splitter.push(bytes(long), ALL).lines).toHaveLength(1);
    for (let count = 0; count < 100; count++) expect(splitter.push(bytes(long), ALL).lines).toEqual([]);
    expect(splitter.push(bytes('\nnext\n'), ALL).lines).toEqual(['next']);
  });
});

test('after missing bytes the next whole line is the first', () => {
  const splitter = createLineSplitter();
  splitter.push(bytes('half'), ALL);
  splitter.skipLine();
  expect(splitter.push(bytes(' of another\nwhole\n'), ALL).lines).toEqual(['whole']);
});

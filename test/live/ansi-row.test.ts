import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAnsiFrame, parseAnsiRow } from '../../src/live/ansi-row.ts';
import { createGrid, rowText } from '../../src/live/cells.ts';
import { diff } from '../../src/live/compositor.ts';

const text = (row: string, columns = 30): string => rowText(parseAnsiFrame(row, columns, 1), 0);

describe('a row', () => {
  test.each([
    ['plain', 'step 1', 'step 1'],
    ['colours leave the text', '\x1b[1;38;5;200mred\x1b[m.', 'red.'],
    ['a title is dropped', 'a\x1b]0;owned\x07b', 'ab'],
    ['a hyperlink leaves its text', '\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\!', 'link!'],
    ['a clipboard write is dropped', 'a\x1b]52;c;aGFoYQ==\x07b', 'ab'],
    ['moves and erasing are dropped', 'a\x1b[2Jb\x1b[10;10Hc\x1b[?1049h', 'abc'],
    ['8-bit controls are dropped', 'a\x9b31mb\x9d0;t\x9cc\x85d', 'abcd'],
    ['a string without an end swallows no more than its row', 'a\x1bPdcs', 'a'],
    ['a tab is a blank', 'a\tb', 'a b'],
    ['reordering becomes visible', 'a\u202egnp.exe', 'a\uFFFDgnp.exe'],
    ['hidden text is blank', 'a\x1b[8msecret\x1b[28mb', 'a      b'],
    ['wide glyphs', '日本 x', '日本 x'],
    ['a family is its first member in two columns', '👨‍👩‍👧|', '👨|'],
    ['a flag is two letters', '🇩🇪|', 'DE|'],
    ['a keycap is a digit and a blank', '1️⃣|', '1 |'],
    ['a variation selector becomes the column layout counted for it', '❤️|', '❤ |'],
    ['marks are bounded', `e${'\u0301'.repeat(30)}|`, 'é\u0301\u0301\u0301\u0301|'],
    ['a lone surrogate is replaced', 'a\ud83d|', 'a\uFFFD|'],
  ])('%s', (_, row, wanted) => {
    expect(text(row)).toBe(wanted);
  });

  test('what does not fit is cut, a wide glyph as a whole', () => {
    expect(text('abcdef', 3)).toBe('abc');
    expect(text('ab日', 3)).toBe('ab');
  });

  test('gives the column after the last glyph', () => {
    expect(parseAnsiRow(createGrid(10, 1), 0, '\x1b[31m日x')).toBe(3);
  });

  test.each([
    ['\x1b[38:2::1:2:3mx', 0x2010203],
    ['\x1b[38;2;1;2;3mx', 0x2010203],
    ['\x1b[38:5:9mx', 0x1000009],
    ['\x1b[91mx', 0x1000009],
    ['\x1b[58;5;3;31mx', 0x1000001],
    ['\x1b[31;39mx', 0],
    ['\x1b[38mx', 0],
    ['\x1b[31;0mx', 0],
    ['\x1b[>4;31mx', 0],
  ])('%j has the foreground %i', (row, colour) => {
    expect(parseAnsiFrame(row, 1, 1).foregrounds[0]).toBe(colour);
  });

  test('lets nothing but text and looks through, whatever it is given', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('\x1b[', '\x1b]', '\x1bP', '\x9b', '\x07', '31m', '52;c;', '日', '\u202e', '👩‍🚒'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const bytes = diff(undefined, parseAnsiFrame(pieces.join(''), 20, 3));
        const rest = bytes.slice(8, -8).replace(/\x1b\[[\d;]*[mHCGKXJ]/g, '');
        expect(rest).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }),
      { numRuns: 1000 },
    );
  });
});

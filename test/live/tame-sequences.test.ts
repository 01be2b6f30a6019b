import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTamer } from '../../src/live/tame-sequences.ts';
import { hostilePieces } from '../fixtures/hostile-output/pieces.ts';

const size = () => ({ columns: 120, rows: 40 });
const tamed = (...pieces: readonly string[]) => {
  const tamer = createTamer(size);
  return pieces.map(tamer.push).join('');
};

describe('text for an emulator', () => {
  test.each([
    ['what is plain', 'plain ünï \x1b[31mred\x1b[m\r\n', 'plain ünï \x1b[31mred\x1b[m\r\n'],
    ['a count beyond the rows', 'a\x1b[999999999Lb', 'a\x1b[40Lb'],
    ['a repetition beyond the columns', 'x\x1b[4800b', 'x\x1b[120b'],
    ['a position no screen has', '\x1b[99999999;5H', '\x1b[9999;5H'],
    ['controls within', '\x1b[99\x0099999L', '\x00\x1b[40L'],
    ['controls behind the escape', '\x1b\x07[99999S', '\x07\x1b[40S'],
    ['a string', 'a\x1b]0;title\x07b\x1bPq#0\x1b\\c', 'ab\x1b\\c'],
    ['what a string interrupts', '\x1b[9\x1b]0;t\x07999L', '999L'],
    ['an escape before a string', '\x1b\x1b]0;t\x07[99999L', '[99999L'],
    ['private modes and queries', '\x1b[?1049h\x1b[>c\x1b[6n', '\x1b[?1049h\x1b[>c\x1b[6n'],
    ['a flood of resets', `a${'\x1bc'.repeat(1000)}b\x1bc`, 'a\x1bcb\x1bc'],
    ['C1', 'a\x9b999999999Lb\x9d0;t\x9cc', 'a\x1b[40Lbc'],
  ])('keeps or bounds %s', (_, text, expected) => {
    expect(tamed(text)).toBe(expected);
  });

  test('keeps eight marks on a character, however they come', () => {
    const marks = '\u0301'.repeat(100);
    expect(tamed(`a${marks}b`)).toBe(`a${'\u0301'.repeat(8)}b`);
    expect(tamed('a', ...Array.from(marks), 'b')).toBe(`a${'\u0301'.repeat(8)}b`);
    expect(tamed(`e\u0301e\u0302`)).toBe('e\u0301e\u0302');
  });

  test.each(Object.entries(hostilePieces))('is the same wherever it is cut: %s', (_, piece) => {
    const text = `${piece.toString()}x`;
    const whole = tamed(text);
    for (let at = 1; at < Math.min(text.length, 300); at++)
      expect(tamed(text.slice(0, at), text.slice(at))).toBe(whole);
  });

  test('holds no count that an emulator would be busy with', () => {
    const parts = fc.constantFrom(
      '\x1b',
      '[',
      ']',
      '9',
      '99999',
      ';',
      'L',
      'S',
      'b',
      '\x07',
      '\x00',
      '\x9b',
      '\x9d',
      '\x18',
      ' ',
      'P',
      '\\',
      'x',
    );
    fc.assert(
      fc.property(
        fc.array(
          fc.array(parts, { maxLength: 12 }).map((some) => some.join('')),
          { maxLength: 6 },
        ),
        (pieces) => {
          const bare = tamed(...pieces).replaceAll(/[\x00-\x17\x19\x1c-\x1f\x7f]/g, '');
          for (const [, count = ''] of bare.matchAll(/(?:\x1b\[|\x9b)(\d+)(?:;\d*)*[LMSTIZb]/g))
            expect(Number(count)).toBeLessThanOrEqual(120);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

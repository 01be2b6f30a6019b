import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanLine } from '../../src/live/clean-line.ts';
import { longestLine } from '../../src/live/log-line.ts';

describe('a line of a log', () => {
  test.each([
    ['plain', 'GET /health 200', 'GET /health 200'],
    ['umlauts and box lines', 'grün ─ naïve', 'grün ─ naïve'],
    ['colours go', '\x1b[1;38;5;200mERROR\x1b[0m db', 'ERROR db'],
    ['moves, erasing and modes go', 'a\x1b[2Jb\x1b[10;10Hc\x1b[?1049h', 'abc'],
    ['a sequence with a space in it goes as a whole', 'a\x1b[2 qb', 'ab'],
    ['a title goes', 'a\x1b]0;owned\x07b', 'ab'],
    ['a hyperlink leaves its text', '\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\!', 'link!'],
    ['a clipboard write without an end goes with all that follows', 'a\x1b]52;c;aGFoYQ==', 'a'],
    ['a string ends where the next sequence begins', 'a\x1bPq#0\x1b[31mb', 'ab'],
    ['an application command', 'a\x1b_Gf=100;AAAA\x1b\\b', 'ab'],
    ['a single shift goes with its letter', 'a\x1bOAb\x8fCd', 'abd'],
    ['a character set', 'a\x1b(0b', 'ab'],
    ['a cut sequence', 'a\x1b[31', 'a'],
    ['a cut escape', 'a\x1b', 'a'],
    ['one within another', 'a\x1b\x1b[31[31mb', 'a31mb'],
    ['8-bit controls', 'a\x9b31mb\x9d0;t\x9cc\x84d', 'abcd'],
    ['bells, backspaces and NULs', 'a\x07\x08\0b\x7f', 'ab'],
    ['tabs reach the next eighth column', 'a\tbc\t\td', 'a       bc              d'],
    ['a tab counts what is seen', '\x1b[31ma\tb', 'a       b'],
    ['progress: the last writing stays', '10 %\r50 %\r100 %', '100 %'],
    ['a line that ends in a carriage return', 'done\r', 'done'],
    ['in several, and in a newline', 'x\rdone\r\r\n', 'done'],
    ['only carriage returns', '\r\r\r', ''],
    ['written over with nothing', 'done\r\x1b[K', ''],
    ['breaks within', 'a\nb\u2028c', 'a b c'],
    ['reordering', 'a\u202egnp.exe\u2066x\u2069\u200f', 'agnp.exex'],
    ['no width', 'a\u200b\u200d\ufeff\u00ad\u2060b\u{e0041}', 'ab'],
    ['a variation selector', '❤\ufe0f 1\ufe0f\u20e3', '❤ 1'],
    ['letters with marks', 'e\u0301 हिन्दी', 'e\u0301 हिन्दी'],
    ['a flood of marks', `e${'\u0301'.repeat(1000)}!`, 'e\u0301\u0301\u0301!'],
    ['a flood of marks with joiners between', `e${'\u0301\u200d'.repeat(1000)}!`, 'e\u0301\u0301\u0301!'],
    ['lone surrogates', 'a\ud83d b\ude00', 'a\ufffd b\ufffd'],
    ['halves that would meet', '\ud83d\x1b[m\ude00', '\ufffd\ufffd'],
    ['wide letters and emoji', '日本 🚀', '日本 🚀'],
    ['nothing', '', ''],
  ])('%s', (_, line, wanted) => {
    expect(cleanLine(line)).toBe(wanted);
  });

  test('is cut with an ellipsis, never within a character', () => {
    expect(cleanLine('x'.repeat(longestLine))).toBe('x'.repeat(longestLine));
    expect(cleanLine('x'.repeat(longestLine + 1))).toBe(`${'x'.repeat(longestLine - 1)}…`);
    expect(cleanLine(`\x1b[1m${'x'.repeat(longestLine + 1)}`)).toBe(`${'x'.repeat(longestLine - 1)}…`);
    expect(cleanLine(`${'x'.repeat(longestLine - 2)}🚀🚀`)).toBe(`${'x'.repeat(longestLine - 2)}…`);
    expect(cleanLine('\t'.repeat(100_000))).toBe(`${' '.repeat(longestLine - 1)}…`);
  });

  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      ...[
        '\x1b',
        '\x1b[',
        '\x1b]',
        '\x1bP',
        '\x1bO',
        '\x9b',
        '\x9d',
        '\x07',
        '\x1b\\',
        '31m',
        '52;c;',
        '\r',
        '\n',
        '\t',
      ],
      ...['日', '\u202e', '👩‍🚒', '\ud83d', '\ude00', '\u0301', '\ufe0f', 'x'.repeat(longestLine - 3)],
    ),
  );
  const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

  test('holds nothing that acts, hides or reorders, and is never too long', () => {
    fc.assert(
      fc.property(hostile, (line) => {
        const text = cleanLine(line);
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\p{M}{4}/u);
        expect(text.isWellFormed()).toBe(true);
        expect(text.length).toBeLessThanOrEqual(longestLine);
      }),
      { numRuns: 1_000 },
    );
  });

  test('stays as it is once it is clean', () => {
    fc.assert(
      fc.property(hostile, (line) => {
        expect(cleanLine(cleanLine(line))).toBe(cleanLine(line));
      }),
    );
  });

  test('keeps printable ASCII whatever is around it', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ -~]{0,50}$/), (word) => {
        expect(cleanLine(`\x1b[31m${word}\x1b[0m\r\n`)).toBe(word);
      }),
    );
  });

  test.each([
    ['plain text', 'x'],
    ['open sequences', '\x1b['],
    ['open strings', '\x1b]'],
    ['parameters', '\x1b[1;'],
    ['one string without an end', '\x1b]52;c;', 'A'],
    ['carriage returns', 'a\r'],
    ['carriage returns at the end', '', '\r'],
    ['marks', '\u0301'],
    ['marks after an escape', '\x1b', '\u0301\u200d'],
    ['tabs', '\t'],
    ['lone surrogates', '\ud83d'],
    ['8-bit strings', '\x9d'],
    ['intermediates', '\x1b', ' '],
    ['emoji', '👩‍🚒'],
  ])('costs time in proportion to its length: %s', (_, first, unit = first) => {
    const costOf = (length: number): number => {
      const line = first + unit.repeat(Math.ceil(length / unit.length));
      const before = process.cpuUsage();
      expect(cleanLine(line).length).toBeLessThanOrEqual(longestLine);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const most = Math.max(...[1, 2, 3].map(() => costOf(500_000)));
    // Twenty times as long; where cost grew with the square, it would be four hundred times as dear.
    expect(costOf(10_000_000)).toBeLessThan(100 * Math.max(most, 1_000));
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { harmlessJson, harmlessLine, harmlessText } from '../../src/live/harmless-text.ts';
import { hostilePieces } from '../fixtures/hostile-output/pieces.ts';
import { beyondText } from '../support/beyond-drawing.ts';

const text = fc
  .array(fc.oneof(fc.constantFrom(...Object.values(hostilePieces).map(String)), fc.string({ unit: 'binary' })), {
    maxLength: 8,
  })
  .map((pieces) => pieces.join(''));

describe('text for a plain terminal', () => {
  test.each([
    ['plain\tünï 漢字 ✔\nlines', 'plain\tünï 漢字 ✔\nlines'],
    ['a\x1b]0;owned\x07b\x9b31mc\x1b[1md', 'abcd'],
    ['one\r\ntwo\rthree', 'one\ntwo three'],
    ['\u202eevil\u202c \ufeffbom', 'evil bom'],
  ])('%j', (given, expected) => {
    expect(harmlessText(given, false)).toBe(expected);
  });

  test('keeps colours only where they are wanted', () => {
    expect(harmlessText('\x1b[31mred\x1b[0m\x1b[2J', true)).toBe('\x1b[31mred\x1b[0m');
    expect(harmlessText('\x1b[31mred\x1b[0m', false)).toBe('red');
  });

  test('holds nothing a terminal acts on, whatever it was', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (given, colours) => {
        expect(beyondText(harmlessText(given, colours), colours)).toEqual([]);
        expect(harmlessLine(given)).not.toMatch(/[\n\t]/);
      }),
      { numRuns: 500 },
    );
  });

  test('JSON keeps its value', () => {
    fc.assert(
      fc.property(text, (given) => {
        const json = harmlessJson(JSON.stringify({ [given]: given }));
        expect(beyondText(json)).toEqual([]);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [given]: given })));
      }),
      { numRuns: 500 },
    );
  });
});

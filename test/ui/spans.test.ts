import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { clean, cut, fitRow, plainText, rowWidth, span, spread, toSgr, widthOf, wrapText } from '../../src/ui/spans.ts';
import { screenGlyphs } from '../../src/ui/theme.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '⚠️ 1️⃣ 👩‍👩‍👧',
    '日本語のログ',
    'e\u0301',
    '\u001b[31mred\u001b]0;title\u0007',
    '\u202eevil',
    'a\tb\r\nc',
  ),
);

describe('rows keep their width', () => {
  test('whatever the text', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 5 }), fc.integer({ min: 0, max: 60 }), (texts, width) => {
        const fitted = fitRow(
          texts.map((text, index) => (index % 2 === 0 ? text : span(text, { bold: true }))),
          width,
        );
        expect(stringWidth(plainText(fitted))).toBe(width);
      }),
    );
  });

  test('with a part at the right end', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.integer({ min: 0, max: 60 }), (left, right, width) => {
        expect(stringWidth(plainText(spread([left], [right], width)))).toBe(width);
      }),
    );
  });

  test('when wrapped', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 40 }), (text, width) => {
        for (const line of wrapText(text, width)) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });

  test('and measure as the terminal does', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(widthOf(clean(text))).toBe(stringWidth(clean(text)));
      }),
    );
    for (const glyph of screenGlyphs) expect([glyph, widthOf(glyph), stringWidth(glyph)]).toEqual([glyph, 1, 1]);
  });
});

test('no control of a text reaches the terminal', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(toSgr([text])).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});

test.each([
  ['fits', 4, 'fits'],
  ['too long', 5, 'too …'],
  ['日本語', 4, '日…'],
  ['日本語', 5, '日本…'],
  ['a', 0, ''],
])('%s cut to %i cells is %s', (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
});

test('an ellipsis says that spans are missing', () => {
  expect(plainText(fitRow(['abc', span('def')], 4))).toBe('abc…');
  expect(plainText(fitRow(['abc', span('def')], 3))).toBe('ab…');
  expect(rowWidth(['abc', span('def')])).toBe(6);
});

test('styles are closed span by span', () => {
  expect(toSgr([span('a', { color: 'red', bold: true }), 'b'])).toBe('\u001b[1;31ma\u001b[0mb');
});

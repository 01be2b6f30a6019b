import { createRequire } from 'node:module';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';

// The module is written for the bundle, where `require` is always there.
Object.assign(globalThis, { require: createRequire(import.meta.url) });
const { default: quickWidth } = (await import('../../src/bin/quick-width.mjs' as string)) as {
  readonly default: typeof stringWidth;
};

test('every character has the width that string-width gives it', () => {
  const different = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (character) => quickWidth(character) !== stringWidth(character),
  );
  expect(different).toEqual([]);
});

test('every text has the width that string-width gives it', () => {
  const pieces = fc.constantFrom(
    'a',
    '─',
    '✔',
    '⚠',
    '\x1b[31m',
    '\x1b[0m',
    '\x1b',
    '1',
    '\ufe0f',
    '\u20e3',
    '字',
    'é',
    '👩‍👩‍👧',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'grapheme' }))), (parts) => {
      const text = parts.join('');
      expect(quickWidth(text)).toBe(stringWidth(text));
    }),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { graphemesOf } from '../../src/ui/spans.ts';
import { editField, type FieldEdit, fieldWith, longestText } from '../../src/ui/text-field.ts';

const edits: fc.Arbitrary<FieldEdit> = fc.oneof(
  fc.string({ unit: 'grapheme' }).map((text): FieldEdit => ({ kind: 'insert', text })),
  fc.constantFrom(
    ...(['erase before', 'erase after', 'erase word', 'erase all', 'left', 'right', 'start', 'end'] as const).map(
      (kind): FieldEdit => ({ kind }),
    ),
  ),
);

test.each<[string, readonly FieldEdit[], string, number]>([
  ['typing goes in at the cursor', [{ kind: 'left' }, { kind: 'insert', text: 'x' }], 'abxc', 3],
  ['erasing takes what is before', [{ kind: 'erase before' }], 'ab', 2],
  ['delete takes what is under it', [{ kind: 'start' }, { kind: 'erase after' }], 'bc', 0],
  ['a paste becomes one line', [{ kind: 'insert', text: ' d\ne\u001b[31m' }], 'abc d e[31m', 11],
  ['a word goes at once', [{ kind: 'insert', text: ' def ' }, { kind: 'erase word' }], 'abc ', 4],
  ['all goes at once', [{ kind: 'erase all' }], '', 0],
  ['the cursor stops at both ends', [{ kind: 'end' }, { kind: 'right' }], 'abc', 3],
])('%s', (_, done, text, at) => {
  expect(done.reduce(editField, fieldWith('abc'))).toEqual({ text, at });
});

test('the cursor stays inside of the text, and the text inside of its limit', () => {
  fc.assert(
    fc.property(fc.array(edits, { maxLength: 30 }), (done) => {
      const field = done.reduce(editField, fieldWith(''));
      expect(field.at).toBeGreaterThanOrEqual(0);
      expect(field.at).toBeLessThanOrEqual(graphemesOf(field.text).length);
    }),
  );
  expect(graphemesOf(editField(fieldWith(''), { kind: 'insert', text: 'a'.repeat(10_000) }).text)).toHaveLength(
    longestText,
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expand, namesIn } from '../../src/definition/expand.ts';

test.each([
  ['a ${A} b', 'a 1 b'],
  ['${A}${B}', '1${A}'],
  ['$${A}', '${A}'],
  ['$$${A}', '$${A}'],
  ['$A ${} ${1} ${A', '$A ${} ${1} ${A'],
  ['', ''],
])('%s', (text, expanded) => {
  expect(expand(text, { A: '1', B: '${A}' })).toBe(expanded);
});

test('the first unknown name is told with its place', () => {
  expect(expand('$${X} ${A} ${B} ${C}', { A: '' })).toEqual({ unknown: 'B', index: 11 });
  expect(expand('${toString}', {})).toEqual({ unknown: 'toString', index: 0 });
});

test('a text without names stays, and one with all names known never fails', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const names = namesIn(text);
      const values = Object.fromEntries(names.map(({ name }) => [name, '']));
      expect(typeof expand(text, values)).toBe('string');
      if (!text.includes('$')) expect(expand(text, {})).toBe(text);
    }),
  );
});

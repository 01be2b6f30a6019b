import { expect, test } from 'vitest';
import { isPlainPattern } from '../../src/live/plain-pattern.ts';

test.each([
  [/\b500\b|error|exception/, true],
  [/a\.b\*\+[*+{(]\{/, true],
  [/(?:warn|colou?r)ed/, true],
  [/(a+)+$/, false],
  [/a{30}/, false],
  [/.*x/, false],
  [/a?a?a?a?a?aaaaa/, false],
  [/(a|aa)(a|aa)/, false],
  [new RegExp('a|'.repeat(200)), false],
])('%s', (pattern, isPlain) => {
  expect(isPlainPattern(pattern)).toBe(isPlain);
});

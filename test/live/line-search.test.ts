import { describe, expect, test } from 'vitest';
import { createLineSearch } from '../../src/live/line-search.ts';

describe('a search through lines', () => {
  test('finds what matches and is not to be ignored', () => {
    const search = createLineSearch({ pattern: /error|\b500\b/i, ignore: /ERROR_REPORTING/ });
    expect(search.matching(['an Error', 'ERROR_REPORTING=1', 'took 1500 ms', 'HTTP 500', ''])).toEqual([
      true,
      false,
      false,
      true,
      false,
    ]);
  });

  test('does not depend on where the line before matched', () => {
    const search = createLineSearch({ pattern: /a/g });
    expect(search.matching(['xxa', 'a', 'xa'])).toEqual([true, true, true]);
  });

  test('tells where each line matches; a match of nothing is none', () => {
    const search = createLineSearch({ pattern: /b*/ });
    expect(search.ranges(['abba', 'x'])).toEqual([[{ from: 1, to: 3 }], []]);
  });

  test('gives up a pattern that never ends, and other lines were still looked at', () => {
    const search = createLineSearch({ pattern: /error|^(a+)+$/ });
    const never = `${'a'.repeat(3_999)}b`;
    const begun = performance.now();
    expect(search.matching(['error 1', never, 'error 2'])).toEqual([true, false, true]);
    expect(search.isGivenUp()).toBe(false);
    expect(search.matching(Array<string>(1_000).fill(never)).includes(true)).toBe(false);
    expect(search.isGivenUp()).toBe(true);
    expect(search.matching(['error 3'])).toEqual([false]);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });
});

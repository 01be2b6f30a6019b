import { describe, expect, test } from 'vitest';
import { jsonDifference } from '../../src/runner/json-subset.ts';

describe('comparing an answer', () => {
  test.each([
    [{ status: 'ok', more: 1 }, { status: 'ok' }, undefined],
    [{ a: { b: [1, { c: 2, d: 3 }] } }, { a: { b: [1, { c: 2 }] } }, undefined],
    [null, null, undefined],
    [
      { status: { health: 'broken' } },
      { status: { health: 'ok' } },
      { path: 'status.health', wanted: '"ok"', found: '"broken"' },
    ],
    [{}, { status: 'ok' }, { path: 'status', wanted: '"ok"', found: 'nothing' }],
    [{ a: [1, 2] }, { a: [1] }, { path: 'a', wanted: '[1]', found: '[1,2]' }],
    [{ a: [1, 3] }, { a: [1, 2] }, { path: 'a[1]', wanted: '2', found: '3' }],
    ['1', 1, { path: '', wanted: '1', found: '"1"' }],
    [[], {}, { path: '', wanted: '{}', found: '[]' }],
    [{}, { toString: 1 }, { path: 'toString', wanted: '1', found: 'nothing' }],
  ])('%j against %j', (found, wanted, difference) => {
    expect(jsonDifference(found, wanted)).toEqual(difference);
  });
});

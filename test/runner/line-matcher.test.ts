import { describe, expect, test } from 'vitest';
import { createCapture } from '../../src/runner/capture.ts';
import { createLineMatcher } from '../../src/runner/line-matcher.ts';

describe('what output is compared with', () => {
  test.each([
    ['match in a line', { match: 'ready$' }, ['server READY\r\nmore\n'], []],
    ['match over two reads', { match: '^hello$' }, ['hel', 'lo\n'], []],
    ['match in a last line without an end', { match: '^hello$' }, ['hel', 'lo'], []],
    ['colours do not count', { match: '^hello$' }, ['\u001b[31mhel\u001b[0mlo\n'], []],
    ['redrawn lines are lines', { match: '^50%$' }, ['10%\r50%\r100%\n'], []],
    [
      'no match',
      { match: 'x' },
      ['a\nb\n'],
      [{ what: 'match', wanted: 'x', found: 'none of 2 lines, the last is “b”' }],
    ],
    ['no output', { match: 'x' }, [], [{ what: 'match', wanted: 'x', found: 'no output' }]],
    [
      'unwanted',
      { noMatch: 'error' },
      ['fine\nan Error\nerror 2\n'],
      [{ what: 'no-match', wanted: 'error', found: 'an Error' }],
    ],
    ['nothing unwanted', { noMatch: 'error' }, ['fine\n'], []],
  ])('%s', (_, expectation, pieces, unmet) => {
    const matcher = createLineMatcher({ exit: [0], ...expectation });
    for (const piece of pieces) matcher?.push(Buffer.from(piece));
    expect(matcher?.end()).toEqual(unmet);
  });

  test('a line without an end needs no endless memory, and what comes after it is found', () => {
    const matcher = createLineMatcher({ exit: [0], match: 'needle' });
    for (let round = 0; round < 50; round++) matcher?.push(Buffer.alloc(100_000, 'x'));
    matcher?.push(Buffer.from('\nneedle\n'));
    expect(matcher?.end()).toEqual([]);
  });

  test('nothing expected needs no matcher', () => {
    expect(createLineMatcher({ exit: [0] })).toBeUndefined();
  });

  test.each([
    ['  v1.2\r\n', 'v1.2'],
    ['\u001b[32mok\u001b[0m\n', 'ok'],
    ['10%\r20%\r100%\r\ndone\r\n', '100%\ndone'],
    ['', ''],
  ])('of %j the value %j is captured', (printed, value) => {
    const capture = createCapture();
    for (const byte of Buffer.from(printed)) capture.push(Uint8Array.of(byte));
    expect(capture.text()).toBe(value);
  });

  test('at most 64 KiB are captured, in whole characters', () => {
    const capture = createCapture();
    capture.push(Buffer.from(`x${'é'.repeat(100_000)}`));
    expect(Buffer.byteLength(capture.text())).toBe(65_535);
    expect(capture.text()).not.toContain('\uFFFD');
  });
});

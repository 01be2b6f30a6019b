import { expect, test } from 'vitest';
import { timeInLine } from '../../src/live/line-time.ts';

const here = (text: string) => Date.parse(text);

test.each([
  ['2026-01-02T03:04:05Z ready', Date.UTC(2026, 0, 2, 3, 4, 5)],
  ['2026-01-02T03:04:05.678901Z ready', Date.UTC(2026, 0, 2, 3, 4, 5, 678)],
  ['2026-01-02 03:04:05.6+02:00 ready', Date.UTC(2026, 0, 2, 1, 4, 5, 600)],
  ['2026-01-02 03:04:05 +0200 ready', Date.UTC(2026, 0, 2, 1, 4, 5)],
  ['[2026-01-02 03:04:05,123: INFO/MainProcess] ready', here('2026-01-02T03:04:05.123')],
  ['2026-01-02 03:04:05.123 UTC [1] LOG', Date.UTC(2026, 0, 2, 3, 4, 5, 123)],
  ['2026-01-02 03:04:05 ready', here('2026-01-02T03:04:05')],
])('%s', (line, at) => {
  expect(timeInLine(line)?.at).toBe(at);
});

test.each(['', 'ready', 'at 2026-01-02T03:04:05Z', '2026-01-02', '2026-13-02T03:04:05Z', '2026-01-02T03:04:055'])(
  '“%s” does not say',
  (line) => {
    expect(timeInLine(line)).toBeUndefined();
  },
);

test.each([
  ['2026-01-02T03:04:05Z ready', true],
  ['2026-01-02 03:04:05 +0200 ready', true],
  ['2026-01-02 03:04:05 ready', false],
])('whether it names a zone: %s', (line, hasZone) => {
  expect(timeInLine(line)?.hasZone).toBe(hasZone);
});

import { describe, expect, test } from 'vitest';
import { datedLines } from '../../src/adapters/dated-lines.ts';

const HOUR = 3_600_000;
const now = Date.UTC(2026, 10, 24, 10);
const pad = (number: number, length = 2) => String(number).padStart(length, '0');

/** A time as a program writes it that names no zone and runs in one that is `ahead` of the operator's. */
function stamp(at: number, ahead = 0): string {
  const date = new Date(at + ahead);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

const dated = (lines: readonly string[], of: Partial<Parameters<typeof datedLines>[1]> = {}) =>
  datedLines(lines, { source: 'a', now, ...of });

describe('lines that were there before', () => {
  const written = [now - 3 * HOUR, now - 2 * HOUR];

  test.each([-9 * HOUR, -HOUR, 0, HOUR, 5.5 * HOUR, 8 * HOUR])('in a zone %d ms ahead', (ahead) => {
    const lines = written.map((at) => `${stamp(at, ahead)} ERROR`);
    expect(dated(lines, { old: { writtenBefore: now - 2 * HOUR, zoneShift: -ahead } })).toEqual(
      lines.map((text, place) => ({ source: 'a', at: written[place], text })),
    );
  });

  test('with a zone of their own are not shifted', () => {
    const text = `${new Date(now - HOUR).toISOString()} ERROR`;
    const old = { writtenBefore: now, zoneShift: -HOUR };
    expect(dated([text], { old })).toEqual([{ source: 'a', at: now - HOUR, text }]);
  });

  test('are undated where their zone is unknown, or where their time is later than the file', () => {
    const lines = [`${stamp(now - HOUR)} ERROR`, 'more of it'];
    const old = { writtenBefore: now - 2 * HOUR, zoneShift: 0 };
    const undated = lines.map((text) => ({ source: 'a', at: now - 2 * HOUR, text, isUndated: true }));
    expect(dated(lines, { old })).toEqual(undated);
    expect(dated(lines, { old: { writtenBefore: now - 2 * HOUR, zoneShift: 'unknown' } })).toEqual(undated);
    const zoned = [`${new Date(now).toISOString()} ERROR`];
    expect(dated(zoned, { old })).toMatchObject([{ isUndated: true }]);
  });

  test('since a time, by the times that are meant', () => {
    const lines = [`${stamp(now - HOUR, -HOUR)} early`, `${stamp(now - 60_000, -HOUR)} late`];
    const old = { writtenBefore: now, zoneShift: HOUR };
    expect(dated(lines, { old, since: now - 5 * 60_000 }).map(({ text }) => text)).toEqual([lines[1]]);
  });
});

describe('lines that have just come', () => {
  test.each([-HOUR, 0, 8 * HOUR])('in a zone %d ms ahead', (ahead) => {
    expect(dated([`${stamp(now - 4_000, ahead)} ready`, 'more of it'])).toMatchObject([
      { at: now - 4_000 },
      { at: now - 4_000 },
    ]);
  });

  test.each([`${stamp(now - 7 * 60_000)} ready`, `${new Date(now - HOUR).toISOString()} ready`])(
    'with a time that can’t be meant have the time at which they came: %s',
    (line) => {
      expect(dated([line, 'more of it'])).toMatchObject([{ at: now }, { at: now }]);
    },
  );
});

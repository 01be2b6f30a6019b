import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createContainerLines } from '../../src/adapters/container-lines.ts';
import { type EngineTime, laterOf, readStamp, sinceAfter, sinceAt, timeMs } from '../../src/adapters/engine-time.ts';
import { createFrameReader } from '../../src/adapters/log-frames.ts';
import { createLineBudget } from '../../src/live/line-budget.ts';
import type { LogLine, LogNews } from '../../src/live/log-line.ts';

const frame = (stream: number, text: string | Buffer) => {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
};

const stamp = (number: number) => `2026-11-24T10:00:00.${String(number).padStart(9, '0')}Z`;

/** Pushes bytes in pieces that end at these places. */
function read(whole: Buffer, borders: readonly number[], budget = createLineBudget(() => 0), aheadMs = 0) {
  const lines: LogLine[] = [];
  let leftOut = 0;
  let latest: EngineTime | undefined;
  const reader = createContainerLines({
    source: 'app',
    budget,
    now: () => 7,
    aheadMs: () => aheadMs,
    tell: (news) => {
      if (news.kind === 'lines') lines.push(...news.lines);
      if (news.kind === 'left out') leftOut += news.lines;
    },
    read: (time) => {
      latest = laterOf(latest, time);
    },
  });
  const ends = [...borders.map((border) => border % (whole.length + 1)), whole.length].sort((a, b) => a - b);
  let from = 0;
  for (const end of ends) {
    reader.push(whole.subarray(from, end));
    from = end;
  }
  reader.end();
  return { lines, leftOut, latest, texts: lines.map(({ text }) => text) };
}

describe('what the engine sends of a log', () => {
  const written = fc.array(fc.record({ stream: fc.constantFrom(1, 2), text: fc.stringMatching(/^[a-zß日 ]{0,30}$/) }), {
    maxLength: 12,
  });

  test('tells the last of what is left out, where none of it may be passed on', () => {
    const told: LogNews[] = [];
    const reader = createContainerLines({
      source: 'app',
      budget: { allowance: () => 0, spend: () => undefined },
      now: () => 7,
      aheadMs: () => 0,
      tell: (news) => told.push(news),
      read: () => undefined,
    });
    reader.push(frame(1, `${stamp(1)} one\n${stamp(2)} two\n`));
    const at = Date.parse('2026-11-24T10:00:00Z');
    expect(told).toEqual([{ kind: 'left out', source: 'app', at, lines: 2, last: { source: 'app', at, text: 'two' } }]);
  });

  test('frames become lines, however they were split over reads, and the streams are kept apart', () => {
    fc.assert(
      fc.property(written, fc.array(fc.nat()), (all, borders) => {
        const frames = all.map(({ stream, text }, at) => frame(stream, `${stamp(at)} ${text}\n`));
        const found = read(Buffer.concat(frames), borders);
        expect(found.texts).toEqual(all.map(({ text }) => text));
        expect(found.lines.every(({ at }) => at === Date.parse('2026-11-24T10:00:00Z'))).toBe(true);
        if (all.length > 0) expect(found.latest?.nanos).toBe(all.length - 1);
      }),
    );
  });

  test('a line over several frames, with one of the other stream between', () => {
    const bytes = Buffer.concat([
      frame(1, `${stamp(1)} half `),
      frame(2, `${stamp(2)} other\n`),
      frame(1, 'and half\n'),
      frame(1, ''),
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat()), (borders) => {
        expect(read(bytes, borders).texts.toSorted()).toEqual(['half and half', 'other']);
      }),
    );
  });

  test('a container with a terminal has no frames', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (borders) => {
        const bytes = Buffer.from(`${stamp(1)} one\r\n${stamp(2)} \x1b[32mtwo\x1b[m\r\nno stamp\r\n${stamp(3)} rest`);
        const found = read(bytes, borders);
        expect(found.texts).toEqual(['one', 'two', 'no stamp', 'rest']);
        expect(found.lines[2]?.at).toBe(7);
      }),
    );
  });

  test('times are told in our clock, the last stamp in that of the engine', () => {
    const bytes = Buffer.from(`${stamp(1)} one\nno stamp\n`);
    for (const aheadMs of [-90_000, 90_000]) {
      const found = read(
        bytes,
        [],
        createLineBudget(() => 0),
        aheadMs,
      );
      expect(found.lines.map(({ at }) => at)).toEqual([Date.parse('2026-11-24T10:00:00Z') - aheadMs, 7]);
      expect(found.latest).toEqual({ seconds: 1_795_514_400, nanos: 1 });
    }
  });

  test('of a flood the last lines are passed on, the others counted, and their stamps known', () => {
    const all = Array.from({ length: 30_000 }, (_, at) => frame(1 + (at % 2), `${stamp(at)} ${at}\n`));
    const found = read(Buffer.concat(all), []);
    expect(found.texts.length + found.leftOut).toBe(30_000);
    expect(found.texts.length).toBe(20_000);
    expect(found.texts.at(-1)).toBe('29999');
    const spent = createLineBudget(() => 0);
    spent.spend('app', 20_000);
    const none = read(Buffer.concat(all.slice(0, 10)), [], spent);
    expect(none).toMatchObject({ leftOut: 10, texts: [], latest: { nanos: 9 } });
  });

  test('bytes that are no frames and no text break nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, borders) => {
        const found = read(Buffer.from(bytes), borders);
        for (const text of found.texts) expect(/[\p{Cc}\p{Cf}]/u.test(text)).toBe(false);
      }),
    );
  });

  test('frames of nothing give no run', () => {
    expect(createFrameReader().push(frame(1, ''))).toEqual([]);
  });
});

describe('a stamp', () => {
  test.each([
    ['2026-11-24T10:00:00.000000001Z text', { seconds: 1_795_514_400, nanos: 1 }, 'text'],
    ['2026-11-24T10:00:00.999999999Z ', { seconds: 1_795_514_400, nanos: 999_999_999 }, ''],
    ['2026-11-24T10:00:00Z  two spaces', { seconds: 1_795_514_400, nanos: 0 }, ' two spaces'],
    ['2026-11-24T11:00:00.5+01:00 x', { seconds: 1_795_514_400, nanos: 500_000_000 }, 'x'],
  ])('%s', (line, time, text) => {
    expect(readStamp(line)).toEqual({ time, text });
  });

  test.each(['', 'text', '2026-11-24 10:00:00 x', '2026-99-24T10:00:00Z x', '2026-11-24T10:00:00Zx'])(
    'there is none in “%s”',
    (line) => {
      expect(readStamp(line)).toBeUndefined();
    },
  );

  test('`since` is the nanosecond after it', () => {
    expect(sinceAfter({ seconds: 5, nanos: 1 })).toBe('5.000000002');
    expect(sinceAfter({ seconds: 5, nanos: 999_999_999 })).toBe('6.000000000');
    expect(sinceAt(5_012)).toBe('5.012000000');
  });

  test('milliseconds are rounded down', () => {
    expect(timeMs({ seconds: 5, nanos: 12_999_999 })).toBe(5_012);
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  JournalWriteError,
  memoryJournal,
  openJournal,
  readJournal,
  readJournalFile,
} from '../../src/adapters/journal-file.ts';
import type { RunEventBody } from '../../src/run/event.ts';

let folder: string;
let whole: Buffer;

const bodies: readonly RunEventBody[] = [
  { type: 'RunOpened', host: 'studio', pid: 7, screen: true },
  { type: 'NoteAdded', text: 'Grüße ☂ "quoted"\nsecond line' },
  { type: 'RunOnStarted', phaseId: 'one' },
  { type: 'RunOnEnded', why: 'held' },
  { type: 'StepSkipped', stepId: 'a', reason: 'not needed' },
];

beforeAll(async () => {
  folder = mkdtempSync('/tmp/rb-journal-');
  const journal = await open('whole');
  await journal.append(bodies.slice(0, 1));
  await journal.append(bodies.slice(1));
  await journal.close();
  whole = readFileSync(path('whole'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function path(name: string): string {
  return join(folder, name);
}

type Options = { readonly now?: () => number; readonly guard?: () => Promise<string | undefined> };

async function open(name: string, { now = () => 1000, guard = async () => undefined }: Options = {}) {
  const where = name.startsWith('/') ? name : path(name);
  return openJournal({ path: where, reading: await readJournalFile(where), by: 'rob@studio', now, guard });
}

describe('a journal', () => {
  test('reads as what was written, seq by seq, private to its owner', async () => {
    const { events, torn, damage, goodBytes } = readJournal(whole);
    expect(events.map(({ seq, at, by, prev: _prev, ...body }) => [seq, at, by, body])).toEqual(
      bodies.map((body, index) => [index + 1, 1000, 'rob@studio', body]),
    );
    expect([torn, damage, goodBytes]).toEqual([false, undefined, whole.length]);
    expect(statSync(path('whole')).mode & 0o777).toBe(0o600);
    expect(new Set(events.map((event) => event.prev)).size).toBe(bodies.length);
  });

  test('that is not there is empty', async () => {
    expect(await readJournalFile(path('none'))).toMatchObject({ events: [], torn: false, goodBytes: 0 });
  });

  test('cut at any byte reads as a prefix, and is written on behind it', async () => {
    const all = readJournal(whole).events;
    for (let length = 0; length <= whole.length; length += 1) {
      const { events, torn, damage, goodBytes } = readJournal(whole.subarray(0, length));
      expect(damage).toBeUndefined();
      expect(events).toEqual(all.slice(0, events.length));
      expect(torn).toBe(length !== goodBytes);
      expect(goodBytes).toBe(length === 0 ? 0 : whole.subarray(0, length).lastIndexOf(10) + 1);
    }
    const cut = whole.length - 9;
    writeFileSync(path('cut'), whole.subarray(0, cut));
    const journal = await open('cut');
    await journal.append([{ type: 'RunOnEnded', why: 'held' }]);
    await journal.close();
    const { events, damage, torn } = await readJournalFile(path('cut'));
    expect([events.length, events.at(-1)?.type, damage, torn]).toEqual([bodies.length, 'RunOnEnded', undefined, false]);
  });

  test('with any bit flipped before its last line is damaged there or in the next line, which is named', () => {
    const lastLine = whole.subarray(0, -1).lastIndexOf(10) + 1;
    fc.assert(
      fc.property(fc.nat(lastLine - 1), fc.nat(7), (byte, bit) => {
        const bytes = Buffer.from(whole);
        bytes[byte] = (bytes[byte] ?? 0) ^ (1 << bit);
        const line = whole.subarray(0, byte).filter((one) => one === 10).length + 1;
        const { damage, events } = readJournal(bytes);
        expect(damage, `byte ${byte}`).toBeDefined();
        expect([line, line + 1]).toContain(damage?.line);
        expect(events).toHaveLength((damage?.line ?? 0) - 1);
      }),
      { numRuns: 400 },
    );
  });

  test.each([
    ['a line taken out', (lines: string[]) => lines.splice(1, 1), 2, /seq is 3, not 2/],
    ['a line doubled', (lines: string[]) => lines.splice(1, 0, lines[1] ?? ''), 3, /seq is 2, not 3/],
    ['a line that is no JSON', (lines: string[]) => lines.splice(1, 1, 'so'), 2, /no JSON/],
    ['a line that is no event', (lines: string[]) => lines.splice(1, 1, '{"seq":2}'), 2, /no event/],
    ['a changed event', (lines: string[]) => lines.splice(2, 1, (lines[2] ?? '').replace('one', 'two')), 4, /prev/],
  ])('with %s names it', (_, change, line, why) => {
    const lines = whole.toString().split('\n');
    change(lines);
    expect(readJournal(Buffer.from(lines.join('\n'))).damage).toEqual({ line, why: expect.stringMatching(why) });
  });

  test('that is damaged is not opened for writing, and keeps every byte', async () => {
    const bytes = Buffer.from(whole.toString().replace('"studio"', '"studie"'));
    writeFileSync(path('damaged'), bytes);
    await expect(open('damaged')).rejects.toThrow(JournalWriteError);
    expect(readFileSync(path('damaged'))).toEqual(bytes);
  });

  test('never goes back in time, although the clock does', async () => {
    const times = [5000, 200, 6000];
    const journal = await open('time', { now: () => times.shift() ?? 0 });
    const events = [
      ...(await journal.append([{ type: 'RunOnEnded', why: 'held' }])),
      ...(await journal.append([{ type: 'RunOnEnded', why: 'held' }])),
      ...(await journal.append([{ type: 'RunOnEnded', why: 'held' }])),
    ];
    await journal.close();
    expect(events.map((event) => event.at)).toEqual([5000, 5000, 6000]);
    const again = await open('time', { now: () => 1 });
    expect((await again.append([{ type: 'RunOnEnded', why: 'held' }]))[0]?.at).toBe(6000);
    await again.close();
  });
});

describe('what can not be written', () => {
  test('on a full disk is told as such, and nothing has begun', async () => {
    const journal = await openJournal({
      path: '/dev/full',
      reading: readJournal(new Uint8Array()),
      by: 'rob',
      now: () => 1,
      guard: async () => undefined,
    }).catch((error: unknown) => error);
    // A device can't be cut to a length on every system: then it is told when it is opened.
    if (journal instanceof Error) {
      expect(journal).toBeInstanceOf(JournalWriteError);
      return;
    }
    const append = (journal as Awaited<ReturnType<typeof openJournal>>).append(bodies);
    await expect(append).rejects.toThrow(/ENOSPC.*nothing has begun/);
  });

  test('leaves the file as it was, and the next that can be goes on behind it', async () => {
    writeFileSync(path('full'), whole);
    let isRefused = true;
    const journal = await open('full', { guard: async () => (isRefused ? 'taken over' : undefined) });
    await expect(journal.append([{ type: 'RunOnEnded', why: 'held' }])).rejects.toThrow('taken over');
    expect(readFileSync(path('full'))).toEqual(whole);
    isRefused = false;
    await journal.append([{ type: 'RunOnEnded', why: 'held' }]);
    await journal.close();
    await expect(journal.append([{ type: 'RunOnEnded', why: 'held' }])).rejects.toThrow(JournalWriteError);
    const { events, damage } = await readJournalFile(path('full'));
    expect([events.length, damage]).toEqual([bodies.length + 1, undefined]);
  });

  test('under a guard that ends while it is written counts as not written', async () => {
    writeFileSync(path('late'), whole);
    let asked = 0;
    const journal = await open('late', { guard: async () => (asked++ > 0 ? 'taken over' : undefined) });
    await expect(journal.append([{ type: 'RunOnEnded', why: 'held' }])).rejects.toThrow('taken over');
    await journal.close();
  });

  test('under a guard that can not be asked for a moment after it was written is written once', async () => {
    writeFileSync(path('asked'), whole);
    let asked = 0;
    const guard = async () => {
      asked += 1;
      if (asked === 4 || asked === 5) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      return undefined;
    };
    const journal = await open('asked', { guard });
    for (const why of ['one', 'two', 'three']) await journal.append([{ type: 'RunOnEnded', why }]);
    await journal.close();
    const { events, damage, torn } = await readJournalFile(path('asked'));
    expect([damage, torn]).toEqual([undefined, false]);
    expect(events.slice(bodies.length).map((event) => event.type === 'RunOnEnded' && event.why)).toEqual([
      'one',
      'two',
      'three',
    ]);
  });

  test('under a guard whose folder is gone since says so, and does not wait for it', async () => {
    writeFileSync(path('gone'), whole);
    let asked = 0;
    const guard = async () => {
      asked += 1;
      if (asked > 1) throw Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' });
      return undefined;
    };
    const journal = await open('gone', { guard });
    await expect(journal.append([{ type: 'RunOnEnded', why: 'held' }])).rejects.toThrow('was taken away');
    await journal.close();
  });

  test('by one that was taken over from reaches nobody, however late it comes', async () => {
    writeFileSync(path('fenced'), whole);
    const late = await openFile(path('fenced'), 'r+');
    const before = await open('fenced');
    const reading = await readJournalFile(path('fenced'));
    const guard = async () => undefined;
    const next = await openJournal({ path: path('fenced'), reading, by: 'ann', now: () => 1, guard, fence: true });
    await next.append([{ type: 'RunOnEnded', why: 'mine' }]);
    // As if it had been held up between its last look and its write.
    await late.write(Buffer.from('late'.repeat(100)), 0, 400, whole.length);
    await expect(before.append([{ type: 'RunOnEnded', why: 'late' }])).rejects.toThrow('somebody else changed it');
    await next.append([{ type: 'RunOnEnded', why: 'mine too' }]);
    const { events, damage, torn } = await readJournalFile(path('fenced'));
    expect([events.length, damage, torn]).toEqual([bodies.length + 2, undefined, false]);
    await Promise.all([late.close(), before.close(), next.close()]);
  });

  test('because somebody else wrote into it is told, and overwrites nothing', async () => {
    writeFileSync(path('foreign'), whole);
    const [mine, other] = [await open('foreign'), await open('foreign')];
    await other.append([{ type: 'RunOnEnded', why: 'theirs' }]);
    await expect(mine.append([{ type: 'RunOnEnded', why: 'mine' }])).rejects.toThrow('somebody else changed it');
    const { events, damage } = await readJournalFile(path('foreign'));
    expect([events.length, damage]).toEqual([bodies.length + 1, undefined]);
    await Promise.all([mine.close(), other.close()]);
  });

  test('where its folder is missing is told with the path', async () => {
    await expect(open('no/such/journal')).rejects.toThrow(/no\/such\/journal could not be written/);
  });
});

test('a journal that is kept nowhere counts on', async () => {
  const journal = memoryJournal('rob', () => 3, 4);
  expect(
    await journal.append([
      { type: 'RunOnEnded', why: 'held' },
      { type: 'RunOnEnded', why: 'held' },
    ]),
  ).toMatchObject([{ seq: 5 }, { seq: 6 }]);
  await journal.close();
});

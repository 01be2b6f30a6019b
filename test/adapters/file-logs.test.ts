import {
  appendFileSync,
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { closeFile } from '../../src/adapters/file-reading.ts';
import { followLogs } from '../../src/adapters/follow-logs.ts';
import { globFiles } from '../../src/adapters/glob-files.ts';
import { lastLinesFrom } from '../../src/adapters/last-lines-from.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { searchPattern } from '../../src/definition/pattern.ts';
import { createLogBook, type LogBook } from '../../src/live/log-book.ts';
import type { LogStart } from '../../src/live/log-line.ts';
import { textsIn } from '../support/log-lab.ts';
import { waitFor } from '../support/wait-for.ts';

/** A user that owns nothing here. */
const NOBODY = 65_534;

let folder = '';
const closers: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rb-flog-'));
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

const path = (...names: readonly string[]) => join(folder, ...names);

/** Follows into a book; pauses are kept short. */
function follow(glob: string, start?: LogStart): LogBook {
  const clock = { ...systemClock, after: (ms: number, call: () => void) => systemClock.after(Math.min(ms, 30), call) };
  const alert = { pattern: searchPattern('error'), max: 0, withinMs: 60_000 };
  const book = createLogBook({ now: Date.now, alert });
  const feed = followLogs({
    wanted: [{ kind: 'files', glob }],
    ...(start && { start }),
    outputs: () => [],
    tell: book.take,
    clock,
  });
  closers.push(feed.close);
  return book;
}

/** Waits until a line is there; gives all. */
const until = (book: LogBook, text: string) =>
  waitFor(() => (textsIn(book).includes(text) ? textsIn(book) : undefined), { what: `the line ${text}` });

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join('');

/** Writes lines into a.log, then one that says `end`, and prints how many there were before it; ends once it may. */
const untilEnough =
  'i=0; until test -e enough; do i=$((i+1)); echo line $i >> a.log; sleep 0.005; done; echo end >> a.log; echo $i';

describe('the lines of files', () => {
  test('begin with the last ones of each, and go on', async () => {
    writeFileSync(path('a.log'), lines(1, 300));
    const book = follow(path('a.log'), { kind: 'tail', lines: 3 });
    expect(await until(book, 'line 300')).toEqual(['line 298', 'line 299', 'line 300']);
    appendFileSync(path('a.log'), 'half');
    appendFileSync(path('a.log'), ' a line\nnext\n');
    expect((await until(book, 'next')).slice(3)).toEqual(['half a line', 'next']);
    expect(book.status().sources).toMatchObject([{ key: path('a.log'), kind: 'file', name: 'a.log', isThere: true }]);
  });

  test('of files that come to match later too, from their beginning', async () => {
    mkdirSync(path('one'));
    writeFileSync(path('one', 'a.log'), 'first\n');
    writeFileSync(path('one', '.hidden.log'), 'hidden\n');
    const book = follow(path('*', '?.log'));
    await until(book, 'first');
    mkdirSync(path('two'));
    writeFileSync(path('two', 'a.log'), lines(1, 300));
    const texts = await until(book, 'line 300');
    expect(texts).toHaveLength(301);
    expect(book.status().sources.map(({ name }) => name)).toEqual(['one/a.log', 'two/a.log']);
  });

  test('of a file that is rotated by renaming, while it is written to: none lost, none doubled', async () => {
    writeFileSync(path('a.log'), '');
    const book = follow(path('a.log'));
    await waitFor(() => book.status().sources.length === 1);
    const writing = execa('sh', ['-c', untilEnough], { cwd: folder });
    const rotated = () =>
      readdirSync(folder).flatMap((name) => (/\d$/.test(name) ? readFileSync(path(name), 'utf8').match(/\n/g) : []));
    for (let turn = 1; turn <= 3; turn++) {
      // What is more than the files before had is of this one: it is there, and is being followed.
      await waitFor(() => textsIn(book).length > rotated().length + 50);
      renameSync(path('a.log'), path(`a.log.${turn}`));
    }
    writeFileSync(path('enough'), '');
    const { stdout: count } = await writing;
    expect(await until(book, 'end')).toEqual([...lines(1, Number(count)).trimEnd().split('\n'), 'end']);
  });

  test('of one that is renamed while its writer goes on in the old file for a while', async () => {
    writeFileSync(path('a.log'), 'one\n');
    const book = follow(path('a.log'));
    await until(book, 'one');
    renameSync(path('a.log'), path('a.log.1'));
    appendFileSync(path('a.log.1'), 'two\n');
    writeFileSync(path('a.log'), 'three\n');
    expect(await until(book, 'three')).toEqual(['one', 'two', 'three']);
    appendFileSync(path('a.log.1'), 'late\n');
    await until(book, 'late');
  });

  test('of one that is copied and emptied, while it is written to: lost is only what the emptying lost', async () => {
    writeFileSync(path('a.log'), '');
    const book = follow(path('a.log'));
    await waitFor(() => book.status().sources.length === 1);
    const writing = execa('sh', ['-c', untilEnough], { cwd: folder });
    for (let turn = 1; turn <= 2; turn++) {
      const before = textsIn(book).length;
      await waitFor(() => textsIn(book).length > before + 50);
      copyFileSync(path('a.log'), path(`a.log.${turn}`));
      truncateSync(path('a.log'));
    }
    writeFileSync(path('enough'), '');
    await writing;
    const texts = await until(book, 'end');
    expect(new Set(texts).size).toBe(texts.length);
    const numbers = texts.slice(0, -1).map((text) => Number(text.slice(5)));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    // Lost can only be, at each emptying, the last lines before it; all that came after the last one is there.
    const gaps = numbers.filter((number, at) => number !== (numbers[at - 1] ?? 0) + 1);
    expect(gaps.length).toBeLessThanOrEqual(2);
    expect(texts).toEqual(expect.arrayContaining(readFileSync(path('a.log'), 'utf8').trimEnd().split('\n')));
  });

  test('of one that was emptied and is already longer again than it was', async () => {
    writeFileSync(path('a.log'), 'old 1\nold 2\n');
    const book = follow(path('a.log'));
    await until(book, 'old 2');
    writeFileSync(path('a.log'), 'new 1\nnew 2\nnew 3\n');
    expect(await until(book, 'new 3')).toEqual(['old 1', 'old 2', 'new 1', 'new 2', 'new 3']);
  });

  test('of one that is removed and made again; what stood there without an end is a line', async () => {
    writeFileSync(path('a.log'), 'one\ntwo, not ended');
    const book = follow(path('a.log'));
    await until(book, 'one');
    rmSync(path('a.log'));
    writeFileSync(path('a.log'), 'three\n');
    await until(book, 'three');
    expect(await until(book, 'two, not ended')).toHaveLength(3);
    expect(book.status().sources).toHaveLength(1);
  });

  test('of one that begins with NULs, as a file that is emptied under its writer does', async () => {
    writeFileSync(path('a.log'), 'one\n');
    const book = follow(path('a.log'));
    await until(book, 'one');
    writeFileSync(path('a.log'), Buffer.concat([Buffer.alloc(100_000), Buffer.from('two\n')]));
    expect(await until(book, 'two')).toEqual(['one', 'two']);
  });

  test('since a time: by what the lines say of theirs', async () => {
    const at = Date.parse('2026-01-02T03:00:00Z');
    const dated = ['2026-01-02T02:59:59Z early', 'of early', '2026-01-02T03:00:01Z late', 'of late'];
    writeFileSync(path('a.log'), `of before\n${dated.join('\n')}\n`);
    const book = follow(path('a.log'), { kind: 'since', at });
    expect(await until(book, 'of late')).toEqual(dated.slice(2));
    expect(book.at(book.begin() + 1)?.at).toBe(at + 1_000);
  });

  test('since a time: also where they say it without a zone, in another one than ours', async () => {
    const stamp = (at: number) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    const written = Date.now();
    const behind = (at: number, text: string) => `${stamp(at - 3_600_000)} ${text}`;
    const all = [behind(written - 900_000, 'early'), ...[1, 2, 3].map((n) => behind(written - 1_000, `late ${n}`))];
    writeFileSync(path('a.log'), `${all.join('\n')}\n`);
    const book = follow(path('a.log'), { kind: 'since', at: written - 300_000 });
    expect(await until(book, all.at(-1) ?? '')).toEqual(all.slice(1));
    expect(Math.abs((book.at(book.begin())?.at ?? 0) - written)).toBeLessThan(3_000);
  });

  test('errors of hours ago count for no minute, though their zone makes them look new', async () => {
    const stamp = (at: number) => new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
    const written = Date.now() - 3 * 3_600_000;
    const line = `${stamp(written + 3 * 3_600_000)} error`;
    writeFileSync(path('a.log'), `${line}\n`);
    utimesSync(path('a.log'), written / 1_000, written / 1_000);
    const book = follow(path('a.log'));
    await until(book, line);
    expect(book.status()).toMatchObject({ alert: { count: 0 }, sources: [{ errors: 1 }] });
  });

  test('errors of one that was emptied are new, though there was more of it before', async () => {
    writeFileSync(path('a.log'), lines(1, 50));
    utimesSync(path('a.log'), 1_000, 1_000);
    const book = follow(path('a.log'));
    await until(book, 'line 50');
    writeFileSync(path('a.log'), 'error\n');
    await until(book, 'error');
    expect(book.status()).toMatchObject({ alert: { count: 1 } });
  });

  test('since a time: nothing of a file that was not written since, all of one that says no times', async () => {
    writeFileSync(path('a.log'), 'stale\n');
    utimesSync(path('a.log'), 1_000, 1_000);
    writeFileSync(path('b.log'), 'fresh\n');
    const book = follow(path('?.log'), { kind: 'since', at: Date.now() - 60_000 });
    expect(await until(book, 'fresh')).toEqual(['fresh']);
    appendFileSync(path('a.log'), 'new\n');
    expect(await until(book, 'new')).toEqual(['fresh', 'new']);
  });

  test('errors that were there before and do not say when count for no minute, new ones do', async () => {
    writeFileSync(path('a.log'), 'error of before\n');
    const book = follow(path('a.log'));
    await until(book, 'error of before');
    expect(book.status()).toMatchObject({ alert: { count: 0 } });
    appendFileSync(path('a.log'), '1999-01-01 00:00:00 error with a wrong clock\n');
    await waitFor(() => book.status().alert?.count === 1);
  });

  test('a flood is counted where it is not shown, and the last line is there', async () => {
    writeFileSync(path('a.log'), '');
    const book = follow(path('a.log'));
    await waitFor(() => book.status().sources.length === 1);
    appendFileSync(path('a.log'), lines(1, 200_000));
    appendFileSync(path('a.log'), 'end\n');
    await until(book, 'end');
    const { leftOut, sources } = book.status();
    expect(leftOut + (sources[0]?.lines ?? 0)).toBe(200_001);
  });

  test('no file: that is said, and taken back when there is one', async () => {
    const book = follow(path('nothing', '*.log'));
    await waitFor(() => book.status().trouble !== undefined);
    expect(book.status().trouble).toContain(`No file matches ${path('nothing', '*.log')}`);
    mkdirSync(path('nothing'));
    writeFileSync(path('nothing', 'a.log'), 'here\n');
    await until(book, 'here');
    await waitFor(() => book.status().trouble === undefined);
  });

  test('a file that can’t be read: that is said of it, and taken back when it can', async () => {
    symlinkSync(path('a.log'), path('a.log'));
    const book = follow(path('a.log'));
    const trouble = await waitFor(() => book.status().sources[0]?.trouble);
    expect(trouble).toMatch(/a\.log can't be read: ELOOP/);
    rmSync(path('a.log'));
    writeFileSync(path('a.log'), 'here\n');
    expect(await until(book, 'here')).toEqual(['here']);
    await waitFor(() => book.status().sources[0]?.trouble === undefined);
  });

  test('a file that may not be read: that is said of it', async () => {
    chmodSync(folder, 0o755);
    writeFileSync(path('a.log'), 'secret\n', { mode: 0 });
    // Root may read everything.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(NOBODY);
    try {
      const book = follow(path('a.log'));
      const [source] = await waitFor(() => (book.status().sources[0]?.trouble ? book.status().sources : undefined));
      expect(source?.trouble).toMatch(/a\.log can't be read for want of permission: `ls -ld/);
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});

test('a file that fails to be closed is let go of all the same', async () => {
  await expect(closeFile({ close: () => Promise.reject(new Error('EIO')) })).resolves.toBeUndefined();
});

describe('a glob', () => {
  test('finds names, no hidden ones, and keeps a path without wildcards as it is', async () => {
    mkdirSync(path('b'));
    for (const name of ['a1.log', 'a2.log', '.a3.log', 'b/a4.log', 'a.txt']) writeFileSync(path(name), '');
    expect((await globFiles(path('a?.log'))).paths).toEqual([path('a1.log'), path('a2.log')]);
    expect((await globFiles(path('*', '*.log'))).paths).toEqual([path('b', 'a4.log')]);
    expect((await globFiles(path('.*.log'))).paths).toEqual([path('.a3.log')]);
    expect((await globFiles(path('none.log'))).paths).toEqual([path('none.log')]);
    expect(await globFiles(path('none', '*'))).toEqual({ paths: [], faults: [] });
  });
});

test('the last lines of any bytes are those that dividing them gives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 5 }).map((text) => text.replaceAll('\n', ''))),
      fc.boolean(),
      fc.nat({ max: 9 }),
      fc.integer({ min: 1, max: 7 }),
      async (all, isEnded, count, piece) => {
        const bytes = Buffer.from(all.map((text) => `${text}\n`).join('') + (isEnded ? '' : 'rest'));
        const read = (offset: number, maxBytes: number) =>
          Promise.resolve(bytes.subarray(offset, offset + Math.min(maxBytes, piece)));
        const from = await lastLinesFrom({ read }, { size: bytes.length, lines: count, mostBytes: 1_000 });
        const whole = [...all.map((text) => `${text}\n`), ...(isEnded ? [] : ['rest'])];
        expect(bytes.subarray(from).toString()).toBe(whole.slice(Math.max(0, whole.length - count)).join(''));
      },
    ),
  );
});

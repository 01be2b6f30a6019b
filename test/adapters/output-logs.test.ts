import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followLogs } from '../../src/adapters/follow-logs.ts';
import type { FollowedOutput } from '../../src/adapters/output-logs.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { searchPattern } from '../../src/definition/pattern.ts';
import { createLogBook } from '../../src/live/log-book.ts';
import type { LogStart } from '../../src/live/log-line.ts';
import { textsIn } from '../support/log-lab.ts';
import { waitFor } from '../support/wait-for.ts';

let folder = '';
let close: () => void = () => undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rb-olog-'));
});

afterEach(() => {
  close();
  rmSync(folder, { recursive: true, force: true });
});

/** An attempt's folder and what it is followed as. */
function attempt(number: number): FollowedOutput & { readonly file: (name: string) => string } {
  const own = join(folder, `000${number}-service`);
  mkdirSync(own);
  return { number, title: `Start ${number}`, folder: own, file: (name) => join(own, name) };
}

function follow(outputs: () => readonly FollowedOutput[], start?: LogStart) {
  const clock = { ...systemClock, after: (ms: number, call: () => void) => systemClock.after(Math.min(ms, 20), call) };
  const book = createLogBook({ now: Date.now, alert: { pattern: searchPattern('error'), max: 0, withinMs: 60_000 } });
  const feed = followLogs({ wanted: [], outputs, tell: book.take, clock, ...(start && { start }) });
  close = feed.close;
  return { book, feed };
}

test('what services print: progress as its last writing, the end without a newline, and who is gone', async () => {
  const first = attempt(1);
  writeFileSync(first.file('output.log'), 'one\r\n\x1b[32m10 %\r100 %\x1b[m\r\nno end');
  let running = [first];
  const { book, feed } = follow(() => running);
  await waitFor(() => textsIn(book).length === 2);
  const second = attempt(2);
  running = [first, second];
  feed.refresh();
  writeFileSync(second.file('output.log'), 'error of two\r\n');
  await waitFor(() => textsIn(book).includes('error of two'));
  expect(book.status().alert?.count).toBe(1);
  running = [second];
  feed.refresh();
  await waitFor(() => textsIn(book).includes('no end'));
  expect(textsIn(book)).toEqual(['one', '100 %', 'error of two', 'no end']);
  await waitFor(() => book.status().sources[0]?.isThere === false);
  expect(book.status().sources).toMatchObject([
    { key: 'attempt-1', kind: 'service output', name: 'Start 1', lines: 3 },
    { key: 'attempt-2', name: 'Start 2', isThere: true, lines: 1 },
  ]);
});

test('what was there at first begins with its last lines and counts for no minute', async () => {
  const first = attempt(1);
  writeFileSync(first.file('output.log'), Array.from({ length: 500 }, (_, at) => `error ${at}\r\n`).join(''));
  const { book } = follow(() => [first], { kind: 'tail', lines: 2 });
  await waitFor(() => textsIn(book).length > 0);
  expect(textsIn(book)).toEqual(['error 498', 'error 499']);
  expect(book.status().alert?.count).toBe(0);
});

test('what was cut out of an output is leapt over, and that is a line', async () => {
  const first = attempt(1);
  let running: readonly FollowedOutput[] = [];
  const { book, feed } = follow(() => running);
  writeFileSync(first.file('output.log'), 'head\r\n');
  writeFileSync(first.file('output.tail-3000000.log'), 'tail\r\n');
  running = [first];
  feed.refresh();
  await waitFor(() => textsIn(book).includes('tail'));
  expect(textsIn(book)).toEqual(['head', '', '[2999994 bytes of output are not kept]', 'tail']);
  appendFileSync(first.file('output.tail-3000000.log'), 'more\r\n');
  await waitFor(() => textsIn(book).includes('more'));
});

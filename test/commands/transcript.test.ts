import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { followRun } from '../../src/commands/transcript.ts';
import type { Clock } from '../../src/engine/ports.ts';
import { bookOf } from '../support/book.ts';
import { engineLab } from '../support/engine-lab.ts';
import { waitFor } from '../support/wait-for.ts';

const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'true', readonly: true }
`);

const LINE = `${'x'.repeat(98)}\n`;
const MEGABYTE = 1024 * 1024;

type Context = { onTestFinished: (fn: () => void) => void };

/** An attempt's folder with what it has printed. */
function folderWith(text: string, context: Context): string {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-transcript-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'output.log'), text);
  return folder;
}

/** A run of one step that has printed that many lines before anybody looked, and has ended. */
async function printed(lines: number, context: Context, reader = { isBacklogged: false, asked: 0 }) {
  const first = Array.from({ length: 5 }, (_, at) => `first ${at}\n`).join('');
  const text = `${first}${LINE.repeat(lines)}the last\n`;
  const folder = folderWith(text, context);
  const lab = engineLab(book, { '0001-a': { kind: 'exited', status: 0 } });
  const engine = Object.assign(Object.create(lab.engine) as typeof lab.engine, { attemptFolder: () => folder });
  let isEnded = false;
  // Nobody looks before it has ended.
  const clock: Clock = {
    ...systemClock,
    after: (_, callback) => (isEnded ? systemClock.after(0, callback) : () => {}),
  };
  const told: string[] = [];
  const transcript = followRun(engine, clock, {
    out: (text) => told.push(...text.split('\n')),
    isBacklogged: () => {
      reader.asked += 1;
      return reader.isBacklogged;
    },
  });
  await lab.engine.send({ type: 'run step', stepId: 'a', answers: [], accepted: 'person' });
  await lab.engine.idle();
  isEnded = true;
  return { transcript, told, text, folder, engine };
}

/** How many bytes the lines say are left out, and how many are told. */
function counted(told: readonly string[]) {
  const leftOut = told.flatMap((line) => /… ([\d,]+) bytes of output are left out/.exec(line)?.[1] ?? []);
  const shown = told.filter((line) => line.startsWith('  ') && !line.startsWith('  …'));
  return {
    leftOut: leftOut.map((number) => Number(number.replaceAll(',', ''))),
    shownBytes: shown.reduce((bytes, line) => bytes + line.length - 1, 0),
  };
}

test('what is printed at once is told to its end, a few megabytes too', async (context) => {
  const { transcript, told, text } = await printed(50_000, context);
  await transcript.finish();
  expect(counted(told)).toEqual({ leftOut: [], shownBytes: text.length });
  expect(told.at(-1)).toMatch(/A/);
});

test('a burst is told whole where the reader keeps up, however far behind it puts the telling', async (context) => {
  const { transcript, told, text } = await printed(250_000, context);
  await transcript.finish();
  expect(counted(told)).toEqual({ leftOut: [], shownBytes: text.length });
});

test('what a running command prints is told as fast as it comes, not so much at each look', async (context) => {
  const lab = engineLab(book, { '0001-a': 'until stopped' });
  const folder = folderWith(`${LINE.repeat(250_000)}the last\n`, context);
  const engine = Object.assign(Object.create(lab.engine) as typeof lab.engine, { attemptFolder: () => folder });
  const told: string[] = [];
  let look = () => {};
  const clock: Clock = {
    ...systemClock,
    after: (ms, callback) => {
      if (ms === 0) return systemClock.after(0, callback);
      look = callback;
      return () => {};
    },
  };
  const transcript = followRun(engine, clock, {
    out: (text) => told.push(...text.split('\n')),
    isBacklogged: () => false,
  });
  await lab.engine.send({ type: 'run step', stepId: 'a', answers: [], accepted: 'person' });
  await waitFor(() => lab.log.includes('start 0001-a'), { what: 'it has begun' });
  // The first finds that it has begun, the second what it prints.
  for (const line of [/▶/, /^ {2}x/]) {
    look();
    await waitFor(() => told.some((one) => line.test(one)), { what: `${line} is told` });
  }
  await waitFor(() => told.at(-1) === '  the last', { what: 'it is told' });
  expect(counted(told).leftOut).toEqual([]);
  await lab.runners.stop('0001-a');
  await lab.engine.idle();
  await transcript.stop();
});

test('where the reader stood still for long it leaps, and says over how much', async (context) => {
  const reader = { isBacklogged: true, asked: 0 };
  const { transcript, told, text } = await printed(500_000, context, reader);
  const finished = transcript.finish();
  await waitFor(() => reader.asked > 500, { what: 'it has looked often' });
  reader.isBacklogged = false;
  await finished;
  const { leftOut, shownBytes } = counted(told);
  expect(shownBytes).toBeLessThan(17 * MEGABYTE);
  expect(leftOut.reduce((sum, bytes) => sum + bytes, 0) + shownBytes).toBe(text.length);
  expect(told.at(-2)).toBe('  the last');
});

test('what is not kept is leapt over, and counted', async (context) => {
  const { transcript, told, text, folder } = await printed(10, context);
  writeFileSync(join(folder, `output.tail-${text.length + 30 * MEGABYTE}.log`), 'the end\n');
  await transcript.finish();
  expect(counted(told)).toEqual({ leftOut: [30 * MEGABYTE], shownBytes: text.length + 8 });
  expect(told.at(-3)).toMatch(/are not kept$/);
});

test('it ends though what happened can no longer be read', async (context) => {
  const { transcript, engine } = await printed(10, context);
  Object.assign(engine, {
    events: () => {
      throw new Error('EIO: i/o error, read');
    },
  });
  await transcript.finish();
});

test('once it is stopped it tells the end of what is left, and says how much comes before it', async (context) => {
  const { transcript, told, text } = await printed(100_000, context);
  await transcript.stop();
  const { leftOut, shownBytes } = counted(told);
  expect(leftOut).toHaveLength(1);
  expect(shownBytes).toBeLessThan(2 * MEGABYTE);
  expect((leftOut[0] ?? 0) + shownBytes).toBe(text.length);
  expect(told.at(-2)).toBe('  the last');
});

test('while nobody reads no output is told, nor what came after it; then it goes on where it was', async (context) => {
  const reader = { isBacklogged: true, asked: 0 };
  const { transcript, told, text } = await printed(50_000, context, reader);
  const finished = transcript.finish();
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(counted(told).shownBytes).toBe(0);
  expect(told).toHaveLength(1);
  reader.isBacklogged = false;
  await finished;
  expect(counted(told)).toEqual({ leftOut: [], shownBytes: text.length });
});

test('once it is stopped while nobody reads, it says how much is left out', async (context) => {
  const { transcript, told, text } = await printed(100, context, { isBacklogged: true, asked: 0 });
  await transcript.stop();
  expect(counted(told)).toEqual({ leftOut: [text.length], shownBytes: 0 });
});

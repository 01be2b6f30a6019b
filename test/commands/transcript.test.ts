import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { followRun } from '../../src/commands/transcript.ts';
import type { Clock } from '../../src/engine/ports.ts';
import { bookOf } from '../support/book.ts';
import { engineLab } from '../support/engine-lab.ts';

const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'true', readonly: true }
`);

const LINE = `${'x'.repeat(98)}\n`;
const MEGABYTE = 1024 * 1024;

type Context = { onTestFinished: (fn: () => void) => void };

/** A run of one step that has printed that many lines before anybody looked, and has ended. */
async function printed(lines: number, context: Context, reader = { isBacklogged: false }) {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-transcript-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const first = Array.from({ length: 5 }, (_, at) => `first ${at}\n`).join('');
  const text = `${first}${LINE.repeat(lines)}the last\n`;
  writeFileSync(join(folder, 'output.log'), text);
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
    isBacklogged: () => reader.isBacklogged,
  });
  await lab.engine.send({ type: 'run step', stepId: 'a', answers: [], accepted: 'person' });
  await lab.engine.idle();
  isEnded = true;
  return { transcript, told, text };
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

test('who is far behind leaps, and says over how much', async (context) => {
  const { transcript, told, text } = await printed(500_000, context);
  await transcript.finish();
  const { leftOut, shownBytes } = counted(told);
  expect(shownBytes).toBeLessThan(17 * MEGABYTE);
  expect(leftOut.reduce((sum, bytes) => sum + bytes, 0) + shownBytes).toBe(text.length);
  expect(told.at(-2)).toBe('  the last');
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
  const reader = { isBacklogged: true };
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
  const { transcript, told, text } = await printed(100, context, { isBacklogged: true });
  await transcript.stop();
  expect(counted(told)).toEqual({ leftOut: [text.length], shownBytes: 0 });
});

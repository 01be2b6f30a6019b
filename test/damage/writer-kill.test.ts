import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-file.ts';
import { attemptName } from '../../src/run/plan.ts';
import { replay } from '../../src/run/reduce.ts';
import { stateOf } from '../../src/run/select.ts';
import type { Run } from '../../src/run/state.ts';
import { runStatus } from '../../src/run/status.ts';
import { bookFrom } from '../support/book.ts';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { type Desk, deskWith, fixtureRunbook } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const killer = fileURLToPath(new URL('../fixtures/kill-writer.mjs', import.meta.url));
const text = fixtureRunbook('damage.yaml');
const book = bookFrom(text);
const forward = ['run', 'book.yaml', '--yes'];
const back = ['rollback', 'book.yaml', '--yes'];

/** More of them at once than there are cores: most of the time they wait. */
const AT_ONCE = 5;

type When = 'after' | 'before';

function newDesk(): Desk {
  const desk = deskWith(text);
  desk.write('settings.txt', 'old\n');
  return desk;
}

function journalOf(desk: Desk): Uint8Array {
  const runs = join(desk.home, 'runs', 'damage');
  const all = readdirSync(runs);
  expect(all, 'a second run was begun').toHaveLength(1);
  return readFileSync(join(runs, all[0] ?? '', 'journal.ndjson'));
}

function runOf(desk: Desk): Run {
  const { events, damage } = readJournal(journalOf(desk));
  expect(damage).toBeUndefined();
  return replay('r', events, () => book);
}

function eventCount(desk: Desk): number {
  return readJournal(journalOf(desk)).events.length;
}

async function killedAt(desk: Desk, args: readonly string[], events: number, when: When): Promise<void> {
  const environment = { NODE_OPTIONS: `--import=${killer}`, KILL_AT: String(events), KILL_WHEN: when };
  const { status, err } = await desk.call(args, environment);
  expect(status, `it was not killed: ${err}`).toBeUndefined();
  expect(eventCount(desk)).toBe(events);
  nothingIsClaimed(desk);
}

function lines(desk: Desk): readonly string[] {
  return desk.read('log').split('\n').slice(0, -1);
}

function count(desk: Desk, word: string): number {
  return lines(desk).filter((line) => line === word).length;
}

/** What the journal calls done was done. */
function nothingIsClaimed(desk: Desk): void {
  const run = runOf(desk);
  for (const [id, state] of Object.entries(run.steps)) {
    const [line, undone] = [id, `undo-${id}`];
    if (state.status === 'succeeded' && ['make', 'note', 'serve'].includes(id)) expect(count(desk, line)).toBe(1);
    if (state.status === 'succeeded' && id === 'flaky') expect(count(desk, line)).toBe(2);
    if (state.status === 'succeeded' && id === 'change' && !run.rollbacks.length)
      expect(desk.read('settings.txt')).toBe('new\n');
    const rollback = run.rollbacks.at(-1);
    if (rollback?.items[`undo:${id}`]?.status === 'done' && id !== 'change') expect(count(desk, undone)).toBe(1);
    if (rollback?.items['undo:change']?.status === 'done') expect(desk.read('settings.txt')).toBe('old\n');
  }
}

/** Every line in the log has an attempt of its own in the journal that was not withdrawn. */
function nothingRanTwice(desk: Desk): void {
  const run = runOf(desk);
  const begun = new Map<string, number>();
  for (const attempt of run.attempts.filter((one) => one.life.status !== 'withdrawn')) {
    const name = attemptName(attempt.purpose);
    begun.set(name, (begun.get(name) ?? 0) + 1);
  }
  for (const word of new Set(lines(desk))) expect(count(desk, word), word).toBe(begun.get(word));
}

function cameToItsEnd(desk: Desk): void {
  nothingRanTwice(desk);
  const run = runOf(desk);
  expect(runStatus(run)).toBe('succeeded');
  expect(Object.fromEntries(['serve', 'make', 'flaky', 'note'].map((word) => [word, count(desk, word)]))).toEqual({
    serve: 1,
    make: 1,
    flaky: 2,
    note: 1,
  });
  expect(desk.read('settings.txt')).toBe('new\n');
  expect(stateOf(run, 'note').status).toBe('succeeded');
  expect(run.values).toMatchObject({ NOTE: 'noted' });
}

function cameBack(desk: Desk): void {
  nothingRanTwice(desk);
  const run = runOf(desk);
  expect(run.rollbacks).toHaveLength(1);
  expect(run.rollbacks[0]?.ending?.kind).toBe('rolled back');
  expect(run.rollbacks[0]?.firstFailure).toBeUndefined();
  expect(lines(desk).filter((line) => line.startsWith('undo-'))).toEqual(['undo-note', 'undo-flaky', 'undo-make']);
  expect(desk.read('settings.txt')).toBe('old\n');
}

async function serviceIsGone(desk: Desk): Promise<void> {
  const pid = Number(desk.read('pid'));
  expect(pid).toBeGreaterThan(1);
  await waitFor(() => !isThere(pid), { what: `the service, pid ${pid}, is gone` });
}

/** Does one thing for every number, some of them at once; what fails is told with its number. */
async function forEvery(
  numbers: readonly number[],
  damage: ReturnType<typeof underDamage>,
  act: (number: number, desk: Desk) => Promise<void>,
): Promise<void> {
  const left = [...numbers];
  const failures: string[] = [];
  const work = async () => {
    for (let number = left.shift(); number !== undefined; number = left.shift()) {
      const desk = newDesk();
      damage.tried();
      try {
        await act(number, desk);
        damage.held();
      } catch (error) {
        failures.push(`killed at ${number}: ${error instanceof Error ? error.message : String(error)}\n${told(desk)}`);
      } finally {
        desk.dispose();
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  expect(failures.join('\n\n')).toBe('');
}

function told(desk: Desk): string {
  const events = readJournal(journalOf(desk)).events.map((event) => {
    const { seq, type } = event;
    return `${seq} ${type}${'attempt' in event ? ` ${event.attempt}` : ''}${'why' in event ? ` ${event.why}` : ''}`;
  });
  return `${events.join('\n')}\nlog: ${lines(desk).join(' ')}`;
}

function upTo(length: number, first = 1): readonly number[] {
  return Array.from({ length: length - first + 1 }, (_, index) => index + first);
}

/** A journal of an undisturbed run forward and back: how many events each has. */
async function reference(): Promise<{ readonly forward: number; readonly back: number }> {
  const desk = newDesk();
  try {
    expect((await desk.call(forward)).status).toBe(0);
    cameToItsEnd(desk);
    await serviceIsGone(desk);
    const there = eventCount(desk);
    expect((await desk.call(back)).status).toBe(3);
    cameBack(desk);
    return { forward: there, back: eventCount(desk) - there };
  } finally {
    desk.dispose();
  }
}

test('killed after every event, forward and in the rollback, nothing runs twice and nothing is claimed', async (context) => {
  const damage = underDamage(
    context,
    'the writer killed at every event, forward and back',
    ...(['Journal 1', 'Journal 2', 'Journal 5', 'Steps 3', 'No screen 2', 'Rollback 6', 'Rollback 7'] as const),
  );
  const events = await reference();
  expect(events.forward).toBeGreaterThan(30);
  await forEvery(upTo(events.forward - 1), damage, async (number, desk) => {
    // Right after an event, or right before the next: what the event announced is not done, or is.
    const when: When = number % 2 === 0 ? 'after' : 'before';
    await killedAt(desk, forward, number, when);
    // Once more, in the middle of recovery.
    if (number % 4 === 0) await killedAt(desk, forward, number + 2, 'before');
    const { status, out, err } = await desk.call(forward);
    expect(status, `${out}\n${err}`).toBe(0);
    cameToItsEnd(desk);
    await serviceIsGone(desk);
    if (number >= events.back) return;
    await killedAt(desk, back, eventCount(desk) + number, when);
    const again = await desk.call(back);
    expect(again.status, `${again.out}\n${again.err}`).toBe(3);
    cameBack(desk);
  });
}, 400_000);

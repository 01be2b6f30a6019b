import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endOf, openJournal, readJournal, readJournalFile } from '../../src/adapters/journal-file.ts';
import { takeLock } from '../../src/adapters/run-lock.ts';
import type { RunEvent } from '../../src/run/event.ts';
import { reduce, replay } from '../../src/run/reduce.ts';
import { bookOfAll, moves, play } from '../support/any-moves.ts';
import { bookOf } from '../support/book.ts';
import { underDamage } from '../support/damage.ts';
import { DecidedRun } from '../support/decided-run.ts';
import { engineLab } from '../support/engine-lab.ts';
import { newHome } from '../support/test-home.ts';

/** Wide: what grows with the run makes it ten and more. */
const MOST_TIMES = 4;
/** Of so many the cheapest is taken: what others do on the machine meanwhile only adds to it. */
const TURNS = 8;

test('what a journal replays to is what its writer had, for any run', { timeout: 60_000 }, (context) => {
  const damage = underDamage(context, 'any run: replayed, cut at any event, read in pieces', 'Journal 3', 'Journal 2');
  const definitionOf = () => bookOfAll;
  fc.assert(
    fc.property(fc.array(moves, { minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(), (sequence, cut, cutBytes) => {
      damage.tried();
      const run = new DecidedRun(bookOfAll);
      for (const move of sequence) play(run, move);
      const bytes = Buffer.from(linesOf(run.events));
      const whole = readJournal(bytes);
      expect({ damage: whole.damage, torn: whole.torn }).toEqual({ damage: undefined, torn: false });
      expect(replay('r1', whole.events, definitionOf)).toEqual(run.run);

      // Somebody looks while it is being written, and again when there is more.
      const seen = readJournal(bytes.subarray(0, cutBytes % (bytes.length + 1)));
      const news = readJournal(bytes.subarray(seen.goodBytes), endOf(seen));
      expect([...seen.events, ...news.events]).toEqual(whole.events);
      expect(endOf({ ...news, events: whole.events })).toEqual(endOf(whole));

      const length = 1 + (cut % whole.events.length);
      const before = replay('r1', whole.events.slice(0, length), definitionOf);
      const after = whole.events.slice(length).reduce((state, event) => reduce(state, event, definitionOf), before);
      expect(after).toEqual(run.run);
      damage.held();
    }),
    { numRuns: 150 },
  );
});

test('the next event costs a long run what it costs a short one', { timeout: 60_000 }, async (context) => {
  const damage = underDamage(context, 'ten thousand events before: cost of the next', 'Journal 3');
  const [short, long] = [longRun(1_000), longRun(10_000)];

  damage.tried();
  const decided = await ratioOf(
    () => drivenOn(short),
    () => drivenOn(long),
    TURNS,
  );
  expect(decided, 'deciding, folding and telling').toBeLessThan(MOST_TIMES);
  damage.held();

  damage.tried();
  const folder = newHome(context).workDir;
  let journals = 0;
  const appended = async (events: readonly RunEvent[]) => {
    journals += 1;
    const path = join(folder, `journal-${journals}`);
    const journal = await openJournal({
      path,
      reading: readJournal(new Uint8Array()),
      by: 'rob@studio',
      now: () => 1,
      guard: async () => undefined,
    });
    await journal.append(events);
    const cost = await costOf(async () => {
      for (let count = 0; count < 100; count += 1) await journal.append([{ type: 'NoteAdded', text: 'one more' }]);
    });
    await journal.close();
    expect((await readJournalFile(path)).events).toHaveLength(events.length + 100);
    return cost;
  };
  const written = await ratioOf(
    () => appended(short),
    () => appended(long),
    TURNS,
  );
  expect(written, 'writing down').toBeLessThan(MOST_TIMES);
  damage.held();
});

test('who looks on reads what is new, and not all of it again', { timeout: 60_000 }, async (context) => {
  if (!existsSync('/proc/self/io')) context.skip('note: wants Linux, which counts in /proc what a process reads');
  const damage = underDamage(
    context,
    'a long run looked on at: bytes read for one more event',
    'Journal 3',
    'Journal 4',
  );
  const home = newHome(context);
  const words = ['first', 'second', 'third', 'fourth'];
  const items = words.map((word) => `{ id: ${word}, text: The ${word} }`).join(', ');
  const steps = '{ id: b, title: B, run: exit 1, undo: x }';
  const phases = `[{ id: one, title: One, steps: [${steps}], checklist: [${items}] }]`;
  home.write('long.yaml', `version: 1\nid: long\ntitle: Long\nphases: ${phases}`);
  expect((await home.run(['run', 'long.yaml', '--yes'])).code).toBe(1);
  const path = join(home.runDir('long'), 'journal.ndjson');
  const reading = await readJournalFile(path);
  const taken = await takeLock(join(home.runDir('long'), 'lock'), 'ann@studio', Date.now());
  expect(taken.kind).toBe('held');
  const journal = await openJournal({ path, reading, by: 'ann@studio', now: Date.now, guard: async () => undefined });
  await journal.append(Array.from({ length: 10_000 }, () => ({ type: 'NoteAdded', text: 'seen', stepId: 'b' })));
  const { length } = readFileSync(path);

  const program = home.open(['long.yaml']);
  await program.waitForScreen(/Read-only · ann@studio/);
  const readBytes = () => Number(/rchar: (\d+)/.exec(readFileSync(`/proc/${program.pid}/io`, 'utf8'))?.[1]);
  const before = readBytes();
  for (const word of words) {
    damage.tried();
    await journal.append([{ type: 'ItemTicked', itemId: word, how: 'person', found: '' }]);
    await program.waitForScreen(`☑ The ${word}`);
    damage.held();
  }
  expect(readBytes() - before).toBeLessThan(length / 2);
  program.press('q');
  await program.exited();
  await journal.close();
});

/** The lines of a journal, by the words of its format and not by the program. */
function linesOf(events: readonly RunEvent[]): string {
  let prev = '0'.repeat(64);
  return events
    .map((event) => {
      const { seq, at, by, type, prev: _, ...data } = event;
      const line = JSON.stringify({ seq, at, by, type, data, prev });
      prev = createHash('sha256').update(line).digest('hex');
      return `${line}\n`;
    })
    .join('');
}

const plain = bookOf('  - { id: one, title: One, steps: [{ id: b, title: B, run: x, undo: y }] }');

/** A run of so many events: a step that fails, is run again, and is noted, over and over. */
function longRun(count: number): readonly RunEvent[] {
  const run = new DecidedRun(plain);
  while (run.events.length < count) {
    run.start('b');
    for (const effect of run.effects.splice(0)) if (effect.type === 'start attempt') run.end(effect.attempt, 1);
    run.decide({ type: 'add note', text: 'seen', stepId: 'b' });
  }
  return run.events;
}

/** What a thousand events more cost a writer that opens such a run, and one who listens to it. */
function drivenOn(events: readonly RunEvent[]): Promise<number> {
  const attempts = events.filter(({ type }) => type === 'AttemptStarted').length;
  const names = Array.from({ length: 250 }, (_, index) => `${String(attempts + index + 1).padStart(4, '0')}-b`);
  const script = Object.fromEntries(names.map((name) => [name, { kind: 'killed', signal: 'SIGSEGV' } as const]));
  const { engine } = engineLab(plain, script, { events, evidence: {} });
  let told = engine.run().lastSeq;
  engine.subscribe(() => {
    told = engine.events().slice(told).at(-1)?.seq ?? told;
  });
  return costOf(async () => {
    for (const _ of names) {
      await engine.send({ type: 'run step', stepId: 'b', answers: [], accepted: 'person' });
      await engine.idle();
      await engine.send({ type: 'add note', text: 'seen', stepId: 'b' });
    }
    expect([engine.run().attempts.length, told]).toEqual([attempts + names.length, engine.run().lastSeq]);
  });
}

/** Processor time of `work`, in microseconds. */
async function costOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** How many times as much the second costs as the first: of each the cheapest of some turns. */
async function ratioOf(first: () => Promise<number>, second: () => Promise<number>, turns: number): Promise<number> {
  let [least, other] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let turn = 0; turn < turns; turn += 1) {
    least = Math.min(least, await first());
    other = Math.min(other, await second());
  }
  return other / least;
}

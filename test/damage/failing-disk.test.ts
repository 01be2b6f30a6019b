import { cpSync, readdirSync, readFileSync, renameSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { openJournal, readJournal, readJournalFile } from '../../src/adapters/journal-file.ts';
import { underDamage } from '../support/damage.ts';
import { bin, type Desk, deskWith } from '../support/program.ts';
import { straceIsMissing } from '../support/strace.ts';

const text = `
version: 1
id: disk
title: A disk that fails
phases:
  - id: before
    title: Before
    steps: [{ id: zero, title: Zero, run: echo zero >> log, terminal: false }]
  - id: only
    title: Only
    steps:
      - { id: one, title: One, run: echo one >> log, terminal: false, verify: grep -qx one log }
      - { id: two, title: Two, run: echo two >> log, terminal: false }
`;
const forward = ['run', 'book.yaml', '--yes'];
/** Groups of events that such a run appends when it is called the second time. */
const APPENDS = 12;
const AT_ONCE = 4;
const desks: Desk[] = [];

afterAll(() => {
  for (const desk of desks) desk.dispose();
});

const missing = straceIsMissing();

/** What fails at the n-th write: real system calls on the journal, and nothing else of the program. */
const failures: readonly (readonly [string, (n: number) => readonly string[], RegExp])[] = [
  ['a write that finds the disk full', (n) => [`pwrite64:error=ENOSPC:when=${n}`], /ENOSPC/],
  ['a sync that fails', (n) => [`fdatasync:error=EIO:when=${n}`], /EIO/],
  [
    'a sync that fails, and the cutting back too',
    (n) => [`fdatasync:error=EIO:when=${n}`, 'ftruncate:error=EIO:when=2'],
    /EIO/,
  ],
];

function journalPath(desk: Desk): string {
  const runs = join(desk.home, 'runs', 'disk');
  const all = readdirSync(runs);
  expect(all, 'a second run was begun').toHaveLength(1);
  return join(runs, all[0] ?? '', 'journal.ndjson');
}

let begun: Promise<Desk> | undefined;

/** A run of which the first step is done, so that its journal has a path. */
async function begunDesk(): Promise<Desk> {
  begun ??= (async () => {
    const first = newDesk();
    expect((await first.call(['run', 'book.yaml', '--yes', '--to', 'zero'])).status).toBe(0);
    return first;
  })();
  const desk = newDesk();
  const first = await begun;
  cpSync(first.home, desk.home, { recursive: true });
  desk.write('log', first.read('log'));
  return desk;
}

function newDesk(): Desk {
  const desk = deskWith(text);
  desks.push(desk);
  return desk;
}

async function callFailing(desk: Desk, injections: readonly string[]) {
  const { PATH = '', HOME = '', USER = '' } = process.env;
  const { stdout, stderr } = await execa(
    'strace',
    [
      ...[
        '-f',
        '-qq',
        '-o',
        join(desk.folder, 'trace'),
        '-P',
        journalPath(desk),
        '-e',
        'trace=pwrite64,fdatasync,ftruncate',
      ],
      ...injections.flatMap((one) => ['-e', `inject=${one}`]),
      ...[process.execPath, bin, ...forward],
    ],
    {
      cwd: desk.folder,
      // It counts the calls of each thread for itself.
      env: { PATH, HOME, USER, RUNBOOK_HOME: desk.home, UV_THREADPOOL_SIZE: '1' },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: 60_000,
    },
  );
  return { said: `${stdout}\n${stderr}`, isHit: desk.read('trace').includes('(INJECTED)') };
}

function started(desk: Desk): readonly string[] {
  const { events, damage, torn } = readJournal(readFileSync(journalPath(desk)));
  expect({ damage, torn }).toEqual({ damage: undefined, torn: false });
  return events.flatMap((event) => (event.type === 'AttemptStarted' ? [event.title.toLowerCase()] : []));
}

for (const [name, injections, code] of failures) {
  test(`${name}, at every append to the journal`, { timeout: 240_000 }, async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    const damage = underDamage(context, `${name}, at every append`, 'Journal 1', 'Journal 2', 'Steps 3');
    const places = Array.from({ length: APPENDS }, (_, index) => index + 1);
    let hits = 0;
    const work = async () => {
      for (let n = places.shift(); n !== undefined; n = places.shift()) {
        damage.tried();
        const desk = await begunDesk();
        const { said, isHit } = await callFailing(desk, injections(n));
        // The last places may be beyond the last append.
        if (isHit) {
          hits += 1;
          expect(said, `at ${n}`).toMatch(code);
        }
        const log = desk.read('log').split('\n').slice(0, -1);
        // No command without its intent on the disk.
        for (const line of log) expect(started(desk), `at ${n}`).toContain(line);
        // Called once more after it is done, it would begin a new run.
        if (!said.includes('every step is done')) {
          const again = await desk.call(forward);
          expect(again.status, `at ${n}: ${said}\n${again.out}${again.err}`).toBe(0);
        }
        expect(desk.read('log'), `at ${n}: ${said}`).toBe('zero\none\ntwo\n');
        expect(started(desk)).toEqual(expect.arrayContaining(['zero', 'one', 'two']));
        damage.held();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    expect(hits).toBeGreaterThan(4);
  });
}

test('a journal that somebody removes or changes while it is open', async (context) => {
  const damage = underDamage(context, 'a journal removed, cut or exchanged while open', 'Journal 1', 'Journal 2');
  const desk = deskWith();
  desks.push(desk);
  const note = { type: 'NoteAdded', text: 'kept' } as const;
  const open = async (name: string) => {
    const path = join(desk.folder, name);
    const reading = await readJournalFile(path);
    const journal = await openJournal({ path, reading, by: 'rob@studio', now: () => 1, guard: async () => undefined });
    await journal.append([note]);
    return { path, journal };
  };

  damage.tried();
  const removed = await open('removed');
  renameSync(removed.path, `${removed.path}.away`);
  await removed.journal.append([note]);
  expect(await readJournalFile(removed.path)).toMatchObject({ events: [note, note], torn: false });
  await removed.journal.close();
  damage.held();

  damage.tried();
  const cut = await open('cut');
  truncateSync(cut.path, 10);
  await expect(cut.journal.append([note])).rejects.toThrow(/somebody else changed it.*nothing has begun/);
  expect(readFileSync(cut.path)).toHaveLength(10);
  await cut.journal.close();
  damage.held();

  damage.tried();
  const exchanged = await open('exchanged');
  const other = await open('other');
  renameSync(other.path, exchanged.path);
  await expect(exchanged.journal.append([note])).rejects.toThrow(/another file stands in its place/);
  expect((await readJournalFile(exchanged.path)).events).toHaveLength(1);
  await exchanged.journal.close();
  await other.journal.close();
  damage.held();
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-file.ts';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { bin } from '../support/program.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { straceIsMissing } from '../support/strace.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const book = `
version: 1
id: hang
title: A disk that hangs
phases:
  - id: before
    title: Before
    steps: [{ id: zero, title: Zero, run: 'true', undo: 'true', terminal: false }]
  - id: only
    title: Only
    steps: [{ id: one, title: The first, run: 'true', undo: 'true', terminal: false }]
`;
const missing = straceIsMissing();
const MINUTE_US = 60_000_000;

const endings: readonly (readonly [string, (program: PtyProgram, pid: number) => void])[] = [
  ['q', (program) => program.press('q')],
  ['SIGTERM', (_, pid) => process.kill(pid, 'SIGTERM')],
  ['SIGHUP', (_, pid) => process.kill(pid, 'SIGHUP')],
];

/** @param from which sync of the journal is the first that hangs: 1 is that of opening. */
async function openHanging(home: TestHome, from: number): Promise<PtyProgram> {
  const path = home.write('hang.yaml', book);
  expect((await home.run(['run', path, '--yes', '--to', 'zero'])).code).toBe(0);
  const journal = join(home.runDir('hang'), 'journal.ndjson');
  const inject = [
    '-P',
    journal,
    '-e',
    'trace=fdatasync',
    '-e',
    `inject=fdatasync:delay_enter=${MINUTE_US}:when=${from}+`,
  ];
  return home.openCommand(
    ['strace', '-f', '-qq', '-o', join(home.workDir, 'trace'), ...inject, process.execPath, bin, path],
    { environment: { UV_THREADPOOL_SIZE: '1' } },
  );
}

/** Resolves with the pid of the screen once the journal has taken so many events of a type: it is not done with the last. */
async function hangsAt(home: TestHome, type: string, count: number): Promise<number> {
  const journal = join(home.runDir('hang'), 'journal.ndjson');
  const taken = () => readJournal(readFileSync(journal)).events.filter((event) => event.type === type);
  await waitFor(() => taken().length === count, { what: `the journal hangs at ${type}` });
  const { pid } = JSON.parse(readFileSync(join(home.runDir('hang'), 'lock'), 'utf8')) as { pid: number };
  return pid;
}

/** A screen whose journal takes what announces a step, and is not done with it. */
async function hanging(home: TestHome): Promise<{ readonly program: PtyProgram; readonly pid: number }> {
  const program = await openHanging(home, 2);
  await program.waitForScreen('▸○ The first');
  program.press(keys.enter);
  return { program, pid: await hangsAt(home, 'AttemptStarted', 2) };
}

for (const [name, end] of endings) {
  test(`a journal that hangs keeps neither the terminal nor the process from ${name}`, {
    timeout: 90_000,
  }, async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    underDamage(context, `a sync of the journal that does not end, then ${name}`, 'No screen 4');
    const home = newHome(context);
    const { program, pid } = await hanging(home);
    end(program, pid);
    await waitFor(() => !program.screen.isAlternate(), { withinMs: 10_000, what: 'the terminal is given back' });
    if (name === 'q') process.kill(pid, 'SIGTERM');
    await waitFor(() => !isThere(pid), { withinMs: 10_000, what: 'the process has ended' });
    await program.waitForScreen(/A disk that hangs: .*opens it again/, { withinMs: 5_000 });
  });
}

const earlyEndings: typeof endings = [
  ['Ctrl-C', (program) => program.press(keys.ctrlC)],
  ...endings.filter(([name]) => name !== 'q'),
  ['a terminal that is closed', (program) => program.closeTerminal()],
];

for (const [name, end] of earlyEndings) {
  test(`a journal that hangs as the run is opened keeps neither the terminal nor the process from ${name}`, {
    timeout: 90_000,
  }, async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    underDamage(context, `a first sync of the journal that does not end, then ${name}`, 'No screen 4');
    const home = newHome(context);
    const program = await openHanging(home, 1);
    const pid = await hangsAt(home, 'RunOpened', 2);
    await waitFor(() => program.screen.isAlternate(), { what: 'the terminal is taken' });
    end(program, pid);
    await waitFor(() => !isThere(pid), { withinMs: 20_000, what: 'the process has ended' });
    if (name.startsWith('a terminal')) return;
    await waitFor(() => !program.screen.isAlternate(), { what: 'the terminal is given back' });
    await program.waitForScreen(/The disk does not answer.*opening the run again shows it/, { withinMs: 5_000 });
  });
}

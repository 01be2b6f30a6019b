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

/** A screen whose journal takes what announces a step, and is not done with it. */
async function hanging(home: TestHome): Promise<{ readonly program: PtyProgram; readonly pid: number }> {
  const path = home.write('hang.yaml', book);
  expect((await home.run(['run', path, '--yes', '--to', 'zero'])).code).toBe(0);
  const journal = join(home.runDir('hang'), 'journal.ndjson');
  const lines = () => readJournal(readFileSync(journal)).events;
  // The first sync is that of opening.
  const inject = ['-P', journal, '-e', 'trace=fdatasync', '-e', `inject=fdatasync:delay_enter=${MINUTE_US}:when=2+`];
  const program = home.openCommand(
    ['strace', '-f', '-qq', '-o', join(home.workDir, 'trace'), ...inject, process.execPath, bin, path],
    { environment: { UV_THREADPOOL_SIZE: '1' } },
  );
  await program.waitForScreen('▸○ The first');
  const { pid } = JSON.parse(readFileSync(join(home.runDir('hang'), 'lock'), 'utf8')) as { pid: number };
  program.press(keys.enter);
  await waitFor(() => lines().at(-1)?.type === 'AttemptStarted', { what: 'the journal hangs' });
  return { program, pid };
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

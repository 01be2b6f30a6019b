import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-file.ts';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { bin, type Desk, deskWith } from '../support/program.ts';
import { straceIsMissing } from '../support/strace.ts';
import { waitFor } from '../support/wait-for.ts';

const text = `
version: 1
id: ask
title: A system that can not be asked for a moment
phases:
  - id: before
    title: Before
    steps: [{ id: zero, title: Zero, run: 'true', terminal: false }]
  - id: only
    title: Only
    steps:
      - { id: one, title: One, run: 'echo one >> log; while test -e book.yaml && ! test -e go; do sleep 0.05; done', terminal: false }
`;
const forward = ['run', 'book.yaml', '--yes'];
const desks: Desk[] = [];
const missing = straceIsMissing();

afterEach(() => {
  for (const desk of desks.splice(0)) desk.dispose();
});

function newDesk(): Desk {
  const desk = deskWith(text);
  desks.push(desk);
  return desk;
}

function runDir(desk: Desk): string {
  const runs = join(desk.home, 'runs', 'ask');
  return join(runs, readdirSync(runs)[0] ?? '');
}

const eventsOf = (desk: Desk) => readJournal(readFileSync(join(runDir(desk), 'journal.ndjson'))).events;

/** Calls the program while its n-th opening of one file fails. */
async function callFailing(desk: Desk, path: string, fault: string) {
  const { PATH = '', HOME = '', USER = '' } = process.env;
  const trace = join(desk.folder, 'trace');
  const command = [process.execPath, bin, ...forward];
  const inject = ['-P', path, '-e', 'trace=openat', '-e', `inject=openat:${fault}`];
  const { exitCode, stdout, stderr } = await execa('strace', ['-f', '-qq', '-o', trace, ...inject, ...command], {
    cwd: desk.folder,
    // It counts the calls of each thread for itself.
    env: { PATH, HOME, USER, RUNBOOK_HOME: desk.home, UV_THREADPOOL_SIZE: '1' },
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    timeout: 60_000,
  });
  return { status: exitCode, said: `${stdout}\n${stderr}`, isHit: desk.read('trace').includes('(INJECTED)') };
}

function runnerOf(desk: Desk): number {
  const path = join(runDir(desk), 'attempts', '0002-one', 'started.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { runner: { pid: number } }).runner.pid;
}

async function killed(holder: ReturnType<Desk['begin']>, pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await holder.ended;
  await waitFor(() => !isThere(pid), { what: 'the writer is dead' });
}

/** A run whose step waits, and its holder's pid. */
async function running(desk: Desk) {
  const first = desk.begin(forward);
  await waitFor(() => desk.read('log') !== '', { what: 'the step runs' });
  const holder = JSON.parse(readFileSync(join(runDir(desk), 'lock'), 'utf8')) as { pid: number };
  return { first, pid: holder.pid };
}

test('a living writer whose process can not be asked about keeps its run', { timeout: 90_000 }, async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  underDamage(context, 'no file left to ask with whether the writer lives', 'Journal 4');
  const desk = newDesk();
  const { first, pid } = await running(desk);
  const { status, said, isHit } = await callFailing(desk, `/proc/${pid}/stat`, 'error=EMFILE:when=1');
  expect(isHit).toBe(true);
  expect([status, said]).toEqual([5, expect.stringMatching(/writes this run/)]);
  writeFileSync(join(desk.folder, 'go'), '');
  expect((await first.ended).status).toBe(0);
  expect(eventsOf(desk).filter(({ type }) => type === 'RunOpened')).toHaveLength(1);
});

test('a living runner whose process can not be asked about is followed on', { timeout: 90_000 }, async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  underDamage(context, 'no file left to ask with whether the runner lives', 'Steps 2');
  const desk = newDesk();
  const { first, pid } = await running(desk);
  await killed(first, pid);
  const called = callFailing(desk, `/proc/${runnerOf(desk)}/stat`, 'error=EMFILE:when=1');
  await waitFor(() => desk.read('trace').includes('(INJECTED)'), { what: 'the fault' });
  writeFileSync(join(desk.folder, 'go'), '');
  const { status, said } = await called;
  expect([status, said]).toEqual([0, expect.not.stringMatching(/unknown/)]);
  expect(desk.read('log')).toBe('one\n');
});

for (const code of ['EMFILE', 'EIO']) {
  test(`a result that can not be read for a moment (${code}) is adopted after it`, {
    timeout: 90_000,
  }, async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    underDamage(context, `a result whose first readings end with ${code}`, 'No screen 2');
    const desk = newDesk();
    const { first, pid } = await running(desk);
    await killed(first, pid);
    writeFileSync(join(desk.folder, 'go'), '');
    const result = join(runDir(desk), 'attempts', '0002-one', 'result.json');
    const runner = runnerOf(desk);
    await waitFor(() => existsSync(result) && !isThere(runner), { what: 'the runner is done' });
    const { status, said, isHit } = await callFailing(desk, result, `error=${code}:when=1..4`);
    expect(isHit).toBe(true);
    expect([status, said]).toEqual([0, expect.not.stringMatching(/unknown/)]);
    expect(desk.read('log')).toBe('one\n');
  });
}

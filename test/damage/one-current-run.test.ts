import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { straceIsMissing } from '../support/strace.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const text = `
version: 1
id: again
title: Again
phases:
  - id: only
    title: Only
    steps:
      - { id: one, title: One, run: 'echo one >> log', undo: 'echo undo >> log', terminal: false }
      - { id: two, title: Two, run: 'test ! -e broken', undo: 'true', terminal: false }
`;
const forward = ['run', 'again.yaml', '--yes'] as const;

/** A command that has the calls of one kind at one path disturbed. */
function traced(path: string, call: string, how: string): readonly string[] {
  return ['strace', '-f', '-qq', '-o', '/dev/null', '-P', path, '-e', `trace=${call}`, '-e', `inject=${call}:${how}`];
}

/** A run that succeeded, and one after it that failed. */
async function failedAfterSuccess(home: TestHome): Promise<void> {
  home.write('again.yaml', text);
  expect((await home.run(forward)).code).toBe(0);
  const before = join(home.runDir('again'), 'journal.ndjson');
  home.write('broken', '');
  expect((await home.run(forward)).code).toBe(1);
  expect(home.read('log')).toBe('one\none\n');
  // Whoever opens the one before by its folder, or looks on at it, finds nothing that can be done there.
  expect(readFileSync(before, 'utf8')).toMatch(/"type":"RunClosed".*\n$/);
}

test('one that was over before does not come back where the one after it is put aside', async (context) => {
  const damage = underDamage(context, 'an earlier run that was over', 'Rollback 7', 'Steps 3');
  const home = newHome(context);
  await failedAfterSuccess(home);
  damage.tried();
  expect((await home.run(['reset', 'again.yaml'])).code).toBe(0);
  expect((await home.run(['status', 'again.yaml'])).stdout).toBe('again: no run');
  expect((await home.run(['rollback', 'again.yaml', '--yes'])).code).toBe(1);
  expect(home.read('log')).toBe('one\none\n');
  damage.held();
});

test('none begins beside one that is over as long as a screen has that open', async (context) => {
  const damage = underDamage(context, 'an earlier run that was over', 'Rollback 7', 'Journal 4');
  const home = newHome(context);
  home.write('again.yaml', text);
  expect((await home.run(forward)).code).toBe(0);
  const screen = home.open(['again.yaml']);
  await screen.waitForScreen('✔ succeeded');
  damage.tried();
  const refused = await home.run(forward);
  expect([refused.code, `${refused.stdout}${refused.stderr}`]).toEqual([
    5,
    expect.stringMatching(/writes this run.* Leave it there/),
  ]);
  expect(home.read('log')).toBe('one\n');
  screen.press('q');
  await screen.exited();
  expect((await home.run(forward)).code).toBe(0);
  expect(home.read('log')).toBe('one\none\n');
  damage.held();
});

test('one whose turn to begin was taken away while its disk was slow begins none', async (context) => {
  const missing = straceIsMissing();
  if (missing !== undefined) context.skip(`note: ${missing}`);
  const damage = underDamage(context, 'a turn to begin that was taken away', 'Steps 3', 'Journal 4');
  const home = newHome(context);
  home.write('again.yaml', text.replace('echo one >> log', 'echo one >> log; until test -e go; do sleep 0.05; done'));
  damage.tried();
  const slow = traced(join(home.dataDir, 'runs'), 'mkdir', 'delay_enter=6000000');
  const first = home.run(forward, { under: slow });
  const turn = join(home.dataDir, 'begin', 'again', 'lock');
  await waitFor(() => existsSync(turn), { what: 'the first has its turn' });
  rmSync(turn);
  const calls = [first, home.run(forward)];
  const codes: (number | undefined)[] = [];
  for (const call of calls) void call.then(({ code }) => codes.push(code));
  // Whoever comes too late finds the run of the other.
  await waitFor(() => codes.length > 0 || home.read('log') === 'one\none\n', { what: 'one of two is told to wait' });
  home.write('go', '');
  await Promise.all(calls);
  // 2: it waited longer for its turn than anybody does.
  expect([
    [5, 0],
    [2, 0],
  ]).toContainEqual(codes);
  expect(home.read('log')).toBe('one\n');
  damage.held();
});

describe('where one is over', () => {
  /** How the next one begins is disturbed at a path; gives its end, and the home. */
  const disturbed = async (
    context: TestContext,
    pathIn: (home: TestHome) => string,
    call: string,
    environment: Readonly<Record<string, string>> = {},
  ) => {
    const missing = straceIsMissing();
    if (missing !== undefined) context.skip(`note: ${missing}`);
    const home = newHome(context);
    home.write('again.yaml', text);
    expect((await home.run(forward)).code).toBe(0);
    const under = traced(pathIn(home), call, 'error=ENOSPC');
    return { home, next: await home.run(forward, { under, environment }) };
  };

  const setBack = 'data:text/javascript,const{now}=Date;Date.now=()=>now()-3600000';

  test.for([
    ['the clock goes on', {}],
    ['the clock was set back by an hour', { NODE_OPTIONS: `--import=${setBack}` }],
  ] as const)('the next begins although that one can’t be put aside: %s', async ([, environment], context) => {
    const damage = underDamage(context, 'an earlier run that was over', 'Steps 3');
    damage.tried();
    const journal = (home: TestHome) => join(home.runDir('again'), 'journal.ndjson');
    const { home, next } = await disturbed(context, journal, 'fdatasync', environment);
    expect([next.code, home.read('log')]).toEqual([0, 'one\none\n']);
    expect((await home.run(['reset', 'again.yaml'])).code).toBe(0);
    expect((await home.run(['status', 'again.yaml'])).stdout).toBe('again: no run');
    damage.held();
  });

  test('it can still be rolled back where the next one could not begin', async (context) => {
    const damage = underDamage(context, 'an earlier run that was over', 'Journal 1', 'Rollback 1');
    damage.tried();
    const { home, next } = await disturbed(context, (of) => join(of.dataDir, 'runs', 'again'), 'fsync');
    expect([next.code, next.stderr]).toEqual([1, expect.stringContaining('ENOSPC')]);
    expect((await home.run(['rollback', 'again.yaml', '--yes'])).code).toBe(3);
    expect(home.read('log')).toBe('one\nundo\n');
    damage.held();
  });

  test('one that was put aside and is damaged since holds up none', async (context) => {
    const damage = underDamage(context, 'an earlier run that was over', 'Journal 3');
    damage.tried();
    const home = newHome(context);
    home.write('again.yaml', text);
    expect((await home.run(forward)).code).toBe(0);
    const journal = join(home.runDir('again'), 'journal.ndjson');
    expect((await home.run(['reset', 'again.yaml'])).code).toBe(0);
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('"seq":1,', '"seq":7,'));
    expect((await home.run(forward)).code).toBe(0);
    expect((await home.run(['rollback', 'again.yaml', '--yes'])).code).toBe(3);
    expect(home.read('log')).toBe('one\none\nundo\n');
    damage.held();
  });
});

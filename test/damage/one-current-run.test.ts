import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
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

/** A run that succeeded, and one after it that failed. */
async function failedAfterSuccess(home: TestHome): Promise<void> {
  home.write('again.yaml', text);
  expect((await home.run(forward)).code).toBe(0);
  home.write('broken', '');
  expect((await home.run(forward)).code).toBe(1);
  expect(home.read('log')).toBe('one\none\n');
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
  expect([refused.code, `${refused.stdout}${refused.stderr}`]).toEqual([5, expect.stringContaining('writes this run')]);
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
  home.write('again.yaml', text);
  damage.tried();
  const runs = join(home.dataDir, 'runs');
  const slow = [
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-P',
    runs,
    '-e',
    'trace=mkdir',
    '-e',
    'inject=mkdir:delay_enter=6000000',
  ];
  const first = home.run(forward, { under: ['strace', ...slow] });
  const turn = join(home.dataDir, 'begin', 'again', 'lock');
  await waitFor(() => existsSync(turn), { what: 'the first has its turn' });
  rmSync(turn);
  const second = await home.run(forward);
  const codes = [(await first).code, second.code];
  // Whoever comes too late finds the run of the other.
  expect(codes).toContain(0);
  expect(home.read('log')).toBe('one\n');
  damage.held();
});

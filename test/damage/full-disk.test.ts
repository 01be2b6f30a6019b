import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-file.ts';
import { underDamage } from '../support/damage.ts';
import { keys } from '../support/pty-program.ts';
import { smallDisk } from '../support/small-disk.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const gated = `
version: 1
id: gated
title: Steps that wait for files
phases:
  - id: only
    title: Only
    steps:
      - id: one
        title: The first
        run: 'echo one >> log; until test -e go; do sleep 0.05; done; echo first is over'
        undo: echo undo-one >> log
      - id: two
        title: The second
        run: echo two >> log
        undo: echo undo-two >> log
`;

function lines(home: TestHome): readonly string[] {
  const path = join(home.workDir, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
}

function journalIsGood(home: TestHome): void {
  const { damage, torn } = readJournal(readFileSync(join(home.runDir('gated'), 'journal.ndjson')));
  expect({ damage, torn }).toEqual({ damage: undefined, torn: false });
}

test('a run without a screen says what a full disk holds up, and ends when there is room', {
  timeout: 60_000,
}, async (context) => {
  underDamage(context, 'a real disk full while a step runs', 'Journal 1', 'Journal 2', 'Steps 1', 'No screen 1');
  const home = newHome(context);
  const disk = smallDisk(home.dataDir, context);
  home.write('gated.yaml', gated);
  const shell = home.openShell();
  await shell.waitForScreen('ready>');
  shell.press(`$NODE $RUNBOOK run gated.yaml --yes; echo "came to $?"${keys.enter}`);
  await waitFor(() => lines(home).length === 1, { withinMs: 20_000 });
  await shell.waitForScreen('▶ ');
  disk.fill();
  home.write('go', '');
  await shell.waitForScreen(/⚠ .*The first.* has ended, but how can't be recorded: ENOSPC/);
  expect(lines(home)).toEqual(['one']);
  journalIsGood(home);
  disk.makeRoom();
  await shell.waitForScreen(/came to 0/, { withinMs: 25_000 });
  expect(lines(home)).toEqual(['one', 'two']);
  journalIsGood(home);
  const again = await home.run(['status', 'gated.yaml']);
  expect(again.stdout).toMatch(/succeeded/);
});

test('a screen says it too, opens on a full disk to look on, and takes the run when there is room', {
  timeout: 60_000,
}, async (context) => {
  underDamage(
    context,
    'a real disk full under a screen, and at its opening',
    'Journal 1',
    'No screen 1',
    'No screen 2',
  );
  const home = newHome(context);
  const disk = smallDisk(home.dataDir, context);
  const first = home.open([home.write('gated.yaml', gated)]);
  await first.waitForScreen('▸○ The first');
  first.press(keys.enter);
  await first.waitForScreen(/▶ The first +running/);
  disk.fill();
  home.write('go', '');
  await first.waitForScreen(/⚠ “The first” has ended, but how can't be recorded: ENOSPC/);
  first.killScreen('SIGKILL');
  await first.exited();

  const second = home.open(['gated.yaml']);
  await second.waitForScreen(/⚠ Read-only: the run can't be written \(ENOSPC/);
  disk.makeRoom();
  await second.waitForScreen((text) => !text.includes('Read-only') && text.includes('While you were away'));
  second.press(keys.escape);
  await second.waitForScreen(/✔ The first/);
  expect(lines(home)).toEqual(['one']);
  journalIsGood(home);
  second.press('q');
  await second.exited();
});

test('what can’t be written down does not begin, and a rollback neither', { timeout: 60_000 }, async (context) => {
  const damage = underDamage(
    context,
    'a real disk full before a start',
    'Journal 1',
    'Rollback 6',
    'Rollback 7',
    'Input',
  );
  const home = newHome(context);
  const disk = smallDisk(home.dataDir, context);
  home.write('gated.yaml', gated);
  home.write('go', '');

  damage.tried();
  disk.fill();
  const unbegun = await home.run(['run', 'gated.yaml', '--yes']);
  expect(unbegun).toMatchObject({ code: 1, stderr: expect.stringMatching(/ENOSPC/) });
  expect(unbegun.stderr).not.toMatch(/\n +at /);
  expect(lines(home)).toEqual([]);
  for (const folder of ['runs/gated', 'begin/gated'].map((name) => join(home.dataDir, name)))
    expect(existsSync(folder) ? readdirSync(folder) : [], 'half a beginning is left').toEqual([]);
  damage.held();

  disk.makeRoom();
  expect((await home.run(['run', 'gated.yaml', '--yes'])).code).toBe(0);
  damage.tried();
  disk.fill();
  const held = await home.run(['rollback', 'gated.yaml', '--yes']);
  expect(held.code).not.toBe(3);
  expect(`${held.stdout}${held.stderr}`).toMatch(/ENOSPC/);
  expect(held.stdout).not.toMatch(/^Rolled back/m);
  expect(lines(home)).toEqual(['one', 'two']);
  journalIsGood(home);
  disk.makeRoom();
  const back = await home.run(['rollback', 'gated.yaml', '--yes']);
  expect(back.code, back.stdout).toBe(3);
  expect(lines(home)).toEqual(['one', 'two', 'undo-two', 'undo-one']);
  damage.held();
});

test('a data folder that can hold no file is one clear message', async (context) => {
  underDamage(context, 'a data folder where nothing can be made', 'Input');
  const home = newHome(context);
  home.write('gated.yaml', gated);
  const { code, stderr } = await home.run(['run', 'gated.yaml', '--yes'], {
    environment: { RUNBOOK_HOME: '/proc/runbook/home' },
  });
  expect(code).toBe(1);
  expect(stderr).toMatch(/\/proc\/runbook.*RUNBOOK_HOME/s);
  expect(stderr).not.toMatch(/\n +at /);
  expect(lines(home)).toEqual([]);
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const book = `
version: 1
id: fire
title: Fire
phases:
  - id: blue
    title: Blue
    danger: true
    steps:
      - { id: a, title: The first, run: echo a >> log, undo: echo undo-a >> log }
  - id: green
    title: Green
    steps:
      - { id: b, title: The second, run: echo b >> log, undo: 'echo undo-b >> log; test -e mended' }
      - { id: c, title: The third, run: 'test -e done || until test -e go; do sleep 0.05; done; echo c >> log', undo: 'echo undo-c >> log; until test -e on; do sleep 0.05; done' }
      - { id: d, title: The fourth, run: echo d >> log, undo: echo undo-d >> log }
`;

const log = (home: TestHome) => {
  const path = join(home.workDir, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
/** How many such events stand in the journal; its last line may be half written. */
const told = (home: TestHome, ...types: readonly string[]) => {
  const text = readFileSync(join(home.runDir('fire'), 'journal.ndjson'), 'utf8');
  return types.reduce((sum, type) => sum + text.split(`"type":"${type}"`).length - 1, 0);
};

/** Resolves when everything that was typed before has been carried out and written down: a note comes after it. */
async function barrier(program: PtyProgram, home: TestHome): Promise<void> {
  const before = told(home, 'NoteAdded');
  program.press('m');
  await program.waitForScreen(/⏎ accept/);
  for (const text of ['seen', keys.enter]) program.press(text);
  await waitFor(() => told(home, 'NoteAdded') === before + 1, { withinMs: 15_000, what: 'the note' });
  await program.waitForScreen((text) => !/⏎ accept/.test(text));
}

/** Everything but the last phase's last two steps is done. */
async function halfDone(home: TestHome): Promise<void> {
  home.write('book.yaml', book);
  expect((await home.run(['run', 'book.yaml', '--yes', '--to', 'b'])).code).toBe(0);
}

const paste = (text: string) => `\x1b[200~${text}\x1b[201~`;

describe.concurrent('keys that came at once', { timeout: 180_000 }, () => {
  test('with the r confirm nothing, nor do they start anything behind it', async (context) => {
    const damage = underDamage(context, 'r and Enter in one burst, repeated and pasted', 'Rollback 1');
    const home = newHome(context);
    await halfDone(home);
    const program = home.open(['book.yaml']);
    await program.waitForScreen('▸○ The third');
    const began = ['RollbackStarted', 'AttemptStarted', 'RunOnStarted'] as const;
    const before = told(home, ...began);
    for (const burst of [
      'r\r',
      'r\r\r',
      'rrr\r\r\r',
      'r\n',
      'r\t\r',
      'r\t\t\r',
      '\x12\r',
      `r${paste('\r')}`,
      'r\ry\r',
    ]) {
      damage.tried();
      program.press(burst);
      await program.waitForScreen('Roll back ·');
      program.press(keys.escape);
      await program.waitForScreen((text) => !text.includes('Roll back ·'));
      await barrier(program, home);
      expect(told(home, ...began), JSON.stringify(burst)).toBe(before);
      damage.held();
    }
    damage.tried();
    program.press(paste('r\r'));
    await program.waitForScreen('Pasted text goes into text fields only');
    await barrier(program, home);
    expect(told(home, ...began)).toBe(before);
    damage.held();

    damage.tried();
    const second = home.open(['book.yaml']);
    await second.waitForScreen(/Read-only · /);
    second.press('r');
    await second.waitForScreen('Roll back ·');
    second.press(keys.enter);
    await second.waitForScreen((text) => text.includes('Roll back ·') && /Read-only: \S+ writes this run/.test(text));
    second.press(keys.escape);
    await second.waitForScreen((text) => !text.includes('Roll back ·'));
    expect(told(home, ...began)).toBe(before);
    damage.held();
    second.press('q');
    await second.exited();

    program.press('r');
    await program.waitForScreen('Roll back ·');
    program.press(keys.enter);
    await program.waitForScreen(/First failure: Undo: The second/);
    expect(log(home)).toEqual(['a', 'b', 'undo-b']);
    // A held Enter tries the undo again once, however quickly it fails.
    damage.tried();
    const ended = told(home, 'AttemptEnded');
    program.press('\r\r\r\r');
    await waitFor(() => told(home, 'AttemptEnded') > ended, { what: 'the undo has ended' });
    await program.waitForScreen(/waits for you/);
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Rollback ·'));
    await barrier(program, home);
    expect(log(home)).toEqual(['a', 'b', 'undo-b', 'undo-b']);
    damage.held();
    home.write('mended', '');
    program.press('r');
    await program.waitForScreen('Rollback ·');
    program.press(keys.enter);
    await program.waitForScreen('✔ Rolled back: every undo is done and verified.');
    expect(log(home)).toEqual(['a', 'b', 'undo-b', 'undo-b', 'undo-b']);
  });

  test('as a name and its Enter do not confirm what is dangerous', async (context) => {
    const damage = underDamage(context, 'a pasted name and Enter at a dangerous plan', 'Rollback 1');
    const home = newHome(context);
    await halfDone(home);
    const program = home.open(['book.yaml']);
    await program.waitForScreen('▸○ The third');
    program.press(keys.left);
    await program.waitForScreen(/▸1 Blue|▸1\b/);
    program.press('r');
    await program.waitForScreen('Roll back · Blue');
    program.press(keys.enter);
    await program.waitForScreen('“Blue” is dangerous. Roll it back?');
    for (const burst of ['blue\r', 'blue\r\r', `${paste('blue')}\r`, `${paste('blue\r')}\r`, paste('blue\r\r')]) {
      damage.tried();
      program.press(burst);
      await program.waitForScreen('blue');
      // Ctrl-U empties the field; only then the next one is typed.
      program.press('\x15');
      program.press('seen');
      await program.waitForScreen(/“Blue” is dangerous[\s\S]*seen/);
      program.press('\x15');
      await program.waitForScreen((text) => !text.includes('seen'));
      damage.held();
    }
    expect(told(home, 'RollbackStarted')).toBe(0);
    program.press('blue');
    await program.waitForScreen(/“Blue” is dangerous[\s\S]*> blue/);
    program.press(keys.enter);
    await program.waitForScreen('✔ Rolled back: every undo is done and verified.');
    expect(log(home)).toEqual(['a', 'b', 'undo-a']);
  });

  test('as they close what was told do not go on with the rollback or the step below', async (context) => {
    const damage = underDamage(
      context,
      'Enter twice, or too early, on a run that is reopened',
      'Rollback 1',
      'Rollback 6',
      'No screen 3',
    );
    const home = newHome(context);
    await halfDone(home);
    const first = home.open(['book.yaml']);
    await first.waitForScreen('▸○ The third');
    first.press(keys.enter);
    await first.waitForScreen(/▶ The third +running/);
    first.killScreen('SIGKILL');
    await first.exited();
    home.write('go', '');
    await waitFor(() => log(home).length === 3);

    damage.tried();
    const second = home.open(['book.yaml']);
    await second.waitForScreen('While you were away');
    second.press('\r\r\ra ');
    await second.waitForScreen((text) => text.includes('▸○ The fourth') && !text.includes('While you were away'));
    await barrier(second, home);
    expect(log(home)).toEqual(['a', 'b', 'c']);
    damage.held();

    second.press('r');
    await second.waitForScreen('Roll back ·');
    second.press(keys.enter);
    await waitFor(() => log(home).length === 4);
    second.killScreen('SIGKILL');
    await second.exited();
    home.write('on', '');
    const result = join(home.runDir('fire'), 'attempts', '0004-undo-c', 'result.json');
    await waitFor(() => existsSync(result), { what: 'the undo has ended' });

    damage.tried();
    const third = home.open(['book.yaml']);
    // Typed before there is anything to see.
    third.press('\r\rr\r');
    await third.waitForScreen(/While you were away|It was interrupted/);
    if (third.screenText().includes('While you were away')) third.press('\r\r\r');
    await third.waitForScreen((text) => text.includes('It was interrupted') && !text.includes('While you were away'));
    third.press('m');
    third.press(keys.escape);
    await third.waitForScreen(/It was interrupted/);
    third.killScreen('SIGKILL');
    await third.exited();
    expect(told(home, 'RollbackResumed')).toBe(0);
    expect(log(home)).toEqual(['a', 'b', 'c', 'undo-c']);
    damage.held();

    // Nothing to tell this time: the rollback itself is what lies under the Enter that came too early.
    damage.tried();
    const fourth = home.openCommand([
      'bash',
      '-c',
      `until test -e open; do sleep 0.05; done; ${home.loginLine(['book.yaml'])}`,
    ]);
    fourth.press('\r\r');
    // The terminal echoes it: it is there before the program is.
    await fourth.waitForScreen(() => fourth.bytes().length > 0);
    home.write('open', '');
    await fourth.waitForScreen(/It was interrupted/);
    await fourth.waitForScreen((text) => !text.includes('While you were away'));
    expect(told(home, 'RollbackResumed')).toBe(0);
    damage.held();
    home.write('mended', '');
    fourth.press(keys.enter);
    await fourth.waitForScreen('✔ Rolled back: every undo is done and verified.');
    expect(log(home)).toEqual(['a', 'b', 'c', 'undo-c', 'undo-b']);
    fourth.press('q');
  });
});

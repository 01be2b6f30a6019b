import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const book = `
version: 1
id: held
title: Steps that wait for files
phases:
  - id: only
    title: Only
    steps:
      - id: one
        title: The first
        run: 'echo x >> ran-one; echo begun; until test -e one; do sleep 0.05; done; echo first is over'
        undo: 'echo x >> undone-one; until test -e back; do sleep 0.05; done'
      - { id: two, title: The second, run: 'echo x >> ran-two', undo: 'true' }
`;

const eventsOf = (home: TestHome, type: string) => home.events('held').filter((event) => event.type === type);
const journalOf = (home: TestHome) => readFileSync(join(home.runDir('held'), 'journal.ndjson'), 'utf8');
const lockOf = (home: TestHome) => join(home.runDir('held'), 'lock');
const lines = (home: TestHome, name: string) => readFileSync(join(home.workDir, name), 'utf8').split('\n').length - 1;

/** A run whose first step runs, and its writer. */
async function running(home: TestHome) {
  const first = home.open([home.write('held.yaml', book)]);
  await first.waitForScreen('▸○ The first');
  first.press('a');
  await first.waitForScreen(/▶ The first +running/);
  return first;
}

/** Closes what was told of the taking over. Escape and the next key, read together, would be one key. */
async function closeTold(screen: PtyProgram | undefined): Promise<void> {
  screen?.press(keys.escape);
  await screen?.waitForScreen((text) => !text.includes('took the run over from'));
}

/** Changes what the lock of a killed writer says. */
function forge(home: TestHome, change: Readonly<Record<string, unknown>>): void {
  writeFileSync(lockOf(home), `${JSON.stringify({ ...JSON.parse(readFileSync(lockOf(home), 'utf8')), ...change })}\n`);
}

test('a writer that stands still is taken over from only by decision, and writes nothing any more', {
  timeout: 90_000,
}, async (context) => {
  underDamage(context, 'the writer stopped (SIGSTOP), taken over, let go on', 'Journal 4', 'Steps 3');
  const home = newHome(context);
  const first = await running(home);
  first.killScreen('SIGSTOP');
  const second = home.open(['held.yaml']);
  await second.waitForScreen(new RegExp(`Read-only · \\S+ on \\S+ since \\d\\d:\\d\\d \\(pid ${first.pid}\\)`));
  // The answer in the same burst as the key is none.
  second.press(`T${keys.enter}`);
  await second.waitForScreen(new RegExp(`Its process \\(pid ${first.pid}\\) is there`));
  expect(eventsOf(home, 'RunOpened')).toHaveLength(1);
  // What is typed into the one that stands still comes when it goes on.
  first.press('a');
  first.press('s');
  second.press(keys.enter);
  await second.waitForScreen(/took the run over from \S+ \(pid \d+ on/);
  const from = { pid: first.pid, provenDead: false };
  expect(eventsOf(home, 'RunOpened')[1]?.data).toMatchObject({ pid: second.pid, from });
  await closeTold(second);
  first.killScreen('SIGCONT');
  await first.waitForScreen(new RegExp(`Read-only · taken over by \\S+ on \\S+ since .*\\(pid ${second.pid}\\)`));
  first.press('m');
  first.press('x');
  await first.waitForScreen(/⚠ Read-only: \S+ writes this run/);
  home.write('one', '');
  await Promise.all([first.waitForScreen(/✔ The first/), second.waitForScreen(/✔ The first/)]);
  expect(lines(home, 'ran-one')).toBe(1);
  expect(eventsOf(home, 'AttemptStarted')).toHaveLength(1);
  expect(home.events('held').map(({ seq }) => seq)).toEqual(home.events('held').map((_, index) => index + 1));
  expect((await home.run(['status', 'held.yaml'])).stderr).toBe('');
  for (const screen of [first, second]) {
    screen.press('q');
    await screen.exited();
  }
  await home.nothingLeftBehind();
});

test('a rollback goes on under the one that took it over, where it was', async (context) => {
  underDamage(context, 'the writer stopped and taken over in a rollback', 'Journal 4', 'Rollback 6');
  const home = newHome(context);
  home.write('one', '');
  const first = home.open([home.write('held.yaml', book)]);
  await first.waitForScreen('▸○ The first');
  first.press('a');
  await first.waitForScreen(/✔ The second/);
  first.press('r');
  await first.waitForScreen('START THE ROLLBACK');
  first.press(keys.enter);
  await waitFor(() => home.processes().some(({ command }) => command.includes('undone-one')), {
    what: 'the undo runs',
  });
  first.killScreen('SIGSTOP');
  const second = home.open(['held.yaml']);
  await second.waitForScreen('Read-only ·');
  second.press('r');
  await second.waitForScreen(/Undo: The first +\S*running|Undo: The first/);
  second.press(keys.escape);
  await second.waitForScreen((text) => !text.includes('Rollback · '));
  second.press('T');
  await second.waitForScreen('Take the run over from');
  second.press(keys.enter);
  await second.waitForScreen(/took the run over from/);
  await closeTold(second);
  home.write('back', '');
  first.killScreen('SIGCONT');
  await first.waitForScreen('taken over by');
  second.press('r');
  await second.waitForScreen(/Rollback · /);
  await second.waitForScreen(/2\/2/);
  second.press(keys.enter);
  await second.waitForScreen('Rolled back: every undo is done');
  expect(lines(home, 'undone-one')).toBe(1);
  expect(eventsOf(home, 'RollbackFinished')).toHaveLength(1);
  for (const screen of [first, second]) {
    await screen.waitForScreen('Rolled back: every undo is done');
    screen.press(keys.escape);
    await screen.waitForScreen((text) => !text.includes('Rollback · '));
    screen.press('q');
    await screen.exited();
  }
  await home.nothingLeftBehind();
});

test('a holder that can’t be proven dead keeps the run from all that would write', {
  timeout: 90_000,
}, async (context) => {
  const way = underDamage(context, 'locks of another host, unreadable, empty, of another boot', 'Journal 4');
  const home = newHome(context);
  const first = home.open([home.write('held.yaml', book)]);
  await first.waitForScreen('▸○ The first');
  first.killScreen('SIGKILL');
  await first.exited();
  const whole = readFileSync(lockOf(home), 'utf8');
  const before = journalOf(home);
  for (const lock of [whole.replace(/"host":"[^"]*"/, '"host":"elsewhere"'), '', whole.slice(0, 40), '{}']) {
    for (const command of [['run', '--yes'], ['rollback', '--yes'], ['reset']]) {
      way.tried();
      writeFileSync(lockOf(home), lock);
      const [name = '', ...flags] = command;
      const { code, stdout, stderr } = await home.run([name, 'held.yaml', ...flags]);
      expect([lock, command, code, stdout + stderr]).toEqual([
        lock,
        command,
        5,
        expect.stringContaining('Read-only: '),
      ]);
      expect(journalOf(home)).toBe(before);
      expect(readFileSync(lockOf(home), 'utf8')).toBe(lock);
      way.held();
    }
  }
  way.tried();
  writeFileSync(lockOf(home), whole);
  forge(home, { bootId: 'the boot before' });
  const { code } = await home.run(['reset', 'held.yaml']);
  expect([code, eventsOf(home, 'RunOpened')[1]?.data.from]).toMatchObject([0, { pid: first.pid, provenDead: true }]);
  way.held();
  await home.nothingLeftBehind();
});

test('of two that decide to take over, one does', async (context) => {
  underDamage(context, 'two screens that take over at once from another host', 'Journal 4');
  const home = newHome(context);
  const first = await running(home);
  first.killScreen('SIGKILL');
  await first.exited();
  forge(home, { host: 'elsewhere' });
  const others = [home.open(['held.yaml']), home.open(['held.yaml'])];
  for (const other of others) {
    await other.waitForScreen(/on elsewhere since \d\d:\d\d \(pid \d+, not to be seen from here\)/);
    for (const key of ['a', 's', 'x', 'm']) other.press(key);
    await other.waitForScreen(/⚠ Read-only: /);
    other.press('T');
    await other.waitForScreen('It is not this machine (elsewhere)');
  }
  expect(eventsOf(home, 'RunOpened')).toHaveLength(1);
  for (const other of others) other.press(keys.enter);
  await waitFor(() => others.filter((one) => one.screenText().includes('took the run over from')).length === 1, {
    what: 'one has taken over',
  });
  const winner = others.find((one) => one.screenText().includes('took the run over from'));
  const loser = others.find((one) => one !== winner);
  await loser?.waitForScreen(new RegExp(`Read-only · .*\\(pid ${winner?.pid}\\)`));
  expect(eventsOf(home, 'RunOpened').map(({ data }) => data.pid)).toEqual([first.pid, winner?.pid]);
  home.write('one', '');
  await closeTold(winner);
  await Promise.all(others.map((one) => one.waitForScreen(/✔ The first/)));
  expect(lines(home, 'ran-one')).toBe(1);
  for (const screen of [loser, winner]) {
    screen?.press('q');
    await screen?.exited();
  }
  await home.nothingLeftBehind();
});

test('who decided about one holder does not take the run from another', async (context) => {
  underDamage(context, 'the holder changes while the question is open', 'Journal 4');
  const home = newHome(context);
  const first = await running(home);
  first.killScreen('SIGKILL');
  await first.exited();
  forge(home, { host: 'elsewhere' });
  const [quick, slow] = [home.open(['held.yaml']), home.open(['held.yaml'])];
  for (const one of [quick, slow]) {
    await one.waitForScreen(/on elsewhere since/);
    one.press('T');
    await one.waitForScreen('It is not this machine (elsewhere)');
  }
  quick.press(keys.enter);
  await quick.waitForScreen('took the run over from');
  await slow.waitForScreen(new RegExp(`Read-only · .*\\(pid ${quick.pid}\\)`));
  slow.press(keys.enter);
  await slow.waitForScreen(new RegExp(`\\(pid ${quick.pid} on \\S+\\) holds the run now`));
  expect(eventsOf(home, 'RunOpened').map(({ data }) => data.pid)).toEqual([first.pid, quick.pid]);
  home.write('one', '');
  await closeTold(quick);
  await Promise.all([quick, slow].map((one) => one.waitForScreen(/✔ The first/)));
  for (const one of [quick, slow]) {
    one.press('q');
    await one.exited();
  }
  await home.nothingLeftBehind();
});

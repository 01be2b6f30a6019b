import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { type Login, logIn, readWhatWasAway } from '../support/login.ts';
import { keys } from '../support/pty-program.ts';
import { type SshServer, sshIsMissing, startSshServer } from '../support/ssh-server.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

/** Commands that go on only when a file is there, and note each time they are begun and ended. */
const book = `
version: 1
id: line
title: Over a line that breaks
phases:
  - id: only
    title: Only
    steps:
      - id: first
        title: The first
        run: 'echo first >> ran'
        undo: 'echo first >> undone'
      - id: count
        title: Count to thirty
        run: |
          until_there() { until test -e "$1"; do sleep 0.05; done; }
          echo count >> ran
          for n in $(seq 10); do echo "line $n"; done
          until_there half
          for n in $(seq 11 20); do echo "line $n"; done
          until_there end
          for n in $(seq 21 30); do echo "line $n"; done
        undo: |
          echo begun >> undone
          for n in $(seq 10); do echo "back $n"; done
          until test -e undo; do sleep 0.05; done
          for n in $(seq 11 20); do echo "back $n"; done
          echo count >> undone
      - id: after
        title: Comes after
        run: 'echo after >> ran'
        undo: 'echo after >> undone'
`;

/** How a line is lost, and with it the login. */
const cuts: readonly (readonly [string, (login: Login, server: SshServer) => void])[] = [
  ['ssh: the session’s sshd killed', ({ pid }, server) => server.killSessionOf(pid)],
  ['ssh: the client killed', ({ program }) => program.killScreen('SIGKILL')],
  ['ssh: the connection reset', ({ line }) => line.reset()],
  [
    'ssh: sshd and the screen killed at once',
    ({ pid }, server) => {
      process.kill(pid, 'SIGSTOP');
      server.killSessionOf(pid);
      process.kill(pid, 'SIGKILL');
    },
  ],
];

const missing = sshIsMissing();
let server: SshServer;

beforeAll(async () => {
  if (missing === undefined) server = await startSshServer();
});
afterAll(() => server?.stop());

function linesOf(name: string, text: string): readonly number[] {
  return Array.from(text.matchAll(new RegExp(`${name} (\\d+)`, 'g')), ([, number]) => Number(number));
}
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

function begunOf(home: TestHome): readonly unknown[] {
  return home.events('line').flatMap(({ type, data }) => (type === 'AttemptStarted' ? [data.title] : []));
}

async function open(context: TestContext, home: TestHome): Promise<Login> {
  const { onTestFinished } = context;
  return await logIn({ home, server, args: ['line.yaml'], onTestFinished });
}

async function leave(login: Login, home: TestHome, status = 0): Promise<void> {
  login.program.press('q');
  expect(await login.program.exited()).toEqual({ code: status, signal: 0 });
  await home.nothingLeftBehind();
}

const TIMEOUT_MS = 90_000;

describe('a line that is lost in the middle of a step', { timeout: TIMEOUT_MS }, () => {
  for (const [way, cut] of cuts) {
    test(`${way}: it ends meanwhile, and the next login tells of it`, async (context) => {
      if (missing !== undefined) return context.skip(`note: ${missing}`);
      underDamage(context, way, 'No screen 1', 'No screen 2', 'No screen 3', 'Journal 4', 'Steps 3');
      const home = newHome(context);
      home.write('line.yaml', book);
      const login = await open(context, home);
      await login.program.waitForScreen('ROLL BACK');
      login.program.press('a');
      await login.program.waitForScreen('line 10');
      cut(login, server);
      await login.gone();
      home.write('half', '');
      home.write('end', '');
      await waitFor(() => home.output('line', 'count').toString().includes('line 30'));
      await waitFor(() => home.processes().every(({ command }) => !command.includes('runner')));
      expect(home.read('ran')).toBe('first\ncount\n');

      const again = await open(context, home);
      await readWhatWasAway(again.program, /Count to thirty.*ended: exit status 0/);
      expect(again.program.screenText()).not.toContain('Read-only');
      await again.program.waitForScreen('▸○ Comes after');
      again.program.press(keys.up);
      const text = await again.program.waitForScreen(
        (shown) => /▸✔ Count to thirty/.test(shown) && shown.includes('line 30'),
      );
      expect(linesOf('line', text)).toEqual(upTo(30));
      expect(linesOf('line', home.output('line', 'count').toString())).toEqual(upTo(30));
      expect(begunOf(home)).toEqual(['The first', 'Count to thirty']);
      again.program.press('a');
      await again.program.waitForScreen('✔ Comes after');
      expect(home.read('ran')).toBe('first\ncount\nafter\n');
      await leave(again, home);
      await waitFor(() => !isThere(login.program.pid), { what: 'the old client has gone' });
    });
  }
});

describe('a line that is lost in the middle of a rollback', { timeout: TIMEOUT_MS }, () => {
  for (const [way, cut] of cuts.filter(([name]) => name.includes('sshd'))) {
    test(`${way}: it goes on where it was, by a key`, async (context) => {
      if (missing !== undefined) return context.skip(`note: ${missing}`);
      underDamage(context, way, 'Rollback 4', 'Rollback 6', 'Rollback 7', 'No screen 3');
      const home = newHome(context);
      home.write('line.yaml', book);
      for (const name of ['half', 'end']) home.write(name, '');
      const login = await open(context, home);
      await login.program.waitForScreen('ROLL BACK');
      login.program.press('a');
      await login.program.waitForScreen('✔ Comes after');
      login.program.press('r');
      await login.program.waitForScreen(/START THE ROLLBACK/);
      login.program.press(keys.enter);
      await login.program.waitForScreen('back 10');
      cut(login, server);
      await login.gone();
      home.write('undo', '');
      await waitFor(() => home.read('undone') === 'after\nbegun\ncount\n');
      await waitFor(() => home.processes().every(({ command }) => !command.includes('runner')));
      // Nobody looks: the undo that ran came to its end, and the next one waits.
      expect(home.read('undone')).toBe('after\nbegun\ncount\n');

      const again = await open(context, home);
      await readWhatWasAway(again.program, /Count to thirty.*ended: exit status 0/);
      expect(again.program.screenText()).not.toMatch(/Rolled back|Read-only/);
      await again.program.waitForScreen(/Rollback · Only.*interrupted[\s\S]*⏎ go on/);
      again.program.press(keys.enter);
      await again.program.waitForScreen('Rolled back');
      expect(home.read('undone')).toBe('after\nbegun\ncount\nfirst\n');
      expect(linesOf('back', home.output('line', 'undo-count').toString())).toEqual(upTo(20));
      again.program.press(keys.escape);
      await again.program.waitForScreen((shown) => !shown.includes('Esc close'));
      await leave(again, home, 3);
    });
  }
});

test('a login over ssh reads no shell’s start-up file before a step or a probe', {
  timeout: TIMEOUT_MS,
}, async (context) => {
  if (missing !== undefined) return context.skip(`note: ${missing}`);
  const home = newHome(context);
  const rc = 'echo read >> "$HOME/work/start-up"; exit 7';
  home.write('../.bashrc', rc);
  home.write(
    'line.yaml',
    book.replace("run: 'echo first >> ran'", "run: 'echo first >> ran'\n        verify: 'test -e ran'"),
  );
  const login = await open(context, home);
  await login.program.waitForScreen('ROLL BACK');
  login.program.press(keys.enter);
  await login.program.waitForScreen('✔ The first');
  expect(home.read('start-up')).toBe('');
  expect(home.output('line', 'first').toString()).toBe('');
  await leave(login, home);
});

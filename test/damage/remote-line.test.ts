import { afterAll, beforeAll, expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { keys } from '../support/pty-program.ts';
import { type SshServer, sshIsMissing, startSshServer } from '../support/ssh-server.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const missing = sshIsMissing();
let server: SshServer;

beforeAll(async () => {
  if (missing === undefined) server = await startSshServer();
});
afterAll(() => server?.stop());

/** A command for the other machine that says that it has begun, and then who it is, and waits. */
function remote(home: TestHome, name: string): string {
  const at = (file: string) => `${home.workDir}/${file}`;
  return `echo ${name} >> ${at('ran')}; echo $$ > ${at(`${name}.pid`)}; until test -s ${at(`${name}.go`)}; do sleep 0.05; done; exit $(cat ${at(`${name}.go`)})`;
}

function overSsh(command: string): string {
  const words = server.client(command).map((word) => `'${word}'`);
  return words.join(' ').replaceAll('"', '\\"');
}

function bookOf(home: TestHome): string {
  return home.write(
    'remote.yaml',
    `
version: 1
id: remote
title: On another machine
phases:
  - id: only
    title: Only
    steps:
      - id: there
        title: There
        run: "${overSsh(remote(home, 'there'))}"
        retry: { times: 3, every: 100ms }
        undo: "${overSsh(remote(home, 'back'))}"
      - id: after
        title: After
        run: echo after >> ran
        undo: echo after >> ran
`,
  );
}

/** Cuts the line of what has begun there; it goes on by itself. */
async function cut(home: TestHome, name: string): Promise<number> {
  const pid = await waitFor(() => Number(home.read(`${name}.pid`)), { withinMs: 20_000 });
  server.killSessionOf(pid);
  return pid;
}

test('a line that is lost to another machine leaves its step unknown, and its undo too', {
  timeout: 90_000,
}, async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  const { tried, held } = underDamage(
    context,
    'ssh: the line of a step, and of an undo, to another machine cut',
    'Steps 2',
    'Steps 3',
    'Rollback 5',
    'Rollback 7',
  );
  const home = newHome(context);
  const file = bookOf(home);

  tried();
  const running = home.run(['run', file, '--yes']);
  await cut(home, 'there');
  const lost = await running;
  expect(lost.code).toBe(5);
  expect(lost.stdout).toContain('Nobody knows how “There” ended: ssh lost its line');
  expect(home.read('ran'), 'retried, or gone on').toBe('there\n');
  expect(home.events('remote').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
  held();

  tried();
  const program = home.open([file]);
  await program.waitForScreen(/unknown/);
  await program.waitForScreen(/ssh lost its line/);
  program.press('q');
  await program.exited();
  held();

  tried();
  const undoing = home.run(['rollback', file, '--yes']);
  const pid = await cut(home, 'back');
  const partly = await undoing;
  expect(partly.code, partly.stdout).toBe(4);
  expect(partly.stdout).not.toMatch(/^Rolled back/m);
  expect(partly.stdout).toContain('ssh lost its line');
  held();

  // What went on there has come to its end; a person says so, and it is run once more.
  home.write('there.go', '0');
  home.write('back.go', '0');
  await waitFor(() => !isThere(pid), { withinMs: 10_000 });
  const again = await home.run(['rollback', file, '--yes']);
  expect(again.code, again.stdout).toBe(3);
  expect(home.read('ran')).toBe('there\nback\nback\n');
});

test('a question to another machine whose line is lost has no answer, which is not a no', {
  timeout: 90_000,
}, async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  const { tried, held } = underDamage(
    context,
    'ssh: the line of a verify, and of an unless, to another machine cut',
    'Steps 1',
    'Steps 2',
    'Steps 3',
  );
  const home = newHome(context);
  const file = home.write(
    'asking.yaml',
    `
version: 1
id: asking
title: Asking another machine
phases:
  - id: only
    title: Only
    steps:
      - id: maybe
        title: Maybe
        unless: "${overSsh(remote(home, 'needed'))}"
        run: echo maybe >> ran
        undo: 'true'
      - id: proved
        title: Proved
        run: echo proved >> ran
        verify: "${overSsh(remote(home, 'proof'))}"
        retry: { times: 3, every: 100ms }
        undo: 'true'
`,
  );
  const started = () => home.events('asking').filter(({ type }) => type === 'AttemptStarted').length;

  tried();
  const asking = home.run(['run', file, '--yes']);
  await cut(home, 'needed');
  const unasked = await asking;
  expect(unasked.stdout).toContain('“Maybe” was not begun: its unless has no answer: ssh lost its line');
  expect([unasked.code, started()]).toEqual([5, 0]);
  held();

  tried();
  home.write('needed.go', '1');
  const proving = home.run(['run', file, '--yes']);
  await cut(home, 'proof');
  const unproven = await proving;
  expect(unproven.stdout).toContain(
    'Nobody knows how “Proved” ended: by itself it ended well, but its verify has no answer',
  );
  expect([unproven.code, started()], 'retried').toEqual([5, 2]);
  held();

  // The line stands again: what it says now is evidence, and a person decides.
  tried();
  home.write('proof.go', '0');
  const program = home.open([file]);
  await program.waitForScreen(/▸\? Proved/);
  program.press(keys.enter);
  await program.waitForScreen(/verify +✔ holds/);
  expect(started()).toBe(2);
  program.press(keys.escape);
  await program.waitForScreen((text) => !text.includes('✔ holds'));
  program.press('q');
  await program.exited();
  held();
});

test('what a command on another machine ends with is its own', { timeout: 60_000 }, async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  const { tried, held } = underDamage(context, 'ssh: a command on another machine fails', 'Steps 1', 'Steps 3');
  for (const [status, code] of [
    ['3', 1],
    ['0', 0],
  ] as const) {
    tried();
    const home = newHome(context);
    home.write('there.go', status);
    expect((await home.run(['run', bookOf(home), '--yes'])).code).toBe(code);
    expect(home.read('ran')).toBe(status === '0' ? 'there\nafter\n' : 'there\n'.repeat(4));
    held();
  }
});

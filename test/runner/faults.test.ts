import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AttemptLab, attemptLab } from '../support/attempt.ts';
import { startRunner } from '../support/start-runner.ts';
import { straceIsMissing } from '../support/strace.ts';
import { waitFor } from '../support/wait-for.ts';

const missing = straceIsMissing();

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const bash = (script: string, on: 'pty' | 'pipes' = 'pty') =>
  ({ kind: 'command', argv: ['bash', '-c', script], on }) as const;

/** Opening this path fails for want of a free descriptor, at the given times in the runner's life. */
function unreadable(path: string, when: string): readonly string[] {
  return ['-e', 'trace=openat', '-P', path, '-e', `inject=openat:error=EMFILE:when=${when}`];
}

describe('a runner that can not list the processes', () => {
  test('at a stop still ends its command, and proves that once it can', async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    const spec = lab.spec(bash('trap "" HUP; echo up; exec sleep 60', 'pipes'));
    const runner = startRunner({ folder: lab.folder('stop'), spec, trace: unreadable('/proc', '1') });
    await waitFor(() => runner.has('command.json'));
    runner.kill('SIGTERM');
    expect(await runner.result()).toMatchObject({ ending: { kind: 'stopped', signal: 'SIGINT' }, groupGone: true });
  });

  test('never claims that what it stopped is gone', async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    const spec = lab.spec(bash('exec sleep 60', 'pipes'), { graceMs: 100 });
    const runner = startRunner({ folder: lab.folder('unproven'), spec, trace: unreadable('/proc', '1+') });
    await waitFor(() => runner.has('command.json'));
    const pid = JSON.parse(readFileSync(join(runner.folder, 'command.json'), 'utf8')).process.pid as number;
    runner.kill('SIGTERM');
    expect(await runner.result()).toMatchObject({ ending: { kind: 'stopped', signal: 'SIGKILL' }, groupGone: false });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  test('at the end of a command says that it can not tell what was left', async (context) => {
    if (missing !== undefined) context.skip(`note: ${missing}`);
    const spec = lab.spec(bash('echo done', 'pipes'));
    const runner = startRunner({ folder: lab.folder('end'), spec, trace: unreadable('/proc', '1+') });
    expect(await runner.result()).toMatchObject({
      ending: { kind: 'exited', status: 0 },
      groupGone: true,
      notices: [expect.stringMatching(/went on after it ended can't be told: EMFILE/)],
    });
  });
});

test('a runner that can not identify its command goes on with it', async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  // The first time it identifies itself. One thread reads all files, so that the times are counted together.
  const trace = unreadable('/proc/sys/kernel/random/boot_id', '2');
  const spec = lab.spec(bash('until test -e go; do sleep 0.02; done; echo went on'));
  const runner = startRunner({ folder: lab.folder('boot'), spec, trace, env: { UV_THREADPOOL_SIZE: '1' } });
  await waitFor(() => runner.has('started.json'));
  writeFileSync(join(lab.root, 'go'), '');
  expect(await runner.result()).toMatchObject({
    ending: { kind: 'exited', status: 0 },
    notices: [expect.stringMatching(/^the command's pid could not be recorded: EMFILE/)],
  });
});

test('a runner whose disk is slow does not wait for it with a stop', async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  // The first that gets its name by being renamed is the runner's socket, the second command.json.
  const trace = ['-e', 'trace=/^rename', '-e', 'inject=/^rename:delay_enter=5000000:when=2'];
  const spec = lab.spec(bash('trap "touch ended; exit" INT; while :; do sleep 0.02; done'), { timeoutMs: 1_000 });
  const runner = startRunner({ folder: lab.folder('slow'), spec, trace, env: { UV_THREADPOOL_SIZE: '1' } });
  await waitFor(() => existsSync(join(lab.root, 'ended')));
  expect(runner.has('command.json')).toBe(false);
  expect(await runner.result()).toMatchObject({ ending: { kind: 'timed out' }, groupGone: true });
  expect(runner.has('command.json')).toBe(true);
});

test('a runner whose disk is slow reads all that a command printed before it ended', async (context) => {
  if (missing !== undefined) context.skip(`note: ${missing}`);
  const folder = lab.folder('output');
  const trace = ['-e', 'trace=write', '-P', join(folder, 'output.log'), '-e', 'inject=write:delay_enter=1300000'];
  const script = 'seq 1 5000; echo LAST ERROR; touch ended';
  const spec = lab.spec(bash(script), { expect: { exit: [0], noMatch: 'ERROR' } });
  const runner = startRunner({ folder, spec, trace });
  expect((await runner.result()).unmet).toEqual([{ what: 'no-match', wanted: 'ERROR', found: 'LAST ERROR' }]);
  expect(readFileSync(join(folder, 'output.log'), 'utf8')).toMatch(/4999\r\n5000\r\nLAST ERROR\r\n$/);
});

test.each([
  ['much', 'yes'],
  ['little', 'while :; do echo; sleep 0.02; done'],
])('what outlives its command and prints %s without end does not hold the attempt up', async (_, endless) => {
  // The pipes are closed at last, of which who prints into them ends.
  const spec = lab.spec(bash(`(${endless}) &`, 'pipes'), { outputCapBytes: 100_000 });
  const runner = startRunner({ folder: lab.folder('endless'), spec });
  expect((await runner.result()).ending).toEqual({ kind: 'exited', status: 0 });
});

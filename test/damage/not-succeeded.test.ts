import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createProbes } from '../../src/adapters/probe-command.ts';
import { bookFrom } from '../support/book.ts';
import { underDamage } from '../support/damage.ts';
import { operatorAt } from '../support/operator.ts';
import { allProcesses, newHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

/** Steps that have not succeeded, each for its own reason, and what has to be said of them. */
const cases: readonly (readonly [string, ...(readonly RegExp[])])[] = [
  ["run: 'exit 3'", /exit status 3, wanted 0/],
  ["run: 'exit 1', expect: { exit: [0, 2] }", /exit status 1, wanted 0 or 2/],
  ["run: 'kill -SEGV $$'", /killed by SIGSEGV/],
  ["run: 'echo one; echo two', expect: { match: ready }", /matches ready: none of 2 lines, the last is “two”/],
  ["run: 'echo fine; echo ERROR 7', expect: { no-match: error }", /matches error: ERROR 7/],
  ["run: 'echo up; exit 5', expect: { match: ready }", /exit status 5, wanted 0/, /matches ready: .*“up”/],
  ["run: 'sleep 60', timeout: 1s", /timed out after 1s/],
  ["run: 'true', shell: [no-such-shell]", /could not start: .*no-such-shell/],
  ["run: 'true', verify: 'echo it is down; exit 7'", /verify did not hold: exit status 7: it is down/],
  ["run: 'true', verify: no-such-program", /verify did not hold: exit status 127: .*no-such-program/],
  ["run: 'exit 2', verify: 'echo asked >> asked'", /exit status 2, wanted 0/],
  ["check: { run: 'echo no; false' }, within: 1s, every: 1s", /exit status 1: no .asked/],
];

/** Kinds of steps that have to be proven as well, or that stay up. */
const otherKinds: readonly (readonly [string, RegExp])[] = [
  ["edit: { file: edited, replace: old, with: new }, verify: 'grep old edited'", /verify did not hold: exit status 1/],
  ["manual: Look, verify: 'echo not yet; false'", /verify did not hold: exit status 1: not yet/],
  ["service: sleep 60, ready: { tcp: 'localhost:1', within: 1s }, undo: 'true'", /not ready within 1 s: .*refused/i],
];

const bookWith = (steps: readonly string[]) =>
  `version: 1\nid: not\ntitle: Not\nphases: [{ id: p, title: P, steps: [${steps.join(', ')}] }]`;

test('what has not succeeded is failed, with what did not hold and what was found', {
  timeout: 90_000,
}, async (context) => {
  const { tried, held } = underDamage(context, 'exit, expect or verify that does not hold', 'Steps 1');
  const home = newHome(context);
  const ids = cases.map((_, index) => `case-${index + 10}`);
  const text = bookWith(
    cases.map(([step], index) => `{ id: ${ids[index]}, title: The ${ids[index]}, readonly: true, ${step} }`),
  );
  const program = home.open([home.write('not.yaml', text)], { columns: 200, rows: 60 });
  await program.waitForScreen('▸○ The');
  const operator = operatorAt(program, home, bookFrom(text));
  for (const [index, [step, ...reasons]] of cases.entries()) {
    tried();
    await operator.runStep(ids[index] ?? '');
    await program.waitForScreen(new RegExp(`▸✖ The ${ids[index]} +(failed|timed out)`));
    for (const reason of reasons) expect(await program.waitForScreen(reason), step).not.toMatch(/succeeded|✔/);
    held();
  }
  expect(existsSync(join(home.workDir, 'asked')), 'a failed command was verified').toBe(false);
  program.press('q');
  await program.exited();
  const { stdout } = await home.run(['status', 'not.yaml', '--json']);
  expect(stdout).not.toMatch(/succeeded/);
  expect(stdout).toMatch(/"status": "failed"/);
});

test.for(otherKinds)('neither has what is no command: %s', { timeout: 60_000 }, async ([step, reason], context) => {
  underDamage(context, 'an edit, a person, a service that are not proven', 'Steps 1');
  const home = newHome(context);
  home.write('edited', 'old\n');
  const later = '{ id: later, title: Later, run: touch later, readonly: true }';
  const file = home.write('not.yaml', bookWith([`{ id: it, title: It, ${step} }`, later]));
  const { code, stdout } = await home.run(['run', file, '--yes']);
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/“It” failed · /) });
  expect(stdout).toMatch(reason);
  expect(stdout).not.toMatch(/succeeded|✔/);
  expect(existsSync(join(home.workDir, 'later'))).toBe(false);
  await home.nothingLeftBehind();
});

test('a verify that hangs proves nothing, holds the rest, and is asked again', { timeout: 60_000 }, async (context) => {
  const damage = underDamage(context, 'a verify that hangs, its screen killed, then says no', 'Steps 1', 'No screen 2');
  const home = newHome(context);
  const verify =
    'echo asked >> asked; until test -s go; do sleep 0.05; done; echo it is $(cat go); test "$(cat go)" = up';
  const steps = `{ id: it, title: It, run: 'true', verify: '${verify}' }, { id: later, title: Later, run: touch later, readonly: true }`;
  const file = home.write(
    'not.yaml',
    `version: 1\nid: not\ntitle: Not\nphases: [{ id: p, title: P, steps: [${steps}] }]`,
  );
  const asked = () => {
    const path = join(home.workDir, 'asked');
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 1 : 0;
  };
  damage.tried();
  const first = home.open([file]);
  await first.waitForScreen('▸○ It');
  first.press('a');
  await first.waitForScreen(/It +verifying/);
  first.press('x');
  await first.waitForScreen(/its verify is being asked/);
  expect(existsSync(join(home.workDir, 'later'))).toBe(false);
  await waitFor(() => asked() === 1);
  first.killScreen('SIGKILL');
  await first.exited();

  const second = home.open([file]);
  await waitFor(() => asked() === 2, { what: 'verify is asked again' });
  writeFileSync(join(home.workDir, 'go'), 'down');
  await second.waitForScreen(/✖ It +failed/);
  await second.waitForScreen(/verify did not hold: exit status 1: it is down/);
  expect(existsSync(join(home.workDir, 'later'))).toBe(false);
  expect(home.events('not').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
  second.press('q');
  await second.exited();
  expect((await home.run(['status', file])).stdout).toMatch(/failed/);
  damage.held();
});

test('a verify that never ends has not held by its deadline, and leaves nothing', async (context) => {
  underDamage(context, 'a verify beyond its deadline, that ignores signals', 'Steps 1');
  const probes = createProbes({ environment: process.env });
  const mark = `verify-mark-${process.pid}`;
  const script = `trap '' INT TERM HUP; echo begun; sleep 1000 & while true; do sleep 0.1; done # ${mark}`;
  const answer = await probes.ask({
    purpose: 'verify',
    argv: ['bash', '-c', script],
    cwd: '/',
    env: {},
    secrets: {},
    timeoutMs: 5_000,
  });
  expect(answer).toEqual({ held: false, found: 'no end within 5 s: begun' });
  expect(allProcesses().filter(({ command }) => command.includes(mark))).toEqual([]);
});

import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processStartTime } from '../../src/adapters/process-identity.ts';
import type { ResolvedProbe, StartedRecord, Work } from '../../src/runner/spec.ts';
import { longestStopMs } from '../../src/runner/stop.ts';
import { type AttemptLab, attemptLab } from '../support/attempt.ts';
import { startRunner } from '../support/start-runner.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMEOUT_MS = 3_000;
const SCRIPT = 'echo $$ > up; until test -e go; do sleep 0.02; done; echo fine';

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const checkOf = (probe: ResolvedProbe): Work => ({
  kind: 'check',
  poll: { probe, withinMs: TIMEOUT_MS, everyMs: TIMEOUT_MS },
});

/** Halts the runner from when its work is up until its deadline is over, and lets the work end meanwhile. */
async function endingOfStalled(input: {
  readonly work: Work;
  readonly timeoutMs?: number;
  readonly isUp: () => boolean;
  readonly end: () => unknown;
}) {
  const { work, timeoutMs } = input;
  const spec = lab.spec(work, timeoutMs === undefined ? {} : { timeoutMs });
  const runner = startRunner({ folder: lab.folder(), spec });
  await waitFor(input.isUp);
  const overAt = performance.now() + TIMEOUT_MS + 100;
  runner.kill('SIGSTOP');
  await input.end();
  expect(performance.now()).toBeLessThan(overAt);
  await waitFor(() => performance.now() > overAt);
  runner.kill('SIGCONT');
  return (await runner.result()).ending;
}

const upPath = () => join(lab.root, 'up');
const isUp = () => existsSync(upPath()) && readFileSync(upPath(), 'utf8').endsWith('\n');
const end = () => {
  writeFileSync(join(lab.root, 'go'), '');
  const pid = Number(readFileSync(upPath(), 'utf8'));
  return waitFor(async () => (await processStartTime(pid)) === undefined);
};

test.each(['pty', 'pipes'] as const)(
  'a command on %s that ended in time is not timed out, though the runner slept past the deadline',
  async (on) => {
    const work = { kind: 'command', argv: ['bash', '-c', SCRIPT], on } as const;
    expect(await endingOfStalled({ work, timeoutMs: TIMEOUT_MS, isUp, end })).toEqual({ kind: 'exited', status: 0 });
  },
);

test('a question to a command that was answered in time is answered', async () => {
  const work = checkOf({ kind: 'command', argv: ['bash', '-c', SCRIPT], timeoutMs: TIMEOUT_MS });
  expect(await endingOfStalled({ work, isUp, end })).toEqual({ kind: 'done', found: 'exit status 0: fine' });
});

test('a question over HTTP that was answered in time is answered', async () => {
  let asked: ServerResponse | undefined;
  const server = createServer((_, response) => {
    asked = response;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const work = checkOf({ kind: 'http', url, method: 'GET', headers: {}, timeoutMs: TIMEOUT_MS });
    const answer = () => asked?.end('fine');
    expect(await endingOfStalled({ work, isUp: () => asked !== undefined, end: answer })).toEqual({
      kind: 'done',
      found: 'status 200',
    });
  } finally {
    server.close();
  }
});

const GRACE_MS = 100;
const asleep = { kind: 'command', argv: ['sleep', '60'], on: 'pipes' } as const;

async function begun() {
  const attempt = await lab.start(lab.spec(asleep, { graceMs: GRACE_MS }));
  await attempt.until('started');
  await waitFor(() => existsSync(join(attempt.folder, 'command.json')));
  return attempt;
}

test('a runner that is halted when it is to stop is said not to answer, then lost, and found again when it goes on', async () => {
  const attempt = await begun();
  const started = JSON.parse(readFileSync(join(attempt.folder, 'started.json'), 'utf8')) as StartedRecord;
  const pid = started.kind === 'started' ? started.runner.pid : 0;
  process.kill(pid, 'SIGSTOP');
  try {
    await lab.runners.stop(attempt.folder);
    expect(await attempt.until('trouble')).toMatchObject({ text: expect.stringContaining('does not answer') });
    expect(await attempt.until('lost')).toMatchObject({
      evidence: {
        why: 'runner does not answer',
        command: 'running',
        seen: { runner: { kind: 'there', answers: false }, record: { kind: 'none' } },
      },
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect((await attempt.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
});

test('a runner that answers is not lost, however long it takes to stop', async () => {
  const attempt = await begun();
  // What is in the way of its result keeps it from ending, for longer than any stop may take.
  mkdirSync(join(attempt.folder, 'result.json'));
  await lab.runners.stop(attempt.folder);
  expect(await attempt.until('trouble')).toMatchObject({ text: expect.stringContaining("can't be recorded") });
  const over = performance.now() + 4 * longestStopMs(GRACE_MS);
  await waitFor(() => performance.now() > over, { withinMs: 60_000 });
  rmdirSync(join(attempt.folder, 'result.json'));
  expect((await attempt.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
  expect(attempt.reports.map(({ type }) => type)).not.toContain('lost');
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { processStartTime } from '../../src/adapters/process-identity.ts';
import type { ResolvedProbe, Work } from '../../src/runner/spec.ts';
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

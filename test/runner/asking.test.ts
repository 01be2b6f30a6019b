import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { processStartTime } from '../../src/adapters/process-identity.ts';
import { ask } from '../../src/runner/probe.ts';
import type { Observation, ResolvedProbe } from '../../src/runner/spec.ts';
import { type AttemptLab, attemptLab, type Followed, fixture } from '../support/attempt.ts';
import { waitFor } from '../support/wait-for.ts';

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const shell = (script: string, timeoutMs = 5_000): ResolvedProbe => ({
  kind: 'command',
  argv: ['bash', '-c', script],
  timeoutMs,
});

async function serve(status: string, body: string): Promise<{ readonly port: number; readonly attempt: Followed }> {
  const attempt = await lab.start(
    lab.spec({ kind: 'service', argv: [process.execPath, fixture('serve.mjs'), status, body], on: 'pipes' }),
  );
  await waitFor(() => existsSync(join(attempt.folder, 'output.log')) && /listening on \d+\n/.test(attempt.output()));
  return { port: Number(/listening on (\d+)/.exec(attempt.output())?.[1]), attempt };
}

async function askOnce(probe: ResolvedProbe) {
  const env = { PATH: process.env.PATH ?? '', TOKEN: 'hunter2' };
  return ask(probe, { cwd: lab.root, env, secrets: ['hunter2'], signal: new AbortController().signal });
}

describe('a question', () => {
  test('over HTTP compares status, JSON and lines, and says what it found', async () => {
    const { port } = await serve('503', '{"status":{"health":"broken"}}\nlast');
    const { port: well } = await serve('200', '{"status":"ok","version":2}');
    const http = {
      kind: 'http',
      url: `http://127.0.0.1:${port}/health`,
      method: 'GET',
      headers: {},
      timeoutMs: 5_000,
    } as const;
    const atWell = { ...http, url: `http://127.0.0.1:${well}/` };
    expect(await askOnce(http)).toEqual({ held: false, found: 'status 503, wanted 200 to 299' });
    expect(await askOnce({ ...http, status: 503, match: '^LAST$' })).toEqual({ held: true, found: 'status 503' });
    expect(await askOnce({ ...atWell, json: { status: 'ok' } })).toEqual({ held: true, found: 'status 200' });
    expect(await askOnce({ ...atWell, status: 204, json: { status: 'well' } })).toEqual({
      held: false,
      found: 'status 200, wanted 204; status is "ok", wanted "well"',
    });
    expect(await askOnce({ ...http, url: 'http://127.0.0.1:1/' })).toEqual({
      held: false,
      found: 'connection refused on 127.0.0.1:1',
    });
    expect(await askOnce({ kind: 'tcp', host: '127.0.0.1', port: well, timeoutMs: 20_000 })).toMatchObject({
      held: true,
    });
    expect(await askOnce({ kind: 'tcp', host: '127.0.0.1', port: 1, timeoutMs: 20_000 })).toEqual({
      held: false,
      found: 'connection refused on 127.0.0.1:1',
    });
  });

  test('to a command says its status and last words, masked; one that does not end is killed', async () => {
    expect(await askOnce(shell('echo fine'))).toEqual({ held: true, found: 'exit status 0: fine' });
    expect(await askOnce(shell('echo "$TOKEN" >&2; exit 3'))).toEqual({ held: false, found: 'exit status 3: ***' });
    const answer = await askOnce(shell('sleep 60 & echo $!; sleep 60', 3_000));
    expect(answer.found).toMatch(/^no end within 3 s: \d+$/);
    expect(await processStartTime(Number(answer.found.split(': ')[1]))).toBeUndefined();
  });
});

describe('a check', () => {
  test('asks until it holds', async () => {
    const flag = join(lab.root, 'flag');
    const poll = { probe: shell(`test -e ${flag} || { echo no flag; exit 1; }`), withinMs: 20_000, everyMs: 50 };
    const attempt = await lab.start(lab.spec({ kind: 'check', poll }));
    await waitFor(() => existsSync(join(attempt.folder, 'output.log')) && attempt.output().split('\n').length > 2);
    writeFileSync(flag, '');
    expect((await attempt.result()).ending).toEqual({ kind: 'done', found: 'exit status 0' });
    expect(attempt.output()).toMatch(
      /^\d\d:\d\d:\d\d not yet: exit status 1: no flag\r\n[\s\S]*holds: exit status 0\r\n$/,
    );
  });

  test('that never holds is not met, with what was found; one that is stopped is stopped', async () => {
    const poll = { probe: shell('exit 7'), withinMs: 2_000, everyMs: 50 };
    const attempt = await lab.start(lab.spec({ kind: 'check', poll }));
    expect((await attempt.result()).ending).toEqual({
      kind: 'not met',
      found: expect.stringMatching(/^exit status 7 \(asked (once|\d+ times) within 2 s\)$/),
    });
    const long = await lab.start(
      lab.spec({ kind: 'check', poll: { ...poll, probe: shell('sleep 60', 60_000), withinMs: 60_000 } }),
    );
    await long.until('started');
    await lab.runners.stop(long.folder);
    expect((await long.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
  });
});

describe('a service', () => {
  const service = (script: string, ready: ResolvedProbe, withinMs = 20_000) =>
    lab.spec({
      kind: 'service',
      argv: ['bash', '-c', script],
      on: 'pty',
      ready: { probe: ready, withinMs, everyMs: 30 },
    });

  test('is ready when its probe holds, goes on, beyond its deadline too, and ends when it is stopped', async () => {
    const flag = join(lab.root, 'up');
    const attempt = await lab.start({
      ...service(`echo > ${flag}; exec sleep 60`, shell(`test -e ${flag}`)),
      timeoutMs: 10_000,
    });
    await attempt.until('ready');
    await waitFor(() => existsSync(join(attempt.folder, 'ready.json')));
    expect(await lab.runners.examine(attempt.folder, true)).toMatchObject({
      kind: 'running',
      readyAt: expect.any(Number),
    });
    await lab.runners.stop(attempt.folder);
    expect((await attempt.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
  });

  test('that exits before it is ready is not met', async () => {
    const attempt = await lab.start(service('exit 3', shell('false')));
    expect((await attempt.result()).ending).toEqual({
      kind: 'not met',
      found: 'it ended before it was ready: exit status 3',
    });
  });

  test('that does not become ready is stopped and not met', async () => {
    const attempt = await lab.start(service('exec sleep 60', shell('echo still starting; false'), 200));
    expect(await attempt.result()).toMatchObject({
      ending: { kind: 'not met', found: 'not ready within 0.2 s: exit status 1: still starting' },
      groupGone: true,
    });
  });
});

describe('a watch', () => {
  const observations = (attempt: Followed) =>
    readFileSync(join(attempt.folder, 'observations.ndjson'), 'utf8')
      .split('\n')
      // Behind the last line feed is nothing, or a line that is being written.
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Observation);

  test('is done when its time is over, and lists every answer', async () => {
    const attempt = await lab.start(
      lab.spec({ kind: 'watch', probe: shell('true'), everyMs: 200, forMs: 500, maxFailures: 1 }),
    );
    const { ending } = await attempt.result();
    const held = observations(attempt).filter(({ outcome }) => outcome === 'held');
    // A busy machine may be late for one; never is one asked before its time.
    expect(held.length).toBeGreaterThanOrEqual(1);
    expect(held.length).toBeLessThanOrEqual(3);
    expect(ending).toMatchObject({
      kind: 'done',
      found: expect.stringMatching(`^held ${held.length} times, failed 0`),
    });
  });

  test('fails at the last failure it bears', async () => {
    const attempt = await lab.start(
      lab.spec({ kind: 'watch', probe: shell('false'), everyMs: 20, forMs: 60_000, maxFailures: 3 }),
    );
    expect((await attempt.result()).ending).toEqual({ kind: 'not met', found: 'held 0 times, failed 3 times' });
    expect(observations(attempt)).toHaveLength(3);
  });

  test('shows a time in which it did not run as not observed, never as held or failed', async () => {
    const attempt = await lab.start(
      lab.spec({ kind: 'watch', probe: shell('true', 4_000), everyMs: 100, forMs: 600_000, maxFailures: 1 }),
    );
    await waitFor(() => existsSync(join(attempt.folder, 'observations.ndjson')) && observations(attempt).length >= 2);
    const { runner } = JSON.parse(readFileSync(join(attempt.folder, 'started.json'), 'utf8')) as {
      runner: { pid: number };
    };
    process.kill(runner.pid, 'SIGSTOP');
    const haltedAt = performance.now();
    await waitFor(() => performance.now() - haltedAt > 9_000, { withinMs: 20_000 });
    process.kill(runner.pid, 'SIGCONT');
    // A busy machine may have halted it for a second by itself.
    const gap = await waitFor(() => observations(attempt).find(({ gapMs = 0 }) => gapMs > 1_500));
    expect(gap.outcome).toBe('not observed');
    expect(gap.found).toMatch(/^nobody watched for [\d.]+ s$/);
    await lab.runners.stop(attempt.folder);
    expect((await attempt.result()).ending).toEqual({ kind: 'stopped', signal: 'SIGINT' });
  });
});

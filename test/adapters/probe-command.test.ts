import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createProbes } from '../../src/adapters/probe-command.ts';
import { processStartTime } from '../../src/adapters/process-identity.ts';
import { waitFor } from '../support/wait-for.ts';

const probes = createProbes({ environment: process.env });

function ask(script: string, more: { timeoutMs?: number; signal?: AbortSignal; overSsh?: true } = {}) {
  return probes.ask({
    purpose: 'verify',
    argv: ['bash', '-c', script],
    cwd: tmpdir(),
    env: { NAME: 'value' },
    secrets: { TOKEN: 'hunter2-secret' },
    timeoutMs: 10_000,
    ...more,
  });
}

describe('a question to a command', () => {
  test.each([
    ['echo "$NAME"', { held: true, found: 'exit status 0: value' }],
    [
      'echo one; echo two >&2; exit 4',
      { held: false, found: expect.stringMatching(/^exit status 4: (one · two|two · one)$/) },
    ],
    ['printf hunter2-; printf "secret\\n"', { held: true, found: 'exit status 0: ***' }],
    ['cat', { held: true, found: 'exit status 0' }],
    ['kill -TERM $$', { held: false, found: 'killed by SIGTERM' }],
    ['yes | head -c 3000000; exit 1', { held: false, found: 'exit status 1: y · y · y' }],
  ])('%s', async (script, answer) => {
    expect(await ask(script)).toEqual(answer);
  });

  test('over ssh that ends with 255 has no answer; anything else is one', async () => {
    const found = 'ssh lost its line, or never had one (exit status 255): refused';
    expect(await ask('echo refused; exit 255', { overSsh: true })).toEqual({ held: false, found, lineLost: true });
    expect(await ask('exit 255')).toEqual({ held: false, found: 'exit status 255' });
    expect(await ask('exit 1', { overSsh: true })).toEqual({ held: false, found: 'exit status 1' });
  });

  test('that is over or taken back leaves no process behind', async () => {
    const timedOut = await ask('sleep 60 & echo $!; wait', { timeoutMs: 200 });
    expect(timedOut.held).toBe(false);
    const left = await ask('sleep 60 > /dev/null 2>&1 & echo $!');
    for (const { found } of [timedOut, left]) {
      expect(await processStartTime(Number(found.split(': ')[1]))).toBeUndefined();
    }
    const abort = new AbortController();
    const asked = ask('exec sleep 61', { signal: abort.signal });
    await waitFor(() => true);
    abort.abort();
    expect(await asked).toEqual({ held: false, found: 'the question was taken back' });
  });

  test('with a missing program or folder is answered', async () => {
    const question = { purpose: 'unless' as const, cwd: '/no/such', env: {}, secrets: {}, timeoutMs: 1_000 };
    expect(await probes.ask({ ...question, argv: ['true'] })).toEqual({
      held: false,
      found: 'the folder /no/such does not exist',
    });
  });
});

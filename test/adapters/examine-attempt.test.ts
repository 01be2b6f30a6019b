import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withdrawStart } from '../../src/adapters/claim-start.ts';
import {
  identifySelf,
  isAlive,
  livenessOf,
  placeSeenFrom,
  processStartTime,
} from '../../src/adapters/process-identity.ts';
import type {
  AttemptSpec,
  CommandRecord,
  ProcessIdentity,
  ResolvedProbe,
  StartedRecord,
} from '../../src/runner/spec.ts';
import { type AttemptLab, attemptLab, runnerEntry } from '../support/attempt.ts';
import { waitFor } from '../support/wait-for.ts';

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const poll = (probe: ResolvedProbe) => ({ kind: 'check', poll: { probe, withinMs: 1_000, everyMs: 100 } }) as const;

const bash = (script: string) => ({ kind: 'command', argv: ['bash', '-c', script], on: 'pipes' }) as const;

function write(folder: string, name: string, value: unknown): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, name), JSON.stringify(value));
}

function read<Value>(folder: string, name: string): Value {
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Value;
}

/** Starts a bare runner; resolves with its exit status. */
function bareRunner(folder: string): Promise<number | null> {
  const runner = spawn(runnerEntry[0] ?? '', [...runnerEntry.slice(1), folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  runner.stdin.on('error', () => undefined);
  runner.stdin.end('{}\n');
  return new Promise((resolve) => runner.once('exit', resolve));
}

describe('a process', () => {
  test('is itself, and neither another with its pid nor one of another boot or host', async () => {
    const self = await identifySelf();
    expect(await isAlive(self)).toBe(true);
    expect(await livenessOf({ ...self, startTime: '1' })).toBe('gone');
    expect(await livenessOf({ ...self, pid: 2 ** 22 + 1 })).toBe('gone');
    expect(await livenessOf({ ...self, bootId: 'another' })).toBe('other boot');
    expect(await livenessOf({ ...self, host: 'another' })).toBe('other host');
  });

  test.each([
    ['linux', 'studio', 'b1', 'here'],
    ['linux', 'studio', 'b0', 'other boot'],
    ['linux', 'elsewhere', 'b1', 'other host'],
    ['linux', 'elsewhere', 'b0', 'other host'],
    ['darwin', 'studio', 'b1', 'here'],
    ['darwin', 'studio', 'b0', 'other boot'],
    ['darwin', 'elsewhere', 'b1', 'here'],
    ['darwin', 'elsewhere', 'b0', 'other host'],
  ] as const)('on %s of a machine named %s, of boot %s, is seen as %s', (platform, host, bootId, place) => {
    expect(placeSeenFrom({ platform, host: 'studio', bootId: 'b1' }, { host, bootId })).toBe(place);
  });
});

describe('what is left of an attempt', () => {
  test('that has not started is withdrawn, and a runner that comes late executes nothing', async () => {
    const folder = lab.folder();
    write(folder, 'spec.json', lab.spec(bash(`touch ${lab.root}/ran`)));
    expect(await lab.runners.examine(folder, false)).toEqual({ kind: 'did not start' });
    expect(await bareRunner(folder)).toBe(3);
    expect(existsSync(join(lab.root, 'ran'))).toBe(false);
    expect(await lab.runners.examine(folder, false)).toEqual({ kind: 'did not start' });
  });

  test.each([
    ['of another boot', (self: ProcessIdentity) => ({ ...self, bootId: 'another' }), 'machine restarted', 'gone'],
    [
      'whose pid is another process now',
      (self: ProcessIdentity) => ({ ...self, startTime: '1' }),
      'runner gone',
      'gone',
    ],
    ['of another host', (self: ProcessIdentity) => ({ ...self, host: 'another' }), 'other host', 'unknown'],
  ])('%s is lost', async (_, change, why, command) => {
    const folder = lab.folder();
    const runner = change(await identifySelf());
    write(folder, 'spec.json', lab.spec(bash('true')));
    write(folder, 'started.json', { kind: 'started', runner, at: 5 } satisfies StartedRecord);
    // A process that leads no group: its pid as a group is nobody's.
    write(folder, 'command.json', { process: { ...runner, pid: 2 ** 22 + 1 }, at: 6 } satisfies CommandRecord);
    expect(await lab.runners.examine(folder, false)).toMatchObject({ kind: 'lost', why, startedAt: 5, command });
  });

  test('whose process lives but does not answer as its runner is lost', async () => {
    const folder = lab.folder();
    write(folder, 'spec.json', lab.spec(bash('true')));
    write(folder, 'started.json', { kind: 'started', runner: await identifySelf(), at: 5 } satisfies StartedRecord);
    expect(await lab.runners.examine(folder, false)).toMatchObject({
      kind: 'lost',
      why: 'runner does not answer',
      startedAt: 5,
      command: 'unknown',
    });
  });

  test('whose runner is killed is lost, with whether its command is there', async () => {
    const attempt = await lab.start(lab.spec(bash('exec sleep 60')));
    await attempt.until('started');
    await waitFor(() => existsSync(join(attempt.folder, 'command.json')));
    const { runner } = read<Extract<StartedRecord, { kind: 'started' }>>(attempt.folder, 'started.json');
    const command = read<CommandRecord>(attempt.folder, 'command.json').process.pid;
    process.kill(runner.pid, 'SIGKILL');
    const { evidence } = await attempt.until('lost');
    expect(evidence).toMatchObject({ kind: 'lost', why: 'runner gone', command: 'running' });
    process.kill(command, 'SIGKILL');
    await waitFor(async () => (await processStartTime(command)) === undefined);
    expect(await lab.runners.examine(attempt.folder, true)).toMatchObject({ kind: 'lost', command: 'gone' });
  });

  test.each([
    ['file that was edited', { kind: 'edit', file: '/nowhere', replace: 'a', with: 'b', times: 1 } as const],
    [
      'file that was put back',
      { kind: 'restore', file: '/nowhere', editFolder: '/nowhere', wasWritten: true } as const,
    ],
    ['port that was asked', poll({ kind: 'tcp', host: '127.0.0.1', port: 9, timeoutMs: 5 })],
  ])('of a %s is gone with its runner, which did it itself', async (_, work) => {
    const folder = lab.folder();
    const runner = { ...(await identifySelf()), startTime: '1' };
    write(folder, 'spec.json', lab.spec(work));
    write(folder, 'started.json', { kind: 'started', runner, at: 5 } satisfies StartedRecord);
    expect(await lab.runners.examine(folder, true)).toMatchObject({
      kind: 'lost',
      why: 'runner gone',
      command: 'gone',
    });
  });

  test('of another boot is gone although nobody wrote down which process it was', async () => {
    const folder = lab.folder();
    const runner = { ...(await identifySelf()), bootId: 'another' };
    write(folder, 'spec.json', lab.spec(bash('true')));
    write(folder, 'started.json', { kind: 'started', runner, at: 5 } satisfies StartedRecord);
    expect(await lab.runners.examine(folder, true)).toMatchObject({ kind: 'lost', command: 'gone' });
  });

  test('whose runner was killed keeps no socket, whoever finds it', async () => {
    const sockets = join(lab.root, 's');
    const [watched, left] = await Promise.all([
      lab.start(lab.spec(bash('sleep 60'))),
      lab.start(lab.spec(bash('sleep 60'))),
    ]);
    for (const { folder, until } of [watched, left]) {
      await until('started');
      await waitFor(() => existsSync(read<AttemptSpec>(folder, 'spec.json').socketPath));
      await waitFor(() => existsSync(join(folder, 'command.json')));
    }
    // The screen that started it is gone by the time its runner is killed.
    await lab.runners.detach();
    const again = await lab.follow(watched.folder);
    await again.until('started');
    for (const { folder } of [watched, left])
      process.kill(read<Extract<StartedRecord, { kind: 'started' }>>(folder, 'started.json').runner.pid, 'SIGKILL');
    await again.until('lost');
    expect(await lab.runners.examine(left.folder, true)).toMatchObject({ kind: 'lost' });
    expect(readdirSync(sockets)).toEqual([]);
    for (const { folder } of [watched, left])
      process.kill(-read<CommandRecord>(folder, 'command.json').process.pid, 'SIGKILL');
  });

  test('of a folder that is gone is lost: it was made before its start was announced', async () => {
    const folder = lab.folder('taken-away');
    expect(await lab.runners.examine(folder, false)).toMatchObject({
      kind: 'lost',
      why: 'files gone',
      command: 'unknown',
    });
    expect(existsSync(folder)).toBe(false);
  });
});

describe('the one start', () => {
  test('is won by exactly one of two runners and a withdrawal, however they meet', async () => {
    const winners = new Set<string>();
    for (let round = 0; round < 8; round++) {
      const folder = lab.folder(`race-${round}`);
      const trace = join(lab.root, `trace-${round}`);
      write(folder, 'spec.json', lab.spec(bash(`echo ran >> ${trace}`), { attempt: round }));
      const runners = [bareRunner(folder), bareRunner(folder)];
      if (round % 2 === 0) await waitFor(() => existsSync(join(folder, 'output.log')));
      const isWithdrawn = round === 1 ? false : await withdrawStart(folder, await identifySelf(), 1);
      const statuses = await Promise.all(runners);
      const executed = statuses.filter((status) => status === 0).length;
      expect(executed + (isWithdrawn ? 1 : 0), JSON.stringify(statuses)).toBe(1);
      expect(existsSync(trace) ? readFileSync(trace, 'utf8') : '').toBe(executed === 1 ? 'ran\n' : '');
      winners.add(isWithdrawn ? 'withdrawal' : 'runner');
    }
    expect(winners).toEqual(new Set(['withdrawal', 'runner']));
  });

  test('cannot be taken where the folder cannot be written', async () => {
    const folder = lab.folder();
    writeFileSync(folder, 'a file');
    const attempt = await lab.start(lab.spec(bash('true')), {}, folder);
    expect((await attempt.until('did not start')).message).toMatch(/EEXIST|ENOTDIR/);
    rmSync(folder);
  });
});

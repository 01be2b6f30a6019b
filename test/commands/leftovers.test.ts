import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifySelf } from '../../src/adapters/process-identity.ts';
import { beginLock } from '../../src/adapters/run-folders.ts';
import { findLeftovers } from '../../src/commands/leftovers/find-leftovers.ts';
import { waitFor } from '../support/wait-for.ts';

let folder: string;
let sockets: string;
const children: ChildProcess[] = [];
const servers: Server[] = [];

beforeEach(() => {
  folder = mkdtempSync('/tmp/rb-left-');
  sockets = join(folder, 's');
  mkdirSync(sockets);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

const find = async () => (await findLeftovers(folder, sockets)).filter(({ what }) => what !== 'runner without a run');
const runDir = (name = 'run') => join(folder, 'runs', 'book', name);

/** An attempt's folder; `runner`: what its `started.json` says beside the identity of this process. */
async function attempt(number: number, runner: object = { startTime: 'long ago' }): Promise<string> {
  const path = join(runDir(), 'attempts', `000${number}-step`);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(runDir(), 'journal.ndjson'), '');
  const spec = { runId: 'run', attempt: number, socketPath: socket(number), work: { kind: 'command' } };
  writeFileSync(join(path, 'spec.json'), JSON.stringify(spec));
  const started = { kind: 'started', at: 1, runner: { ...(await identifySelf()), ...runner } };
  writeFileSync(join(path, 'started.json'), JSON.stringify(started));
  writeFileSync(join(path, 'result.json'), JSON.stringify(result));
  return path;
}

const result = {
  startedAt: 1,
  endedAt: 2,
  durationMs: 1,
  ending: { kind: 'exited', status: 0 },
  unmet: [],
  groupGone: true,
  output: { bytes: 0, cutBytes: 0, on: 'pty' },
  notices: [],
};

const socket = (number: number) => join(sockets, `0123456789abcdef-${number}.sock`);

async function deadSocket(path: string): Promise<void> {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('there'))`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await waitFor(() => existsSync(path), { what: 'the socket is there' });
  child.kill('SIGKILL');
  await waitFor(() => child.signalCode !== null, { what: 'who listened is dead' });
}

async function liveSocket(path: string): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
}

function old(path: string): void {
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(path, hourAgo, hourAgo);
}

test('many sockets are one finding; only those of a runner that is proven dead go', async () => {
  await attempt(1);
  await attempt(2);
  await attempt(3);
  await attempt(4, { host: 'elsewhere' });
  await attempt(5, {});
  for (const number of [1, 2, 4, 5, 9]) await deadSocket(socket(number));
  await liveSocket(socket(3));
  const found = await find();
  expect(found.map(({ what, remove }) => [what, remove !== undefined])).toEqual([
    ['2 control sockets', true],
    ['control socket of other runs', false],
  ]);
  expect(await found[0]?.remove?.()).toBe(true);
  expect(readdirSync(sockets).toSorted()).toEqual([3, 4, 5, 9].map((number) => `0123456789abcdef-${number}.sock`));
  expect((await find()).map(({ what }) => what)).toEqual(['control socket of other runs']);
});

test('a socket that somebody listens on by the time it would go stays', async () => {
  await attempt(1);
  await deadSocket(socket(1));
  const [found] = await find();
  rmSync(socket(1));
  await liveSocket(socket(1));
  expect(await found?.remove?.()).toBe(false);
  expect(existsSync(socket(1))).toBe(true);
});

test('a run that was never begun goes only while nobody may still begin it', async () => {
  mkdirSync(join(runDir(), 'attempts'), { recursive: true });
  writeFileSync(join(runDir(), 'runbook.yaml'), 'x');
  expect(await find()).toEqual([]);
  old(runDir());
  const [found] = await find();
  expect(found).toMatchObject({ what: 'folder of a run', path: runDir() });

  // Its maker wakes up.
  const writing = join(runDir(), `runbook.yaml.${process.pid}-0badcafe.tmp`);
  writeFileSync(writing, 'x');
  old(runDir());
  expect(await found?.remove?.()).toBe(false);
  rmSync(writing);
  const lock = join(runDir(), 'lock');
  writeFileSync(lock, JSON.stringify({ ...(await identifySelf()), by: 'ann@studio', since: 1 }));
  old(runDir());
  expect(await found?.remove?.()).toBe(false);
  rmSync(lock);
  writeFileSync(join(runDir(), 'journal.ndjson'), 'begun');
  old(runDir());
  expect(await found?.remove?.()).toBe(false);
  expect(readdirSync(runDir()).toSorted()).toEqual(['attempts', 'journal.ndjson', 'runbook.yaml']);

  rmSync(join(runDir(), 'journal.ndjson'));
  old(runDir());
  expect(await found?.remove?.()).toBe(true);
  expect(readdirSync(join(folder, 'runs', 'book'))).toEqual([]);
});

test('the lock of one that died while it began a run goes, and that of one who may be at it stays', async () => {
  const lock = beginLock(folder, 'book');
  mkdirSync(dirname(lock), { recursive: true });
  const holder = { ...(await identifySelf()), by: 'ann@studio', since: 1 };
  writeFileSync(lock, JSON.stringify({ ...holder, startTime: 'long ago' }));
  const unfinished = `${lock}.4194304-0badcafe.tmp`;
  writeFileSync(unfinished, 'x');
  old(unfinished);
  const found = await find();
  expect(found.map(({ what, path }) => [what, path])).toEqual([
    ['lock', lock],
    ['unfinished file', unfinished],
  ]);
  const dead = readFileSync(lock);
  writeFileSync(lock, JSON.stringify(holder));
  for (const { remove } of found) expect(await remove?.()).toBe(false);
  expect(await find()).toEqual([]);
  writeFileSync(lock, dead);
  for (const { remove } of found) expect(await remove?.()).toBe(true);
  expect(readdirSync(dirname(lock))).toEqual([]);
  expect(await find()).toEqual([]);
});

test('a run that is damaged is told, and keeps no other from being looked at', async () => {
  mkdirSync(join(runDir('damaged'), 'lock'), { recursive: true });
  await attempt(1);
  await deadSocket(socket(1));
  expect((await find()).map(({ what, path }) => [what, path])).toEqual([
    ['run', runDir('damaged')],
    ['control socket', sockets],
  ]);
});

test('what a link leads to is not the run’s', async () => {
  await attempt(1);
  const beyond = join(folder, 'beyond');
  mkdirSync(beyond);
  const file = join(beyond, 'spec.json.4194304-0badcafe.tmp');
  writeFileSync(file, 'x');
  old(file);
  symlinkSync(beyond, join(runDir(), 'attempts', '0002-step'));
  expect(await find()).toEqual([]);
});

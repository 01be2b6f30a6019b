import { mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';

const program = new URL('../../runbooks/practice/service.mjs', import.meta.url).pathname;
let folder: string;

const shop = (...args: readonly string[]) =>
  execa(process.execPath, [program, ...args], { cwd: folder, reject: false, all: true });
const start = (instance: string, version: string, port: number) =>
  shop('start', '--instance', instance, '--version', version, '--port', String(port));
const restart = (instance: string, version: string, port: number) =>
  shop('restart', '--instance', instance, '--version', version, '--port', String(port));
const ask = async (port: number, path = '/health') => {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: answer.status, json: (await answer.json()) as unknown };
};
const refuses = async (port: number) => {
  try {
    await ask(port);
    return false;
  } catch {
    return true;
  }
};
const freePort = async (...not: readonly number[]) =>
  Number((await shop('free-port', ...not.flatMap((port) => ['--not', String(port)]))).stdout);
const record = async (instance: string) =>
  JSON.parse(await readFile(join(folder, 'stage/run', `${instance}.json`), 'utf8')) as { pid: number; started: string };
const isGone = (pid: number) => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

async function release(version: string, ...flags: readonly string[]) {
  await writeFile(join(folder, 'stage/shop/shop.json'), JSON.stringify({ name: 'shop', version, greeting: 'Tea?' }));
  return shop('build', '--version', version, ...flags);
}

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'practice-')));
  await mkdir(join(folder, 'stage/shop'), { recursive: true });
  await release('1.0.0');
});

afterEach(async () => {
  await shop('stop');
  await rm(folder, { recursive: true, force: true });
});

describe('an instance', () => {
  it('outlives the command that started it and answers with its version', async () => {
    const port = await freePort();
    expect(await start('a', '1.0.0', port)).toMatchObject({ exitCode: 0 });
    expect(await ask(port)).toEqual({ status: 200, json: { status: 'ok', version: '1.0.0', instance: 'a' } });
  });

  it('is started once, however often it is asked for', async () => {
    const port = await freePort();
    await start('a', '1.0.0', port);
    const { pid } = await record('a');
    const again = await start('a', '1.0.0', port);
    expect(again).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('already running') });
    expect((await record('a')).pid).toBe(pid);
  });

  it('is replaced only by a restart, which leaves no process of the old version', async () => {
    const port = await freePort();
    await release('2.0.0');
    await start('a', '1.0.0', port);
    const { pid } = await record('a');
    expect(await start('a', '2.0.0', port)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('runs 1.0.0'),
    });
    expect(await restart('a', '2.0.0', port)).toMatchObject({ exitCode: 0 });
    expect((await ask(port)).json).toMatchObject({ version: '2.0.0' });
    await waitFor(() => isGone(pid));
  });

  it('says when its port is taken by another program, and leaves nothing', async () => {
    const other = createServer((socket) => socket.destroy());
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const failed = await start('a', '1.0.0', port);
    expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining(`Port ${port} is taken`) });
    expect((await shop('status')).stdout).toBe('no instance is running');
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    ['a process that is gone', { pid: 2 ** 22 - 1, started: '1' }],
    ['another process that got its number', { pid: process.pid, started: 'never' }],
    ['nothing that can be read', 'torn {'],
  ])('is started although its record names %s, which is left alone', async (_what, stale) => {
    const port = await freePort();
    await mkdir(join(folder, 'stage/run'), { recursive: true });
    const text =
      typeof stale === 'string' ? stale : JSON.stringify({ ...stale, instance: 'a', version: '1.0.0', port });
    await writeFile(join(folder, 'stage/run/a.json'), text);
    expect(await start('a', '1.0.0', port)).toMatchObject({ exitCode: 0 });
    expect((await shop('status', '--expect', '1.0.0')).exitCode).toBe(0);
  });

  it('does not stop a stranger that got its number', async () => {
    const stranger = execa('sleep', ['60'], { reject: false });
    await mkdir(join(folder, 'stage/run'), { recursive: true });
    await writeFile(join(folder, 'stage/run/a.json'), JSON.stringify({ pid: stranger.pid, started: 'never', port: 1 }));
    expect((await shop('stop', '--instance', 'a')).stdout).toContain('was not running');
    expect(stranger.pid !== undefined && !isGone(stranger.pid)).toBe(true);
    stranger.kill();
    await stranger;
  });

  it('can be started again after it was killed', async () => {
    const port = await freePort();
    await start('a', '1.0.0', port);
    process.kill((await record('a')).pid, 'SIGKILL');
    await waitFor(() => refuses(port));
    expect((await shop('status', '--expect', '1.0.0')).exitCode).toBe(1);
    expect(await start('a', '1.0.0', port)).toMatchObject({ exitCode: 0 });
  });

  it('that hangs is killed', async () => {
    const port = await freePort();
    await start('a', '1.0.0', port);
    const { pid } = await record('a');
    process.kill(pid, 'SIGSTOP');
    expect(await shop('stop')).toMatchObject({ exitCode: 0, stdout: 'instance a: stopped' });
    await waitFor(() => isGone(pid));
  });

  it('ends by itself when its stage is taken away', async () => {
    const port = await freePort();
    await start('a', '1.0.0', port);
    const { pid } = await record('a');
    await rename(join(folder, 'stage'), join(folder, 'elsewhere'));
    await waitFor(() => isGone(pid), { withinMs: 20_000 });
  });

  it('ends by itself when nobody asks it anything', async () => {
    const port = await freePort();
    await shop('start', '--instance', 'a', '--version', '1.0.0', '--port', String(port), '--idle-minutes', '0.01');
    const { pid } = await record('a');
    await waitFor(() => isGone(pid), { withinMs: 20_000 });
    expect((await shop('status')).stdout).toContain('not running');
  });

  it('is stopped twice without a fault', async () => {
    await start('a', '1.0.0', await freePort());
    expect((await shop('stop', '--instance', 'a')).stdout).toBe('instance a: stopped');
    expect(await shop('stop', '--instance', 'a')).toMatchObject({ exitCode: 0, stdout: 'instance a: was not running' });
  });

  it('says what an order costs, and what is wrong with one', async () => {
    const port = await freePort();
    await start('a', '1.0.0', port);
    const quote = async (body: string) => {
      const answer = await fetch(`http://127.0.0.1:${port}/quote`, { method: 'POST', body });
      return [answer.status, await answer.json()];
    };
    expect(await quote('{"item":"tea","count":2}')).toEqual([200, { item: 'tea', total: 6, version: '1.0.0' }]);
    expect(await quote('{"item":"constructor","count":2}')).toEqual([422, { error: 'The shop sells tea and cake.' }]);
    expect(await quote('null')).toEqual([422, { error: 'The shop sells tea and cake.' }]);
    expect(await quote('tea')).toEqual([400, { error: 'The body is not JSON.' }]);
  });
});

describe('a release', () => {
  it('that was built broken says so, and is not what one expects', async () => {
    const port = await freePort();
    await release('2.0.0', '--broken');
    await start('a', '2.0.0', port);
    expect(await ask(port)).toMatchObject({ status: 503, json: { status: 'sick', version: '2.0.0' } });
    expect(await shop('status', '--expect', '2.0.0')).toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('sick'),
    });
  });

  it('is not built from files that say another version', async () => {
    expect(await shop('build', '--version', '3.0.0')).toMatchObject({
      exitCode: 1,
      stderr: 'shop.json says version 1.0.0, but 3.0.0 is to be built.',
    });
  });

  it('is recognised as built from the files as they are, or not', async () => {
    expect((await shop('verify', '--version', '1.0.0')).exitCode).toBe(0);
    await writeFile(join(folder, 'stage/shop/shop.json'), '{"version": "1.0.0", "greeting": "Other"}');
    expect(await shop('verify', '--version', '1.0.0')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('other files'),
    });
  });

  it('that is not there can not be started', async () => {
    expect(await start('a', '9.9.9', 20_000)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('was not built'),
    });
  });
});

describe('the front door', () => {
  it('lets no customer notice a rolling restart, and takes a sick instance out', async () => {
    const a = await freePort();
    const b = await freePort(a);
    const port = await freePort(a, b);
    await release('2.0.0', '--broken');
    await Promise.all([start('a', '1.0.0', a), start('b', '1.0.0', b)]);
    const door = shop('front', '--port', String(port), '--to', String(a), '--to', String(b));
    const closed = { healthy: 0, answered: 0, failed: 0 };
    const status = async () =>
      (await refuses(port)) ? closed : ((await ask(port, '/front/status')).json as typeof closed);
    await waitFor(async () => (await status()).healthy === 2 && (await status()).answered > 2, { withinMs: 20_000 });
    await restart('a', '2.0.0', a);
    await waitFor(async () => (await status()).healthy === 1, { withinMs: 20_000 });
    const { answered } = await status();
    await waitFor(async () => (await status()).answered > answered + 5, { withinMs: 20_000 });
    await restart('a', '1.0.0', a);
    // One at a time: the door looks by itself whether the first is back.
    await waitFor(async () => (await status()).healthy === 2, { withinMs: 20_000 });
    await restart('b', '1.0.0', b);
    await waitFor(async () => (await status()).healthy === 2, { withinMs: 20_000 });
    expect((await status()).failed).toBe(0);
    door.kill('SIGINT');
    expect(await door).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('closes') });
  });

  it('says that nobody is there', async () => {
    const port = await freePort();
    const door = shop('front', '--port', String(port), '--to', '1');
    await waitFor(async () => !(await refuses(port)), { withinMs: 20_000 });
    expect(await ask(port, '/')).toEqual({ status: 502, json: { error: 'No instance is healthy.' } });
    door.kill('SIGTERM');
    await door;
  });
});

it.each([
  [['bogus'], 2, 'free-port'],
  [['start', '--instance', 'A;', '--version', '1.0.0', '--port', '1'], 1, '--instance wants small letters'],
  [['start', '--instance', 'a', '--version', '1.0.0', '--port', 'x'], 1, '--port wants a number'],
  [['start', '--instance', 'a', '--port', '1'], 1, '--version is missing'],
])('answers %j with one line', async (args, exitCode, said) => {
  expect(await shop(...args)).toMatchObject({ exitCode, all: expect.stringContaining(said) });
});

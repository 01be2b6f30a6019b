import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { queryObjects } from 'node:v8';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type DockerApi, openDockerApi } from '../../src/adapters/docker-api.ts';
import { getJsonWithin } from '../../src/adapters/get-json-within.ts';
import { openDockerLab } from '../support/docker.ts';
import { openSocketProxy, type SocketProxy } from '../support/socket-proxy.ts';
import { allProcesses } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

let folder = '';
let api: DockerApi | undefined;
let proxy: SocketProxy | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rb-api-'));
});

afterEach(async () => {
  api?.close();
  await proxy?.cut();
  proxy = undefined;
  await waitFor(() => clients().length === 0, { what: 'no client is left', withinMs: 5_000 });
  rmSync(folder, { recursive: true, force: true });
});

/** Everything of one test is known by its folder, which each client finds in its environment. */
function open(environment: Readonly<Record<string, string>> = {}, timeoutMs = 10_000): DockerApi {
  api = openDockerApi({
    environment: { ...process.env, RUNBOOK_TEST: folder, ...environment },
    cwd: folder,
    timeoutMs,
  });
  return api;
}

function clients(): readonly number[] {
  return allProcesses()
    .filter(({ pid, environment }) => pid !== process.pid && environment.includes(folder))
    .map(({ pid }) => pid);
}

/** A program named docker that runs a shell script. */
function fakeDocker(script: string): Readonly<Record<string, string>> {
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'docker'), 0o755);
  return { PATH: `${folder}:${process.env.PATH}` };
}

/** The client, as one that does not tell where its engine is. @param before what it is started through. */
async function onlyDial(before = ''): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await execa('sh', ['-c', 'command -v docker']);
  return fakeDocker(`[ "$1" = context ] && exit 1\nexec ${before} ${stdout} "$@"`);
}

const failed = (kind: string) => ({ kind: 'failed', failure: expect.objectContaining({ kind }) });

describe('the way to the engine', () => {
  test('is its own socket, where it has one here: no process is left by a question', async (context) => {
    const lab = await openDockerLab(context);
    const id = await lab.run({ name: 'a', command: ['echo', 'hello'] });
    await lab.docker('wait', id);
    const asked = open();
    const answers = await Promise.all(Array.from({ length: 12 }, () => asked.getJson('/version')));
    expect(answers.every(({ kind }) => kind === 'answered')).toBe(true);
    let text = '';
    const read = (bytes: Uint8Array) => {
      text += Buffer.from(bytes).toString();
    };
    expect((await asked.stream(`/containers/${id}/logs?stdout=1`, { onData: read })).kind).toBe('answered');
    expect(text).toContain('hello');
    expect(clients()).toEqual([]);
  });

  test('through the client takes at most two processes for questions, and one for each stream', async (context) => {
    await openDockerLab(context);
    const asked = open(await onlyDial());
    const answers = await Promise.all(Array.from({ length: 12 }, () => asked.getJson('/version')));
    expect(answers).toEqual(
      answers.map(() => ({ kind: 'answered', value: expect.objectContaining({ Version: expect.any(String) }) })),
    );
    expect(clients()).toHaveLength(2);
    const end = new AbortController();
    let isOpen = false;
    const streamed = asked.stream('/events', {
      onOpen: () => {
        isOpen = true;
      },
      onData: () => undefined,
      signal: end.signal,
    });
    await waitFor(() => isOpen);
    expect(clients()).toHaveLength(3);
    expect(await asked.getJson('/containers/no-such-container/json')).toEqual({
      kind: 'failed',
      failure: expect.objectContaining({
        kind: 'refused',
        status: 404,
        why: expect.stringContaining('no-such-container'),
      }),
    });
    end.abort();
    expect(await streamed).toEqual({ kind: 'taken back' });
    await waitFor(() => clients().length === 2);
  });

  test('hands over all of a long answer, at the speed of who reads it', async (context) => {
    const lab = await openDockerLab(context);
    const id = await lab.run({ name: 'talks', args: ['-t'], command: ['seq', '60000'] });
    await lab.docker('wait', id);
    let text = '';
    const end = await open(await onlyDial()).stream(`/containers/${id}/logs?stdout=1`, {
      onData: async (bytes) => {
        await new Promise(setImmediate);
        text += Buffer.from(bytes).toString();
      },
    });
    expect(end).toEqual({ kind: 'answered', value: undefined });
    expect(text.split('\r\n')).toEqual([...Array.from({ length: 60_000 }, (_, index) => String(index + 1)), '']);
  });

  test.for([
    ['its socket', false],
    ['the client', true],
  ] as const)('connects anew over %s where the engine closed a kept connection', async ([, isDialled], context) => {
    const lab = await openDockerLab(context);
    proxy = await openSocketProxy(join(folder, 's'), lab.socketPath);
    const asked = open({ DOCKER_HOST: `unix://${proxy.path}`, ...(isDialled && (await onlyDial())) });
    expect((await asked.getJson('/version')).kind).toBe('answered');
    await proxy.cut();
    expect(await asked.getJson('/version')).toEqual(failed('engine gone'));
    await proxy.restore();
    const two = () => Promise.all([asked.getJson('/version'), asked.getJson('/version')]);
    expect((await two()).map(({ kind }) => kind)).toEqual(['answered', 'answered']);
    await proxy.cut();
    await waitFor(() => clients().length === 0, { what: 'clients notice that the engine is gone' });
    await proxy.restore();
    expect((await two()).map(({ kind }) => kind)).toEqual(['answered', 'answered']);
  });

  test.for([
    ['its socket', false],
    ['the client', true],
  ] as const)('an engine that accepts over %s and never answers is late', async ([, isDialled], context) => {
    const lab = await openDockerLab(context);
    proxy = await openSocketProxy(join(folder, 's'), lab.socketPath);
    proxy.freeze();
    const asked = open({ DOCKER_HOST: `unix://${proxy.path}`, ...(isDialled && (await onlyDial())) }, 1_000);
    const both = await Promise.all([asked.getJson('/version'), asked.stream('/events', { onData: () => undefined })]);
    expect(both).toEqual([failed('timed out'), failed('timed out')]);
  });

  test.for([
    ['its socket', false],
    ['the client', true],
  ] as const)('a stream over %s that is cut in its middle says so', async ([, isDialled], context) => {
    const lab = await openDockerLab(context);
    const cut = await openSocketProxy(join(folder, 's'), lab.socketPath);
    proxy = cut;
    const way = { DOCKER_HOST: `unix://${cut.path}`, ...(isDialled && (await onlyDial())) };
    const end = await open(way).stream('/events', {
      onOpen: () => void cut.cut(),
      onData: () => undefined,
    });
    expect(end).toEqual(failed('broke off'));
  });
});

test('how far the engine’s clock is from ours is learned from its answers', async (context) => {
  let behindMs = 3_600_000;
  const path = join(folder, 'late');
  const engine = createServer((_asked, answer) => {
    answer.setHeader('Date', new Date(Date.now() - behindMs).toUTCString());
    answer.end('{}');
  });
  context.onTestFinished(() => void engine.close());
  await new Promise<void>((resolve) => engine.listen(path, resolve));
  const asked = open({ ...fakeDocker(`echo "unix://${path}"`) });
  expect(asked.clockOffsetMs()).toBe(0);
  expect((await asked.getJson('/version')).kind).toBe('answered');
  expect(Math.abs(asked.clockOffsetMs() + behindMs)).toBeLessThan(2_000);
  behindMs = 0;
  expect((await asked.getJson('/version')).kind).toBe('answered');
  expect(asked.clockOffsetMs()).toBe(0);
});

test('a question that has a time is taken back after it, and leaves no signal behind that would add up', async (context) => {
  const path = join(folder, 'slow');
  const engine = createServer((asked, answer) => {
    if (asked.url === '/version') answer.end('{}');
  });
  context.onTestFinished(() => void engine.close());
  await new Promise<void>((resolve) => engine.listen(path, resolve));
  const api = open({ ...fakeDocker(`echo "unix://${path}"`) });
  const { signal } = new AbortController();
  const signals = () => queryObjects(AbortSignal, { format: 'count' });
  expect((await getJsonWithin({ api, path: '/version', withinMs: 60_000, signal })).kind).toBe('answered');
  const before = signals();
  for (let count = 0; count < 50; count += 1) await getJsonWithin({ api, path: '/version', withinMs: 60_000, signal });
  expect(signals() - before).toBeLessThan(25);
  expect(await getJsonWithin({ api, path: '/never', withinMs: 50, signal })).toEqual({ kind: 'taken back' });
});

describe('what keeps from asking', () => {
  test.for([
    ['no client', () => ({ PATH: folder })],
    ['engine gone', () => ({ DOCKER_HOST: `unix://${folder}/none` })],
    ['engine gone', () => ({ DOCKER_HOST: 'tcp://127.0.0.1:1' })],
    ['ssh failed', () => ({ DOCKER_HOST: 'ssh://nobody@127.0.0.1:1' })],
    ['no way', () => ({ DOCKER_CONTEXT: 'no-such-context' })],
  ] as const)('%s', async ([kind, environment], { skip }) => {
    const { exitCode } = await execa('docker', ['--version'], { reject: false });
    if (exitCode !== 0 && kind !== 'no client') skip('note: wants Docker’s client: install docker');
    const asked = open(environment());
    expect(await asked.getJson('/version')).toEqual(failed(kind));
    expect(await asked.stream('/events', { onData: () => undefined })).toEqual(failed(kind));
  });

  test('no permission', async (context) => {
    const lab = await openDockerLab(context);
    if (process.getuid?.() !== 0) context.skip('note: wants root, to be somebody else who may not use the socket');
    proxy = await openSocketProxy(join(folder, 's'), lab.socketPath);
    chmodSync(proxy.path, 0o600);
    chmodSync(folder, 0o755);
    const nobody = 'setpriv --reuid=65534 --regid=65534 --clear-groups';
    const answer = await open({ ...(await onlyDial(nobody)), DOCKER_HOST: `unix://${proxy.path}` }).getJson('/version');
    expect(answer).toEqual(failed('no permission'));
    expect(answer).toHaveProperty('failure.why', `You may not use the Docker engine at ${proxy.path}.`);
  });

  test('what the system refuses at once is told, and the next question is put', async () => {
    const asked = open({ TOO_LONG: 'x'.repeat(4 * 1024 * 1024) });
    for (const _ of [1, 2]) expect(await asked.getJson('/version')).toEqual(failed('no client'));
    expect(await asked.stream('/events', { onData: () => undefined })).toEqual(failed('no client'));
  });

  test('a question that can’t be put is an answer too', async () => {
    expect(await open({ PATH: folder }).getJson('/a b')).toEqual(failed('broke off'));
  });

  test('no descriptor is free', async () => {
    const module = new URL('../../src/adapters/docker-api.ts', import.meta.url).href;
    const script = `
      import { openSync } from 'node:fs';
      const { openDockerApi } = await import(${JSON.stringify(module)});
      const api = openDockerApi({ environment: process.env, cwd: '/', timeoutMs: 3000 });
      await api.getJson('/version');
      console.error('begin');
      try { for (;;) openSync('/dev/null', 'r'); } catch {}
      const answers = [await api.getJson('/version'), await api.stream('/events', { onData() {} })];
      process.stdout.write(JSON.stringify(answers.map(({ kind }) => kind)));
      api.close();
      process.exit(0);`;
    const environment = { ...fakeDocker('exit 1'), RUNBOOK_TEST: folder };
    const command = 'ulimit -n 64; exec "$0" --input-type=module -e "$1"';
    const program = await execa('sh', ['-c', command, process.execPath, script], {
      env: environment,
      reject: false,
      timeout: 20_000,
    });
    expect(program).toMatchObject({ stdout: '["failed","failed"]', stderr: 'begin', exitCode: 0 });
  });

  test('a client that hangs is late, and is killed with all it started', async () => {
    const hangs = fakeDocker('sleep 300 & sleep 300');
    expect(await open(hangs, 400).getJson('/version')).toEqual(failed('timed out'));
    await waitFor(() => clients().length === 0);
  });

  test('a client that talks nonsense broke off', async () => {
    const answer = await open(fakeDocker('echo nonsense; echo "what is this?" >&2; exit 3')).getJson('/version');
    expect(answer).toEqual(failed('broke off'));
  });
});

describe('the end', () => {
  test('closing takes back what is asked and leaves no process', async () => {
    const asked = open(fakeDocker('[ "$1" = context ] && exit 1; exec sleep 300'));
    const answers = Promise.all([
      asked.getJson('/a'),
      asked.getJson('/b'),
      asked.stream('/c', { onData: () => undefined }),
    ]);
    await waitFor(() => clients().length === 3);
    asked.close();
    expect(await answers).toEqual(Array.from({ length: 3 }, () => ({ kind: 'taken back' })));
    await waitFor(() => clients().length === 0);
    expect(await asked.getJson('/version')).toEqual({ kind: 'taken back' });
  });

  test.each([
    ['exits', 'process.exit(0)'],
    ['is killed', 'process.kill(process.pid, "SIGKILL")'],
  ])('no process is left when the program %s', async (_how, last) => {
    const module = new URL('../../src/adapters/docker-api.ts', import.meta.url).href;
    const script = `
      const { openDockerApi } = await import(${JSON.stringify(module)});
      const api = openDockerApi({ environment: process.env, cwd: '/' });
      void api.getJson('/a');
      void api.stream('/b', { onOpen: () => ${last}, onData() {} });`;
    const begins = fakeDocker('[ "$1" = context ] && exit 1; printf "HTTP/1.1 200 OK\\r\\n\\r\\n"; exec cat');
    const environment = { ...begins, RUNBOOK_TEST: folder };
    const program = await execa(process.execPath, ['--input-type=module', '-e', script], {
      env: environment,
      reject: false,
      timeout: 20_000,
    });
    expect(program).toMatchObject({ timedOut: false, stderr: '' });
    await waitFor(() => clients().length === 0, { withinMs: 5_000 });
  });
});

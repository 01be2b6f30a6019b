import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askProject } from '../../src/adapters/compose-project.ts';
import { type ContainerDirectory, createContainerDirectory } from '../../src/adapters/container-directory.ts';
import { rowsOf } from '../../src/adapters/container-rows.ts';
import { type DockerApi, openDockerApi } from '../../src/adapters/docker-api.ts';
import type { ListedContainer } from '../../src/adapters/listed-container.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import type { ContainersStatus } from '../../src/live/system.ts';
import { openDockerLab } from '../support/docker.ts';
import { openSocketProxy } from '../support/socket-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let folder = '';
let api: DockerApi | undefined;
let directory: ContainerDirectory | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rb-dir-'));
});

afterEach(() => {
  directory?.close();
  api?.close();
  rmSync(folder, { recursive: true, force: true });
});

function open(
  options: { readonly host?: string; readonly timeoutMs?: number; readonly pauseMs?: number } = {},
): ContainerDirectory {
  const environment = { ...process.env, ...(options.host === undefined ? {} : { DOCKER_HOST: options.host }) };
  api = openDockerApi({ environment, cwd: folder, ...options });
  // Pauses between tries are told in full and kept short.
  const clock = {
    ...systemClock,
    after: (ms: number, call: () => void) => systemClock.after(Math.min(ms, options.pauseMs ?? ms), call),
  };
  directory = createContainerDirectory({ api, clock });
  return directory;
}

const find = (name: string) => () => directory?.containers().find((one) => one.name === name);

describe('the list of containers', () => {
  test('shows what becomes of one: made, started, paused, ended, renamed, removed', async (context) => {
    const lab = await openDockerLab(context);
    open();
    const id = await lab.run({
      name: 'a',
      args: ['-t'],
      command: ['sh', '-c', 'trap "exit 7" TERM; sleep 600 & wait'],
    });
    const found = find(`${lab.prefix}-a`);
    const runs = await waitFor(() => (found()?.state === 'running' ? found() : undefined));
    expect(runs).toEqual({
      id,
      name: `${lab.prefix}-a`,
      image: lab.image,
      state: 'running',
      restarts: 0,
      createdAt: expect.closeTo(Date.now(), -5),
      startedAt: expect.closeTo(Date.now(), -5),
      isTty: true,
    });
    await lab.docker('pause', id);
    await waitFor(() => found()?.state === 'paused');
    await lab.docker('unpause', id);
    await waitFor(() => found()?.state === 'running');
    await lab.docker('stop', id);
    expect(await waitFor(() => (found()?.state === 'exited' ? found() : undefined))).toMatchObject({
      exitStatus: 7,
      id,
    });
    await lab.docker('rename', id, `${lab.prefix}-b`);
    await waitFor(find(`${lab.prefix}-b`));
    await lab.docker('rm', id);
    await waitFor(() => found() === undefined && find(`${lab.prefix}-b`)() === undefined);
  });

  test('tells restarts, health and the want of memory', async (context) => {
    const lab = await openDockerLab(context);
    open();
    const twice = 'n=$(cat /n 2>/dev/null || echo 0); echo $((n + 1)) > /n; [ "$n" -ge 2 ] && exec sleep 600; exit 1';
    await lab.run({ name: 'restarts', args: ['--restart', 'on-failure:5'], command: ['sh', '-c', twice] });
    await lab.run({
      name: 'ill',
      args: ['--health-cmd', 'test ! -e /ill', '--health-interval', '1s', '--health-retries', '1'],
      command: ['sleep', '600'],
    });
    await lab.run({
      name: 'greedy',
      args: ['-m', '8m', '--memory-swap', '8m'],
      command: ['sh', '-c', 'exec tail /dev/zero'],
    });
    await waitFor(() => find(`${lab.prefix}-restarts`)()?.restarts === 2, { withinMs: 20_000 });
    await waitFor(() => find(`${lab.prefix}-ill`)()?.health === 'healthy', { withinMs: 20_000 });
    await lab.docker('exec', `${lab.prefix}-ill`, 'touch', '/ill');
    await waitFor(() => find(`${lab.prefix}-ill`)()?.health === 'unhealthy', { withinMs: 20_000 });
    const name = `${lab.prefix}-greedy`;
    const greedy = find(name);
    await waitFor(() => greedy()?.state === 'exited');
    expect(greedy()?.exitStatus).toBe(137);
    // The engine itself hears of it late, or not at all, where the machine is busy: then it stands in its events, or nowhere.
    const isSaid = async () => {
      const inspected = await lab.docker('inspect', '-f', '{{.State.OOMKilled}}', name);
      const about = ['--filter', `container=${name}`, '--filter', 'event=oom'];
      return inspected === 'true' || (await lab.docker('events', '--since', '10m', '--until', '0s', ...about)) !== '';
    };
    await waitFor(async () => (greedy()?.isOutOfMemory === true) === (await isSaid()));
  });

  test('of a compose project has one row a container while all are recreated: none missing, double or stale', async (context) => {
    const lab = await openDockerLab(context);
    const service = (replicas: number) =>
      `    { image: '${lab.image}', command: sleep 600, stop_grace_period: 0s, deploy: { replicas: ${replicas} } }\n`;
    const project = lab.project(`  web:\n${service(1)}  work:\n${service(2)}`);
    await lab.run({ name: 'other', command: ['sleep', '600'] });
    await project.compose('up', '-d');
    const name = await askProject(project.file, { environment: process.env });
    expect(name).toBe(project.name);
    const wanted = { kind: 'compose', file: project.file, services: [], project: name } as const;
    const seen = open();
    const rows = () => rowsOf(seen.containers(), wanted);
    await waitFor(() => rows().length === 3);
    const before = rows();
    const frames: string[] = [];
    seen.subscribe(() =>
      frames.push(
        rows()
          .map(({ key }) => key)
          .join(' '),
      ),
    );
    await project.compose('up', '-d', '--force-recreate');
    const isNew = () =>
      rows().every(
        ({ container }, index) => container.state === 'running' && container.id !== before[index]?.container.id,
      );
    await waitFor(isNew);
    expect(frames.length).toBeGreaterThan(1);
    expect(new Set(frames)).toEqual(new Set(['web work work-2']));
    expect(rows().map(({ container }) => container.name)).toEqual(before.map(({ container }) => container.name));
  });
});

describe('where the engine', () => {
  test('is gone: says so, pauses longer each time, and is back by itself', async (context) => {
    const lab = await openDockerLab(context);
    const proxy = await openSocketProxy(join(folder, 's'), lab.socketPath);
    context.onTestFinished(proxy.cut);
    const seen = open({ host: `unix://${proxy.path}`, pauseMs: 100 });
    const told: ContainersStatus[] = [];
    const pauses: number[] = [];
    seen.subscribe(() => {
      const status = seen.status();
      if (status !== told.at(-1)) told.push(status);
      if (status.kind === 'down') pauses.push(Math.round((status.retryAt - Date.now()) / 1_000));
    });
    const kinds = () => told.map(({ kind }) => kind);
    await waitFor(() => kinds().includes('up'));
    await lab.run({ name: 'before', command: ['sleep', '600'] });
    await waitFor(find(`${lab.prefix}-before`));
    await proxy.cut();
    await waitFor(() => pauses.length === 8, { withinMs: 20_000 });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 30, 30, 30]);
    expect(told.at(-1)).toMatchObject({
      why: `No Docker engine answers at ${proxy.path}.`,
      advice: expect.stringContaining('Start it'),
    });
    expect(find(`${lab.prefix}-before`)()).toBeDefined();
    await lab.docker('rm', '-f', `${lab.prefix}-before`);
    await lab.run({ name: 'after', command: ['sleep', '600'] });
    await proxy.restore();
    await waitFor(find(`${lab.prefix}-after`));
    expect(seen.status()).toEqual({ kind: 'up' });
    expect(find(`${lab.prefix}-before`)()).toBeUndefined();
    await proxy.cut();
    await waitFor(() => seen.status().kind === 'down');
    expect(pauses.at(-1)).toBe(1);
  });

  test('is there and its line is frozen: the next question finds out', async (context) => {
    const lab = await openDockerLab(context);
    const proxy = await openSocketProxy(join(folder, 's'), lab.socketPath);
    context.onTestFinished(proxy.cut);
    const seen = open({ host: `unix://${proxy.path}`, timeoutMs: 700, pauseMs: 100 });
    await waitFor(() => seen.status().kind === 'up');
    proxy.freeze();
    await waitFor(() => seen.status().kind === 'down');
    expect(seen.status()).toMatchObject({ why: 'The Docker engine did not answer within 0.7 s.' });
    await proxy.restore();
    await waitFor(() => seen.status().kind === 'up');
  });

  test('was never there, or its client is not', async () => {
    api = openDockerApi({ environment: { PATH: folder }, cwd: folder });
    directory = createContainerDirectory({ api });
    expect(directory.status()).toEqual({ kind: 'connecting' });
    await waitFor(() => directory?.status().kind === 'down');
    expect(directory.status()).toMatchObject({ why: "Docker can't be asked: docker is not found in PATH." });
    expect(directory.containers()).toEqual([]);
  });
});

test('a project is known by its file where compose does not tell its name', async (context) => {
  const lab = await openDockerLab(context);
  const project = lab.project(`  web: { image: '${lab.image}', command: sleep 600, stop_grace_period: 0s }\n`);
  await project.compose('up', '-d');
  symlinkSync(dirname(project.file), join(folder, 'link'));
  const file = join(folder, 'link', 'docker-compose.yml');
  expect(await askProject(file, { environment: { PATH: folder } })).toBeUndefined();
  const wanted = { kind: 'compose', file, services: [] } as const;
  const seen = open();
  await waitFor(() => rowsOf(seen.containers(), wanted).some(({ key }) => key === 'web'));
  expect(
    rowsOf(seen.containers(), { ...wanted, kind: 'compose', file: '/elsewhere/docker-compose.yml', services: [] }),
  ).toEqual([]);
});

describe('rows of containers', () => {
  const container = (name: string, more: Partial<ListedContainer> = {}): ListedContainer => ({
    id: name,
    name,
    image: 'app:v1',
    state: 'running',
    restarts: 0,
    createdAt: 1,
    isTty: false,
    ...more,
  });
  const of = (service: string, number: number, more: Partial<ListedContainer> = {}, isOneOff = false) =>
    container(`shop-${service}-${number}`, {
      compose: { project: 'shop', service, number, isOneOff, files: ['/shop/docker-compose.yml'] },
      ...more,
    });
  const shop = { kind: 'compose', file: '/shop/docker-compose.yml', services: [], project: 'shop' } as const;
  const keys = (...given: Parameters<typeof rowsOf>) =>
    rowsOf(...given).map(({ key, container: { id } }) => `${key}=${id}`);

  test.each([
    [
      'by service, numbers in their order',
      [of('web', 10), of('web', 2), of('db', 1), container('x')],
      shop,
      ['db=shop-db-1', 'web-2=shop-web-2', 'web-10=shop-web-10'],
    ],
    ['only the services that are wanted', [of('web', 1), of('db', 1)], { ...shop, services: ['db'] }, ['db=shop-db-1']],
    [
      'the one that runs, though a newer is made',
      [of('web', 1, { id: 'new', state: 'created', createdAt: 2 }), of('web', 1, { id: 'old' })],
      shop,
      ['web=old'],
    ],
    [
      'the newest, where none runs',
      [of('web', 1, { id: 'new', state: 'created', createdAt: 2 }), of('web', 1, { id: 'old', state: 'exited' })],
      shop,
      ['web=new'],
    ],
    [
      'what `compose run` made, by its name',
      [of('web', 1), of('web', 1, { id: 'once', name: 'shop-web-run-1f' }, true)],
      shop,
      ['shop-web-run-1f=once', 'web=shop-web-1'],
    ],
    [
      'by name where any project is wanted',
      [of('web', 1), container('x')],
      { kind: 'all' },
      ['shop-web-1=shop-web-1', 'x=x'],
    ],
    ['those named', [of('web', 1), container('x')], { kind: 'named', names: ['x', 'gone'] }, ['x=x']],
  ] as const)('%s', (_what, containers, wanted, expected) => {
    expect(keys(containers, wanted)).toEqual(expected);
    expect(keys(containers.toReversed(), wanted)).toEqual(expected);
  });
});

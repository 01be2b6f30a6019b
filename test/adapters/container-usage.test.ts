import { tmpdir } from 'node:os';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { createComposeProjects } from '../../src/adapters/compose-projects.ts';
import { createContainerDirectory } from '../../src/adapters/container-directory.ts';
import { watchContainers } from '../../src/adapters/container-usage.ts';
import { type DockerApi, openDockerApi } from '../../src/adapters/docker-api.ts';
import type { Usage, UsageNews, Watched } from '../../src/live/system.ts';
import type { ContainersWanted } from '../../src/run/monitor-plan.ts';
import { openDockerLab } from '../support/docker.ts';
import { waitFor } from '../support/wait-for.ts';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

type Told = {
  readonly news: readonly UsageNews[];
  readonly watched: () => readonly Watched[];
  readonly usageOf: (key: string) => readonly Usage[];
};

/** @param change what lies between the feed and the engine. */
function watch(
  wanted: ContainersWanted,
  options: { readonly everyMs?: number; readonly change?: (api: DockerApi) => DockerApi } = {},
): Told {
  const { everyMs = 500, change = (api) => api } = options;
  const opened = openDockerApi({ environment: process.env, cwd: tmpdir() });
  const api = change(opened);
  const directory = createContainerDirectory({ api });
  const projects = createComposeProjects({ environment: () => process.env });
  const news: UsageNews[] = [];
  const feed = watchContainers({
    wanted,
    directory,
    api,
    projects,
    everyMs,
    tell: (one) => news.push(one),
  });
  closers.push(feed.close, projects.close, directory.close, opened.close);
  return {
    news,
    watched: () => news.findLast((one) => one.kind === 'list')?.watched ?? [],
    usageOf: (key) =>
      news.flatMap((one) => {
        const usage = one.kind === 'usage' ? one.usage.get(key) : undefined;
        return usage === undefined ? [] : [usage];
      }),
  };
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** `3.16MiB`, `1.2kB`: as the client prints amounts. */
function bytesIn(text: string): number {
  const [, figure = '', unit = ''] = /^([\d.]+)([a-zA-Z]+)$/.exec(text.trim()) ?? [];
  const units = ['B', 'kB', 'MB', 'GB'];
  const binary = ['B', 'KiB', 'MiB', 'GiB'];
  const factor = binary.includes(unit) ? 1_024 ** binary.indexOf(unit) : 1_000 ** units.indexOf(unit);
  return Number(figure) * factor;
}

describe('figures of containers', () => {
  test('are those of `docker stats`', async (context) => {
    const lab = await openDockerLab(context);
    const work =
      'dd if=/dev/zero of=/dev/shm/x bs=1M count=24 2>/dev/null; sleep 600 & sleep 600 & while :; do :; done';
    await lab.run({ name: 'a', args: ['--cpus', '0.2', '-m', '64m'], command: ['sh', '-c', work] });
    const name = `${lab.prefix}-a`;
    const told = watch({ kind: 'named', names: [name] });
    await waitFor(() => {
      const { memoryBytes = 0, pids } = told.usageOf(name).at(-1) ?? {};
      return memoryBytes > 24 * 1024 * 1024 && pids === 3;
    });
    const line = await lab.docker('stats', '--no-stream', '--format', '{{json .}}', name);
    const stats: Record<string, string> = JSON.parse(line);
    const seen = told.usageOf(name).length;
    const usage = await waitFor(() => told.usageOf(name).at(seen));
    const [memory = '', limit = ''] = stats.MemUsage?.split(' / ') ?? [];
    const [received = '', sent = ''] = stats.NetIO?.split(' / ') ?? [];
    const [read = '', written = ''] = stats.BlockIO?.split(' / ') ?? [];
    expect(usage.pids).toBe(Number(stats.PIDs));
    expect(usage.pids).toBe(3);
    expect(Math.abs(usage.memoryBytes - bytesIn(memory))).toBeLessThan(128 * 1024);
    expect(usage.memoryLimitBytes).toBe(bytesIn(limit));
    expect(Math.abs((usage.receivedBytes ?? -1) - bytesIn(received))).toBeLessThan(1_000);
    expect(Math.abs((usage.sentBytes ?? -1) - bytesIn(sent))).toBeLessThan(1_000);
    // Docker's figures are rounded, and a page may be read or written between the two looks.
    expect(Math.abs((usage.readBytes ?? -1) - bytesIn(read))).toBeLessThan(64 * 1024);
    expect(Math.abs((usage.writtenBytes ?? -1) - bytesIn(written))).toBeLessThan(64 * 1024);
  });

  test('have the CPU that `docker stats` has over the same seconds', { timeout: 90_000 }, async (context) => {
    const lab = await openDockerLab(context);
    await lab.run({ name: 'b', args: ['--cpus', '0.2'], command: ['sh', '-c', 'while :; do :; done'] });
    const name = `${lab.prefix}-b`;
    const told = watch({ kind: 'named', names: [name] });
    await waitFor(() => told.usageOf(name).at(-1)?.cpuPercent !== undefined);
    // What the quota gives in one round is not what it gives in the next: both are looked at for the same while.
    const theirs: number[] = [];
    const from = told.usageOf(name).length;
    const stats = execa('docker', ['stats', '--format', '{{.CPUPerc}}', name], { buffer: false, reject: false });
    for await (const line of stats) {
      const percent = /([\d.]+)%/.exec(stripVTControlCharacters(String(line)))?.[1];
      // It repeats each figure until there is another one; the first is none.
      if (percent !== undefined && Number(percent) > 0 && Number(percent) !== theirs.at(-1))
        theirs.push(Number(percent));
      if (theirs.length === 10) stats.kill();
    }
    const ours = told
      .usageOf(name)
      .slice(from)
      .map(({ cpuPercent = Number.NaN }) => cpuPercent);
    expect(Math.abs(meanOf(ours) - meanOf(theirs))).toBeLessThan(4);
    expect(meanOf(ours)).toBeGreaterThan(5);
    expect(meanOf(ours)).toBeLessThan(35);
  });

  test('come after status and list, only of those that run', async (context) => {
    const lab = await openDockerLab(context);
    await lab.run({ name: 'runs', command: ['sleep', '600'] });
    const ended = await lab.run({ name: 'ended', command: ['false'] });
    await lab.docker('wait', ended);
    const names = ['runs', 'ended', 'missing'].map((name) => `${lab.prefix}-${name}`);
    const told = watch({ kind: 'named', names });
    await waitFor(() => told.usageOf(`${lab.prefix}-runs`).length > 2);
    expect(told.news.slice(0, 4).map(({ kind }) => kind)).toEqual(['status', 'status', 'list', 'usage']);
    expect(told.watched()).toEqual([
      expect.objectContaining({
        key: `${lab.prefix}-ended`,
        state: 'exited',
        exitStatus: 1,
        restarts: 0,
        image: lab.image,
      }),
      expect.objectContaining({ key: `${lab.prefix}-runs`, state: 'running' }),
    ]);
    expect(told.usageOf(`${lab.prefix}-ended`)).toEqual([]);
    const times = told.usageOf(`${lab.prefix}-runs`).map(({ at }) => at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('go on under the service’s key over a recreation, its CPU from the first one on', async (context) => {
    const lab = await openDockerLab(context);
    const project = lab.project(`  web: { image: '${lab.image}', command: sleep 600, stop_grace_period: 0s }\n`);
    await project.compose('up', '-d');
    const told = watch({ kind: 'compose', file: project.file, services: [] });
    await waitFor(() => told.usageOf('web').length > 1);
    const [old] = told.watched();
    await project.compose('up', '-d', '--force-recreate');
    await waitFor(() => told.watched()[0]?.id !== old?.id && told.watched()[0]?.state === 'running');
    const from = told.news.length;
    const first = await waitFor(
      () => told.news.slice(from).flatMap((one) => (one.kind === 'usage' ? (one.usage.get('web') ?? []) : []))[0],
    );
    expect(first).toHaveProperty('cpuPercent', expect.any(Number));
    expect(told.watched().map(({ key, name }) => [key, name])).toEqual([['web', 'web']]);
    expect(told.news.filter((one) => one.kind === 'list').every(({ watched }) => watched.length === 1)).toBe(true);
  });

  test('of the others come though one container does not answer and one fails', async (context) => {
    const lab = await openDockerLab(context);
    const ids = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((name) => lab.run({ name, command: ['sleep', '600'] })),
    );
    const names = ['a', 'b', 'c', 'd', 'e'].map((name) => `${lab.prefix}-${name}`);
    let asking = 0;
    let mostAsking = 0;
    const told = watch(
      { kind: 'named', names },
      {
        change: (api) => ({
          ...api,
          getJson: (path, signal) => {
            if (!path.includes('/stats')) return api.getJson(path, signal);
            if (path.includes(ids[0] ?? '')) {
              asking += 1;
              mostAsking = Math.max(mostAsking, asking);
              return new Promise((resolve) =>
                signal?.addEventListener('abort', () => {
                  asking -= 1;
                  resolve({ kind: 'taken back' });
                }),
              );
            }
            return api.getJson(path.includes(ids[1] ?? '') ? '/containers/none/stats' : path, signal);
          },
        }),
      },
    );
    await waitFor(() => names.slice(2).every((name) => told.usageOf(name).length >= 3), { withinMs: 20_000 });
    expect(told.usageOf(names[0] ?? '')).toEqual([]);
    expect(told.usageOf(names[1] ?? '')).toEqual([]);
    // The one that hangs is asked again, but not while it is asked.
    expect(mostAsking).toBe(1);
    expect(told.watched()).toHaveLength(5);
  });
});

test('nothing is told of containers before it is known which are meant, and a round without figures is told', async () => {
  let know: (wanted: ContainersWanted) => void = () => undefined;
  const container = {
    id: 'a',
    name: 'a',
    image: 'i',
    state: 'running',
    restarts: 0,
    createdAt: 1,
    isTty: false,
  } as const;
  const news: UsageNews[] = [];
  const up = { kind: 'up' } as const;
  const feed = watchContainers({
    wanted: { kind: 'all' },
    directory: {
      subscribe: () => () => undefined,
      status: () => up,
      containers: () => [container],
      refresh: () => undefined,
      close: () => undefined,
    },
    api: {
      getJson: () => new Promise(() => undefined),
      stream: () => new Promise(() => undefined),
      atOnce: () => 1,
      clockOffsetMs: () => 0,
      close: () => undefined,
    },
    projects: {
      known: () =>
        new Promise((resolve) => {
          know = resolve;
        }),
      askAgain: () => undefined,
      environmentChanged: () => undefined,
      subscribe: () => () => undefined,
      close: () => undefined,
    },
    everyMs: 100,
    tell: (one) => news.push(one),
  });
  closers.push(feed.close);
  await waitFor(() => news.length > 0);
  expect(news).toEqual([{ kind: 'status', status: { kind: 'connecting' } }]);
  know({ kind: 'all' });
  await waitFor(() => news.length >= 4);
  expect(news.slice(1, 4)).toEqual([
    { kind: 'status', status: up },
    expect.objectContaining({ kind: 'list' }),
    { kind: 'usage', usage: new Map() },
  ]);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createContainerDirectory } from '../../src/adapters/container-directory.ts';
import { followContainerLogs } from '../../src/adapters/container-logs.ts';
import { type DockerApi, openDockerApi, type StreamReader } from '../../src/adapters/docker-api.ts';
import { answerRefused } from '../../src/adapters/docker-failure.ts';
import { followLogs, type LogsToFollow } from '../../src/adapters/follow-logs.ts';
import type { ListedContainer } from '../../src/adapters/listed-container.ts';
import { systemClock } from '../../src/adapters/system-clock.ts';
import { createLineBudget } from '../../src/live/line-budget.ts';
import { createLogBook, type LogBook } from '../../src/live/log-book.ts';
import type { LogStart } from '../../src/live/log-line.ts';
import { openDockerLab } from '../support/docker.ts';
import { heapBytes } from '../support/heap-bytes.ts';
import { textsIn } from '../support/log-lab.ts';
import { openSocketProxy } from '../support/socket-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let folder = '';
const closers: (() => void)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rb-clog-'));
});

afterEach(() => {
  for (const close of closers.splice(0).toReversed()) close();
  rmSync(folder, { recursive: true, force: true });
});

/** Follows into a book. */
function follow(wanted: readonly LogsToFollow[], options: { readonly host?: string; readonly start?: LogStart } = {}) {
  const environment = { ...process.env, ...(options.host === undefined ? {} : { DOCKER_HOST: options.host }) };
  const api = openDockerApi({ environment, cwd: folder });
  const clock = { ...systemClock, after: (ms: number, call: () => void) => systemClock.after(Math.min(ms, 300), call) };
  const directory = createContainerDirectory({ api, clock });
  const book = createLogBook({ now: Date.now });
  const { start } = options;
  const feed = followLogs({
    wanted,
    ...(start && { start }),
    engine: { api, directory },
    outputs: () => [],
    tell: book.take,
    clock,
  });
  closers.push(
    () => api.close(),
    () => directory.close(),
    () => feed.close(),
  );
  return book;
}

const named = (...names: readonly string[]): readonly LogsToFollow[] => [
  { kind: 'containers', of: { kind: 'named', names } },
];

/** None of these containers talks to anybody. */
const alone = ['--network', 'none'];

const numbersOf = (texts: readonly string[], of: string) =>
  texts.filter((text) => text.startsWith(`${of} `)).map((text) => Number(text.slice(of.length + 1)));

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** A script that writes `<name> 1` to `<name> <count>` and goes on from where it was when it is started again. */
const counting = (name: string, count: number) =>
  `i=$(cat /state/${name} 2>/dev/null || echo 0); while [ $i -lt ${count} ]; do i=$((i+1)); echo ${name} $i; echo $i > /state/new; mv /state/new /state/${name}; usleep 20000; done; sleep 600`;

const lastNumber = (book: LogBook, of: string) => numbersOf(textsIn(book), of).at(-1) ?? 0;

describe('the logs of containers', () => {
  test('go on over a restart: nothing lost, nothing doubled', async (context) => {
    const lab = await openDockerLab(context);
    const name = `${lab.prefix}-a`;
    const state = join(folder, 'state');
    await lab.run({
      name: 'a',
      args: [...alone, '-v', `${state}:/state`],
      command: ['sh', '-c', `trap exit TERM; ${counting('n', 200)} & wait`],
    });
    const book = follow(named(name));
    await waitFor(() => lastNumber(book, 'n') > 20);
    await lab.docker('restart', '-t', '1', name);
    await waitFor(() => lastNumber(book, 'n') === 200, { withinMs: 20_000 });
    // The container may be ended between writing a line and noting that it did, so a number may really be written twice.
    const written = numbersOf((await lab.docker('logs', name)).split('\n'), 'n');
    expect(numbersOf(textsIn(book), 'n')).toEqual(written);
    expect(book.status().sources).toMatchObject([{ key: name, kind: 'container', name, isThere: true }]);
  });

  test('go on over a recreation by compose, under the name of the service', async (context) => {
    const lab = await openDockerLab(context);
    const service = (version: number) =>
      `  app:\n    image: ${lab.image}\n    environment: { V: "${version}" }\n    stop_grace_period: 1s\n    command: ["sh", "-c", "for i in $$(seq 1 100); do echo v$$V $$i; usleep 10000; done; sleep 600"]\n`;
    const project = lab.project(service(1));
    await project.compose('up', '-d');
    const book = follow([{ kind: 'containers', of: { kind: 'compose', file: project.file, services: [] } }]);
    await waitFor(() => lastNumber(book, 'v1') > 20);
    writeFileSync(project.file, `name: ${project.name}\nservices:\n${service(2)}`);
    await project.compose('up', '-d');
    await waitFor(() => lastNumber(book, 'v2') === 100, { withinMs: 20_000 });
    const texts = textsIn(book);
    const before = numbersOf(texts, 'v1');
    expect(before).toEqual(upTo(before.length));
    expect(numbersOf(texts, 'v2')).toEqual(upTo(100));
    expect(book.status().sources.map(({ key }) => key)).toEqual(['app']);
  });

  test('of several containers of one service are told apart', async (context) => {
    const lab = await openDockerLab(context);
    const project = lab.project(
      `  app:\n    image: ${lab.image}\n    stop_grace_period: 1s\n    command: ["sh", "-c", "hostname; sleep 600"]\n`,
    );
    await project.compose('up', '-d', '--scale', 'app=2');
    const book = follow([{ kind: 'containers', of: { kind: 'compose', file: project.file, services: ['app'] } }]);
    await waitFor(() => book.status().sources.filter(({ lines }) => lines === 1).length === 2);
    expect(book.status().sources.map(({ key }) => key)).toEqual(['app', 'app-2']);
  });

  test('go on when the engine was gone and is back: nothing lost, nothing doubled', async (context) => {
    const lab = await openDockerLab(context);
    const proxy = await openSocketProxy(join(folder, 'docker.sock'), lab.socketPath);
    context.onTestFinished(proxy.cut);
    const name = `${lab.prefix}-a`;
    await lab.run({
      name: 'a',
      args: alone,
      command: ['sh', '-c', 'for i in $(seq 1 150); do echo n $i; usleep 20000; done; sleep 600'],
    });
    const book = follow(named(name), { host: `unix://${proxy.path}` });
    await waitFor(() => lastNumber(book, 'n') > 10);
    await proxy.cut();
    await waitFor(() => book.status().trouble !== undefined);
    expect(book.status().trouble).toMatch(/engine/);
    await proxy.restore();
    await waitFor(() => lastNumber(book, 'n') === 150, { withinMs: 20_000 });
    expect(numbersOf(textsIn(book), 'n')).toEqual(upTo(150));
    expect(book.status()).not.toHaveProperty('trouble');
  });

  test('begin where they are to begin', async (context) => {
    const lab = await openDockerLab(context);
    const name = `${lab.prefix}-a`;
    await lab.run({
      name: 'a',
      args: alone,
      command: [
        'sh',
        '-c',
        'for i in $(seq 1 50); do echo n $i; done; until test -e /tmp/go; do usleep 20000; done; sleep 1; echo late',
      ],
    });
    await waitFor(async () => (await lab.docker('logs', name)).includes('n 50'));
    const tail = follow(named(name), { start: { kind: 'tail', lines: 5 } });
    await waitFor(() => textsIn(tail).includes('n 50'));
    await lab.docker('exec', name, 'touch', '/tmp/go');
    await waitFor(() => textsIn(tail).includes('late'));
    expect(numbersOf(textsIn(tail), 'n')).toEqual([46, 47, 48, 49, 50]);
    const late = tail.at(tail.end() - 1)?.at ?? 0;
    const since = follow(named(name), { start: { kind: 'since', at: late - 500 } });
    await waitFor(() => textsIn(since).length > 0);
    expect(textsIn(since)).toEqual(['late']);
    const all = follow(named(name), { start: { kind: 'all' } });
    await waitFor(() => textsIn(all).length === 51);
  });

  test('of a container that writes what it should not are harmless text, with a terminal or without', async (context) => {
    const lab = await openDockerLab(context);
    const script = [
      "printf 'a\\033[2J\\033]0;title\\007\\033]52;c;aGFoYQ==\\007b\\n'",
      "printf 'bad \\377\\376 \\000\\000 bytes\\n'",
      "printf '10 %%\\r100 %%\\r\\n'",
      'head -c 1000000 /dev/zero | tr "\\\\0" x; echo',
      'head -c 100000 /dev/urandom; echo',
      'echo; echo end',
    ].join('; ');
    for (const args of [[], ['-t']]) {
      const name = `hostile${args.length}`;
      await lab.run({ name, args: [...alone, ...args], command: ['sh', '-c', script] });
      const book = follow(named(`${lab.prefix}-${name}`), { start: { kind: 'all' } });
      await waitFor(() => textsIn(book).includes('end'));
      const texts = textsIn(book);
      expect(texts.slice(0, 3)).toEqual(['ab', expect.stringMatching(/^bad .* {1,2}bytes$/), '100 %']);
      expect(texts[3]).toMatch(/^x{3999}…$/);
      for (const text of texts) expect(/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text)).toBe(false);
    }
  });

  test('in a flood cost a bounded amount: what is left out is counted, and the last line is there', {
    timeout: 90_000,
  }, async (context) => {
    const lab = await openDockerLab(context);
    const script = 'echo ready; until test -e /tmp/go; do sleep 0.1; done; seq 1 150000; echo end';
    await lab.run({ name: 'flood', args: alone, command: ['sh', '-c', script] });
    const book = follow(named(`${lab.prefix}-flood`), { start: { kind: 'all' } });
    await waitFor(() => textsIn(book).at(-1) === 'ready');
    const before = heapBytes();
    await lab.docker('exec', `${lab.prefix}-flood`, 'touch', '/tmp/go');
    await waitFor(() => textsIn(book).at(-1) === 'end', { withinMs: 60_000 });
    const { sources, leftOut, lines } = book.status();
    expect((sources[0]?.lines ?? 0) + leftOut).toBe(150_002);
    expect(leftOut).toBeGreaterThan(80_000);
    expect(lines).toBeLessThanOrEqual(20_000);
    expect(heapBytes() - before).toBeLessThan(30_000_000);
  });
});

/** The logs of containers named `app`, over an engine that answers as it is told. */
function overFake(stream: (path: string, reader: StreamReader) => ReturnType<DockerApi['stream']>, aheadMs = 0) {
  let listed: readonly ListedContainer[] = [];
  let changed = () => {};
  const book = createLogBook({ now: Date.now });
  const paths: string[] = [];
  const feed = followContainerLogs({
    wanted: [{ of: { kind: 'all' } }],
    directory: {
      subscribe: (listener) => {
        changed = listener;
        return () => undefined;
      },
      status: () => ({ kind: 'up' }),
      containers: () => listed,
      refresh: () => undefined,
      close: () => undefined,
    },
    api: {
      stream: (path, reader) => {
        paths.push(path);
        return stream(path, reader);
      },
      clockOffsetMs: () => aheadMs,
      getJson: () => Promise.resolve({ kind: 'taken back' }),
      atOnce: () => 1,
      close: () => undefined,
    },
    budget: createLineBudget(Date.now),
    tell: book.take,
  });
  closers.push(feed.close);
  const list = (...containers: readonly { readonly id: string; readonly createdAt?: number }[]) => {
    const plain = { name: 'app', image: 'app:1', state: 'running', restarts: 0, createdAt: 0, startedAt: 1 } as const;
    listed = containers.map((one) => ({ ...plain, isTty: true, ...one }));
    changed();
  };
  return { book, list, paths };
}

describe('a container that replaces another', () => {
  const refused = () => Promise.resolve({ kind: 'failed', failure: answerRefused(501, 'no reading') } as const);

  test('does not have the other’s trouble', async () => {
    const { book, list } = overFake((path, { onOpen }) => {
      if (path.startsWith('/containers/old/')) return refused();
      onOpen?.();
      return new Promise(() => undefined);
    });
    list({ id: 'old' });
    await waitFor(() => book.status().sources[0]?.trouble !== undefined);
    list({ id: 'new' });
    await waitFor(() => book.status().sources[0]?.trouble === undefined);
  });

  test('keeps its own when the other is let go of', async () => {
    const { book, list, paths } = overFake(refused);
    list({ id: 'old' });
    await waitFor(() => book.status().sources[0]?.trouble !== undefined);
    const told: unknown[] = [];
    book.subscribe(() => told.push(book.status().sources[0]?.trouble));
    list({ id: 'old' }, { id: 'new' });
    await waitFor(() => paths.at(-1)?.startsWith('/containers/new/') === true && told.length > 0);
    list({ id: 'new' });
    expect(book.status().sources[0]?.trouble).toMatch(/no reading/);
  });

  test('is read from its beginning, also where the engine’s clock is behind', async () => {
    const { list, paths } = overFake(() => new Promise(() => undefined), -300_000);
    list({ id: 'old' });
    await waitFor(() => paths.length === 1);
    list({ id: 'new', createdAt: Date.now() - 300_000 });
    await waitFor(() => paths.length === 2);
    expect(paths.map((path) => path.includes('tail='))).toEqual([true, false]);
  });
});

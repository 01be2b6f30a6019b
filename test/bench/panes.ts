import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '../support/wait-for.ts';
import type { Figure } from './figures.ts';
import { cpuMs, memoryMb } from './process-cost.ts';
import { startProgram } from './program-under-test.ts';
import { startOnPty } from './pty-session.ts';

const CONTAINERS = 20;
const OVER_MS = 30_000;
const SETTLED_MS = 10_000;
const PROJECT = `runbook-bench-${process.pid}`;
const IMAGE = 'runbook-test-busybox:1';
const IDLE_LOG = 'echo "all is well"; sleep 100000';
/** One line a second in each container. */
const BUSY_LOG = 'while :; do echo "all is well"; sleep 1; done';
/** No two lines alike. */
const BURST_LOG = `awk 'BEGIN { for (n = 0; ; n++) print "request", n, "served in", n * 7919 % 997, "ms" }'`;

const docker = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

/** Why containers can't be measured here; undefined: they can. */
function lackOfDocker(): string | undefined {
  try {
    docker('version', '--format', '{{.Server.Version}}');
    docker('image', 'inspect', '--format', '{{.Id}}', IMAGE);
    return undefined;
  } catch {
    return `it wants a Docker engine with the image ${IMAGE}, which the tests make`;
  }
}

type Cost = { readonly client: number; readonly helpers: number; readonly engine: number };

/** What the panes for containers and logs cost, beside the commands of docker that show the same. */
export async function panes(): Promise<readonly Figure[]> {
  const lack = lackOfDocker();
  if (lack !== undefined) {
    process.stderr.write(`left out: ${lack}\n`);
    return [];
  }
  const busy = await withContainers(BUSY_LOG, ownCost);
  return withContainers(IDLE_LOG, async (file) => {
    const own = await ownCost(file);
    const stats = await peerCost(['docker', 'stats', ...names(file)]);
    const logs = await peerCost(['docker', 'compose', '-f', file, 'logs', '-f', '--tail', '0']);
    const burst = await burstCost(file);
    const both = (of: (cost: Cost) => number) => ({
      peer: { name: 'docker stats + logs -f', reached: of(stats) + of(logs) },
    });
    return [
      { what: `${CONTAINERS} containers, idle logs: screen`, unit: '%', aim: 5, reached: own.client },
      { what: '  its docker clients', unit: '%', reached: own.helpers, ...both((cost) => cost.client + cost.helpers) },
      { what: '  the engine meanwhile', unit: '%', reached: own.engine, ...both((cost) => cost.engine) },
      { what: '  bytes to the terminal', unit: 'B/s', reached: own.bytesPerSecond },
      { what: '  memory of the screen', unit: 'MB', reached: own.memory },
      { what: '  a line a second in each: screen', unit: '%', reached: busy.client },
      { what: 'a log as fast as it can: screen', unit: '%', reached: burst.client },
      { what: '  bytes to the terminal', unit: 'KB/s', aim: 60, reached: burst.bytesPerSecond / 1000 },
      { what: '  memory of the screen', unit: 'MB', reached: burst.memory },
    ];
  });
}

async function ownCost(file: string) {
  const { session, startJob, dispose } = startProgram({ on: 'watched', variables: { COMPOSE: file } });
  try {
    await startJob();
    await session.answer('', (text) => text.includes(`${CONTAINERS}/${CONTAINERS}`));
    await pause(SETTLED_MS);
    return await costOf(session);
  } finally {
    await dispose();
  }
}

async function burstCost(file: string) {
  const name = `${PROJECT}-burst`;
  const labels = ['project', 'service', 'container-number', 'oneoff'].map((key, index) => [
    '--label',
    `com.docker.compose.${key}=${[PROJECT, 'burst', '1', 'False'][index]}`,
  ]);
  try {
    docker('run', '-d', '--network', 'none', '--name', name, ...labels.flat(), IMAGE, 'sh', '-c', BURST_LOG);
    const { session, startJob, dispose } = startProgram({ on: 'watched', variables: { COMPOSE: file } });
    try {
      await startJob();
      await pause(SETTLED_MS);
      return await costOf(session);
    } finally {
      await dispose();
    }
  } finally {
    docker('rm', '-f', name);
  }
}

async function peerCost(argv: readonly [string, ...string[]]): Promise<Cost> {
  const session = startOnPty(argv, { cwd: '/', env: process.env });
  try {
    await pause(SETTLED_MS / 2);
    return await costOf(session);
  } finally {
    await session.end();
  }
}

/** CPU in percent of a core over half a minute: of a program, of the processes below it, and of the engine. */
async function costOf(session: ReturnType<typeof startOnPty>) {
  const below = descendants(session.pid).filter((pid) => commandOf(pid).startsWith('docker'));
  const engine = Number(execFileSync('pgrep', ['-o', 'dockerd'], { encoding: 'utf8' }));
  const all = () => ({
    client: cpuMs(session.pid),
    helpers: below.reduce((sum, pid) => sum + cpuMs(pid), 0),
    engine: cpuMs(engine),
    bytes: session.bytes(),
    at: performance.now(),
  });
  const before = all();
  await pause(OVER_MS);
  const after = all();
  const elapsedMs = after.at - before.at;
  const percent = (of: 'client' | 'helpers' | 'engine') => ((after[of] - before[of]) / elapsedMs) * 100;
  return {
    client: percent('client'),
    helpers: percent('helpers'),
    engine: percent('engine'),
    bytesPerSecond: ((after.bytes - before.bytes) / elapsedMs) * 1000,
    memory: memoryMb(session.pid),
  };
}

function descendants(pid: number): readonly number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const children = (parent: number): readonly number[] =>
    rows.flatMap(([child = 0, of]) => (of === parent ? [child, ...children(child)] : []));
  return children(pid);
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

async function withContainers<T>(log: string, use: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync('/tmp/runbook-bench-compose-');
  const file = join(folder, 'docker-compose.yml');
  const services = Array.from(
    { length: CONTAINERS },
    (_, index) =>
      `  s${index + 1}: { image: '${IMAGE}', command: [sh, -c, ${JSON.stringify(log)}], stop_grace_period: 0s }\n`,
  );
  writeFileSync(file, `name: ${PROJECT}\nservices:\n${services.join('')}`);
  try {
    docker('compose', '-f', file, 'up', '-d');
    await waitFor(() => names(file).length === CONTAINERS, { withinMs: 60_000, what: 'all containers run' });
    return await use(file);
  } finally {
    docker('compose', '-f', file, 'down', '-t', '0');
    rmSync(folder, { recursive: true, force: true });
  }
}

function names(file: string): readonly string[] {
  return docker('compose', '-f', file, 'ps', '-q').split('\n');
}

import { spawn } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from '../src/adapters/process-identity.ts';
import type { Monitor as MonitorDefinition } from '../src/definition/runbook.ts';
import type { Grid } from '../src/live/cells.ts';
import { type Monitor, watchRun } from '../src/monitor.ts';
import type { Run } from '../src/run/state.ts';
import { type FakeEngine, fakeEngine } from './support/fake-engine.ts';
import { anAttempt, aPhase, aRun, aRunbook, aStep, attemptsOf } from './support/run-builder.ts';
import { waitFor } from './support/wait-for.ts';

let folder: string;
let monitor: Monitor | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'monitor-'));
});
afterEach(async () => {
  await monitor?.close();
  monitor = undefined;
  // A docker that was being asked may still write down that it was.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
});

const alert = { pattern: '\\berror\\b', max: 2, withinMs: 60_000 };

function watching(run: Run, project?: MonitorDefinition): FakeEngine {
  const engine = { ...fakeEngine(run), attemptFolder: (attempt: number) => join(folder, 'attempts', String(attempt)) };
  monitor = watchRun({
    engine,
    place: { home: folder, definitionDir: folder, runDir: folder, node: process.execPath },
    environment: { PATH: `${folder}:${process.env.PATH ?? ''}` },
    ...(project === undefined ? {} : { project: { monitor: project, folder: join(folder, 'project') } }),
  });
  monitor.start();
  return engine;
}

function book(monitored: Partial<MonitorDefinition>, values: Record<string, string> = {}): Run {
  const runbook = aRunbook([aPhase('p', [aStep('serve', { action: { kind: 'service', script: 'serve' } })])], {
    monitor: { logs: [], ...monitored },
  });
  return { ...aRun(runbook), values };
}

function textOf(grid: Grid): string {
  return Array.from({ length: grid.rows }, (_, y) =>
    grid.glyphs.slice(y * grid.columns, (y + 1) * grid.columns).join(''),
  ).join('\n');
}

const shown = () => (monitor === undefined ? '' : textOf(monitor.logs.lines().rows()));
const see = (text: string) => waitFor(() => shown().includes(text), { what: `to see “${text}”` });

test('nothing is looked at before it starts, and a file is followed from then on', async () => {
  writeFileSync(join(folder, 'app.log'), 'first\n');
  const engine = watching(book({ logs: [{ kind: 'file', file: 'app.log' }] }));
  await see('first');
  appendFileSync(join(folder, 'app.log'), 'second\n');
  await see('second');
  expect(engine.sent).toEqual([]);
});

test('what is followed changes with the values it is named by', async () => {
  writeFileSync(join(folder, 'a.log'), 'from a\n');
  writeFileSync(join(folder, 'b.log'), 'from b\n');
  const run = book({ logs: [{ kind: 'file', file: '${NAME}.log' }] }, { NAME: 'a' });
  const engine = watching(run);
  await see('from a');
  engine.become({ ...run, values: { NAME: 'b' } });
  await see('from b');
  expect(shown()).not.toContain('from a');
});

test('a secret that a log prints is masked, also where the line is cut in its middle', async () => {
  const engine = watching(book({ logs: [{ kind: 'file', file: 'app.log' }] }));
  engine.setSecret('TOKEN', 'hunter22');
  monitor?.logs.lines().resize(120, 60);
  monitor?.logs.lines().set({ hidden: [], stamps: false, wrap: true });
  writeFileSync(join(folder, 'app.log'), `token hunter22 used\n${'x'.repeat(3_995)}hunter22 and more\nend\n`);
  await see('end');
  expect(shown()).toContain('token *** used');
  expect(shown().replaceAll(/[\s│]/g, '')).not.toMatch(/xhun/);
});

test('errors are counted by the alert, and said without a word to the engine', async () => {
  const engine = watching(book({ logs: [{ kind: 'file', file: 'app.log' }], alert }));
  await waitFor(() => monitor?.logs.get().trouble !== undefined);
  writeFileSync(join(folder, 'app.log'), 'error one\nall is well\nERROR two\nterror\nan error again\n');
  await waitFor(() => monitor?.logs.get().alert?.isOver);
  expect(monitor?.logs.get().alert).toMatchObject({ count: 3, lastMinute: 3, max: 2 });
  expect(engine.sent).toEqual([]);
});

test('the project says what the runbook does not, with paths of its own', async () => {
  mkdirSync(join(folder, 'project'));
  writeFileSync(join(folder, 'project', 'p.log'), 'of the project\n');
  watching(book({ alert }), { logs: [{ kind: 'file', file: 'p.log' }] });
  await see('of the project');
  await waitFor(() => monitor?.logs.get().alert !== undefined);
});

test('a running service is measured and its output followed', async () => {
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  try {
    const attempt = join(folder, 'attempts', '1');
    mkdirSync(attempt, { recursive: true });
    const command = await identify(child.pid ?? 0);
    writeFileSync(join(attempt, 'command.json'), JSON.stringify({ process: command, at: Date.now() }));
    writeFileSync(join(attempt, 'output.log'), 'the service speaks\n');
    const run = book({});
    const engine = watching(run);
    engine.become({ ...run, ...attemptsOf([anAttempt(1, 'serve', { status: 'running', since: 0 })]) });
    await see('the service speaks');
    const system = await waitFor(() => (monitor?.system.get().watched.length ? monitor.system.get() : undefined));
    expect(system).toMatchObject({ kind: 'processes', status: { kind: 'none' }, watched: [{ key: 'attempt-1' }] });
    const usage = await waitFor(() => system.history.latest('attempt-1'));
    expect(usage.memoryBytes).toBeGreaterThan(100_000);
    await monitor?.close();
    expect(readFileSync(join(folder, 'usage.ndjson'), 'utf8')).toContain('attempt-1');
  } finally {
    child.kill('SIGKILL');
  }
});

/** A docker that notes what it is asked, and with which engine and project. */
function noteDocker(): () => readonly string[] {
  const asked = join(folder, 'asked');
  writeFileSync(asked, '');
  writeFileSync(
    join(folder, 'docker'),
    `#!/bin/sh\necho "$1 $DOCKER_HOST $COMPOSE_PROJECT_NAME $OTHER" >> ${asked}\nexit 1\n`,
  );
  chmodSync(join(folder, 'docker'), 0o755);
  return () => readFileSync(asked, 'utf8').trim().split('\n');
}

test('Docker and compose are asked with the run’s values, and anew where these lead elsewhere', async () => {
  const asked = noteDocker();
  const values = { DOCKER_HOST: 'tcp://one', COMPOSE_PROJECT_NAME: 'shop', OTHER: '' };
  const run = book({ docker: { compose: 'c.yml' } }, values);
  const engine = watching(run);
  await waitFor(() => asked().some((line) => line.startsWith('compose tcp://one shop')));
  await waitFor(() => asked().some((line) => line.startsWith('context tcp://one shop')));
  engine.become({ ...run, values: { ...values, OTHER: 'captured' } });
  await waitFor(() => asked().includes('compose tcp://one shop captured'));
  engine.become({ ...run, values: { ...values, DOCKER_HOST: 'tcp://two' } });
  await waitFor(() => asked().some((line) => line.startsWith('context tcp://two')));
  await waitFor(() => asked().some((line) => line.startsWith('compose tcp://two')));
});

test('a value that only the path of a log has leaves the containers as they are', async () => {
  const asked = noteDocker();
  writeFileSync(join(folder, 'b.log'), 'from b\n');
  const run = book({ docker: { all: true }, logs: [{ kind: 'file', file: '${NAME}.log' }] }, { NAME: 'a' });
  const engine = watching(run);
  await waitFor(() => monitor?.system.get().status.kind === 'down');
  const statuses: string[] = [];
  monitor?.system.subscribe(() => statuses.push(monitor?.system.get().status.kind ?? ''));
  engine.become({ ...run, values: { NAME: 'b' } });
  await see('from b');
  expect(statuses).not.toContain('connecting');
  expect(asked().length).toBeGreaterThan(0);
});

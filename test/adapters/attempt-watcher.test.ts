import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchAttempt } from '../../src/adapters/attempt-watcher.ts';
import { identify, identifySelf } from '../../src/adapters/process-identity.ts';
import type { AttemptReport } from '../../src/engine/ports.ts';
import { type AttemptLab, attemptLab } from '../support/attempt.ts';
import { straceIsMissing } from '../support/strace.ts';
import { waitFor } from '../support/wait-for.ts';

const HOUR_MS = 3_600_000;
const byFiles = fileURLToPath(new URL('../../src/adapters/runner-by-files.ts', import.meta.url));

let lab: AttemptLab;
beforeEach(() => {
  lab = attemptLab();
});
afterEach(() => lab.dispose());

const work = { kind: 'command', argv: ['true'], on: 'pipes' } as const;

test.each([
  ['goes on', -HOUR_MS],
  ['was set back since', HOUR_MS],
])("a runner that lives and can't be reached is told of where the clock %s", async (_, agoMs) => {
  const folder = lab.folder();
  mkdirSync(folder);
  const at = Date.now() + agoMs;
  writeFileSync(join(folder, 'started.json'), JSON.stringify({ kind: 'started', runner: await identifySelf(), at }));
  writeFileSync(join(folder, 'ready.json'), JSON.stringify({ at }));
  const reports: AttemptReport[] = [];
  const report = (one: AttemptReport) => reports.push(one);
  const watched = watchAttempt({ folder, spec: lab.spec(work), report, over: () => undefined });
  try {
    await waitFor(() => reports.some(({ type }) => type === 'trouble'), { what: 'it is told of' });
    expect(reports.map(({ type }) => type)).toEqual(['started', 'ready', 'trouble']);
  } finally {
    await watched.release();
  }
});

test('a runner that has started is stopped, not called never begun, though its files and its socket are gone', async (context) => {
  const folder = lab.folder();
  mkdirSync(folder);
  const runner = spawn('sleep', ['60']);
  context.onTestFinished(() => void runner.kill('SIGKILL'));
  const started = { kind: 'started', runner: await identify(runner.pid ?? 0), at: Date.now() };
  writeFileSync(join(folder, 'started.json'), JSON.stringify(started));
  const reports: AttemptReport[] = [];
  const report = (one: AttemptReport) => reports.push(one);
  const watched = watchAttempt({ folder, spec: lab.spec(work), report, over: () => undefined });
  context.onTestFinished(() => watched.release());
  await waitFor(() => reports.some(({ type }) => type === 'trouble'), { what: 'it is told of' });
  rmSync(join(folder, 'started.json'));
  await watched.stop();
  await waitFor(() => reports.some(({ type }) => type === 'lost'), { what: 'it is lost' });
  expect(reports.map(({ type }) => type)).toEqual(['started', 'trouble', 'lost']);
  expect([runner.signalCode, existsSync(join(folder, 'started.json'))]).toEqual(['SIGTERM', false]);
});

test('a runner that ends between being looked for and being signalled needs no signal', async (context) => {
  const missing = straceIsMissing();
  if (missing !== undefined) context.skip(`note: ${missing}`);
  const runner = spawn('sleep', ['60']);
  context.onTestFinished(() => void runner.kill('SIGKILL'));
  const call = `terminateRunner('/nowhere', ${JSON.stringify(await identify(runner.pid ?? 0))})`;
  const script = `const { terminateRunner } = await import(${JSON.stringify(byFiles)}); await ${call};`;
  const inject = ['-e', 'trace=kill', '-e', 'inject=kill:error=ESRCH'];
  const args = ['-f', '-qq', '-o', join(lab.root, 'trace'), ...inject];
  const child = spawn('strace', [...args, process.execPath, '--input-type=module', '-e', script]);
  let said = '';
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await waitFor(() => child.exitCode !== null, { withinMs: 60_000, what: 'it has tried to signal' });
  expect([child.exitCode, said]).toEqual([0, '']);
});

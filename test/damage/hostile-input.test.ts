import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';

const FUZZ_MS = 60_000;
/** No file of at most a megabyte takes as long, also on a machine that is busy. */
const SILENCE_MS = 30_000;
const fuzz = fileURLToPath(new URL('../fixtures/hostile-input/fuzz.ts', import.meta.url));

test('whatever a runbook, a project file or a journal holds is read or refused with a name and a place', {
  timeout: 180_000,
}, async (context) => {
  const count = underDamage(context, 'a minute of made-up definitions and journals', 'Input', 'Journal 2', 'Journal 3');
  const folder = mkdtempSync(join(tmpdir(), 'hostile-fuzz-'));
  context.onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const casePath = join(folder, 'case');
  const seed = Math.floor(Math.random() * 2 ** 31);
  const child = fork(fuzz, [String(FUZZ_MS), String(seed), casePath], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  let cases = 0;
  let isHanging = false;
  const hang = () => {
    isHanging = true;
    child.kill('SIGKILL');
  };
  let patience = setTimeout(hang, SILENCE_MS);
  child.stderr?.on('data', (data) => {
    said = `${said}${String(data)}`.slice(-4000);
  });
  child.on('message', (message) => {
    clearTimeout(patience);
    patience = setTimeout(hang, SILENCE_MS);
    if (typeof message === 'number') cases = message;
  });
  const status = await new Promise((resolve) => child.on('exit', (code, signal) => resolve(code ?? signal)));
  clearTimeout(patience);
  const shown = status === 0 ? '' : readFileSync(casePath, 'utf8').slice(0, 2000);
  expect(isHanging, `seed ${seed}: it never ends on\n${shown}`).toBe(false);
  expect(status, `seed ${seed}\n${said}\nthe case:\n${shown}`).toBe(0);
  process.stdout.write(`fuzzed ${cases} inputs, seed ${seed}\n`);
  for (let one = 0; one < cases; one += 1) {
    count.tried();
    count.held();
  }
});

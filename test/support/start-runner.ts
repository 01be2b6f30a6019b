import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptResult, AttemptSpec, StartedRecord } from '../../src/runner/spec.ts';
import { runnerEntry } from './attempt.ts';
import { waitFor } from './wait-for.ts';

export type StartedRunner = {
  readonly folder: string;
  readonly process: ChildProcess;
  readonly has: (file: string) => boolean;
  /** What it printed itself; a runner that comes to its result prints nothing. */
  readonly said: () => string;
  /** Sends a signal to the runner and not to what traces it. */
  readonly kill: (signal: NodeJS.Signals) => void;
  readonly result: () => Promise<AttemptResult>;
};

/**
 * Starts a runner by itself, without a screen.
 *
 * @param input.trace options of strace that make its system calls fail or wait; absent: it is not traced.
 */
export function startRunner(input: {
  readonly folder: string;
  readonly spec: AttemptSpec;
  readonly trace?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}): StartedRunner {
  const { folder, spec, trace } = input;
  mkdirSync(folder, { mode: 0o700 });
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
  const tracer = trace === undefined ? [] : ['strace', '-f', '-qq', '-o', '/dev/null', ...trace];
  const [program, ...rest] = [...tracer, ...runnerEntry, folder];
  const runner = spawn(program, rest, { stdio: 'pipe', env: { ...process.env, ...input.env } });
  let said = '';
  for (const stream of [runner.stdout, runner.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
  }
  runner.stdin.end('{}\n');
  const path = (file: string) => join(folder, file);
  return {
    folder,
    process: runner,
    has: (file) => existsSync(path(file)),
    said: () => said,
    kill(signal) {
      const started = JSON.parse(readFileSync(path('started.json'), 'utf8')) as StartedRecord;
      if (started.kind === 'started') process.kill(started.runner.pid, signal);
    },
    async result() {
      await waitFor(() => existsSync(path('result.json')) || runner.exitCode !== null || runner.signalCode !== null, {
        withinMs: 60_000,
        what: `the result in ${folder}`,
      });
      if (!existsSync(path('result.json'))) throw new Error(`the runner ended without a result: ${said}`);
      return JSON.parse(readFileSync(path('result.json'), 'utf8')) as AttemptResult;
    },
  };
}

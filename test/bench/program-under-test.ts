import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../support/wait-for.ts';
import { type PtySession, startOnPty } from './pty-session.ts';

const bin = fileURLToPath(new URL('../../src/bin/runbook.cjs', import.meta.url));
const definitions = {
  terminal: fileURLToPath(new URL('job.yaml', import.meta.url)),
  pipes: fileURLToPath(new URL('job-on-pipes.yaml', import.meta.url)),
  watched: fileURLToPath(new URL('watched.yaml', import.meta.url)),
};

/** The built program in a pseudo-terminal, with data folder and run of its own. */
export type ProgramUnderTest = {
  readonly session: PtySession;
  /** Runs on until the job runs, and selects it. */
  readonly startJob: () => Promise<void>;
  /** How long the job took and how much of its output is on the disk, once it has ended. */
  readonly jobEnd: (withinMs: number) => Promise<{ readonly durationMs: number; readonly bytesOnDisk: number }>;
  /** Bytes of the job's output on the disk by now. */
  readonly bytesOnDisk: () => number;
  /** Ends the screen and every runner, and removes what was written. */
  readonly dispose: () => Promise<void>;
};

export function startProgram(
  input: {
    readonly job?: string;
    readonly on?: keyof typeof definitions;
    readonly variables?: Readonly<Record<string, string>>;
  } = {},
): ProgramUnderTest {
  const { job = 'sleep 600', on = 'terminal', variables = {} } = input;
  const flags = Object.entries({ JOB: job, ...variables }).flatMap(([name, value]) => ['--var', `${name}=${value}`]);
  const home = mkdtempSync('/tmp/runbook-bench-');
  const { CI: _, NO_COLOR: __, ...environment } = process.env;
  const session = startOnPty([process.execPath, bin, definitions[on], ...flags], {
    cwd: home,
    env: { ...environment, RUNBOOK_HOME: home, COLORTERM: 'truecolor' },
  });
  const attempts = () => foldersOf(home);
  const jobFolder = () => attempts().find((folder) => textIn(folder, 'spec.json').includes('"title":"The job"'));
  const bytesOnDisk = () => {
    const folder = jobFolder();
    if (folder === undefined) return 0;
    const logs = readdirSync(folder).filter((name) => name.startsWith('output'));
    return logs.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  };
  return {
    session,
    startJob: async () => {
      await session.answer('', (text) => text.includes('╭'));
      session.write('a');
      await waitFor(() => textIn(jobFolder(), 'command.json') !== '', { withinMs: 15_000, what: 'the job runs' });
    },
    jobEnd: async (withinMs) => {
      const result = await waitFor(() => textIn(jobFolder(), 'result.json'), { withinMs, what: 'the job ended' });
      const { durationMs } = JSON.parse(result) as { readonly durationMs: number };
      return { durationMs, bytesOnDisk: bytesOnDisk() };
    },
    bytesOnDisk,
    dispose: async () => {
      await session.end();
      for (const folder of attempts()) await endRunner(folder);
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function foldersOf(home: string): readonly string[] {
  try {
    return readdirSync(home, { recursive: true, encoding: 'utf8' })
      .filter((path) => /attempts\/[^/]+$/.test(path))
      .map((path) => join(home, path));
  } catch {
    return [];
  }
}

function textIn(folder: string | undefined, name: string): string {
  if (folder === undefined) return '';
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch {
    return '';
  }
}

/** A runner that is told to end ends its command first. */
async function endRunner(folder: string): Promise<void> {
  const started = textIn(folder, 'started.json');
  if (started === '' || textIn(folder, 'result.json') !== '') return;
  const { runner } = JSON.parse(started) as { readonly runner?: { readonly pid: number } };
  if (runner === undefined || !isAlive(runner.pid)) return;
  process.kill(runner.pid, 'SIGTERM');
  await waitFor(() => !isAlive(runner.pid), { withinMs: 15_000, what: `runner ${runner.pid} ended` });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

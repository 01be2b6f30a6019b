import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRunners } from '../../src/adapters/runner-process.ts';
import type { AttemptReport, Runners } from '../../src/engine/ports.ts';
import type { AttemptResult, AttemptSpec, RunnerSecrets, Work } from '../../src/runner/spec.ts';
import { waitFor } from './wait-for.ts';

/** The runner as it is started in tests: from its source, by the Node that runs the tests. */
export const runnerEntry = [process.execPath, fileURLToPath(new URL('../../src/runner/main.ts', import.meta.url))];

/** A tiny executable of `test/fixtures`. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

export type AttemptLab = {
  readonly root: string;
  readonly runners: Runners;
  /** A spec of the lab, with what is to be different. */
  readonly spec: (work: Work, changes?: Partial<AttemptSpec>) => AttemptSpec;
  readonly folder: (name?: string) => string;
  /** Starts an attempt and collects what is reported. */
  readonly start: (spec: AttemptSpec, secrets?: RunnerSecrets, folder?: string) => Promise<Followed>;
  readonly follow: (folder: string, runners?: Runners) => Promise<Followed>;
  readonly dispose: () => Promise<void>;
};

export type Followed = {
  readonly folder: string;
  readonly reports: readonly AttemptReport[];
  readonly until: <Type extends AttemptReport['type']>(type: Type) => Promise<Extract<AttemptReport, { type: Type }>>;
  readonly result: () => Promise<AttemptResult>;
  readonly output: () => string;
};

/** A folder of its own below /tmp (a socket's path has to be short) with runners that execute real processes. */
export function attemptLab(): AttemptLab {
  const root = mkdtempSync('/tmp/rb-');
  chmodSync(root, 0o700);
  const runners = createRunners({ runnerEntry, environment: process.env });
  const started: Followed[] = [];
  let count = 0;
  const folder = (name?: string) => join(root, name ?? `attempt-${++count}`);
  const followed = (where: string, reports: AttemptReport[]): Followed => {
    const until: Followed['until'] = (type) =>
      waitFor(() => reports.find((report) => report.type === type) as never, {
        withinMs: 30_000,
        what: `report ${type}, there are ${JSON.stringify(reports)}`,
      });
    const value: Followed = {
      folder: where,
      reports,
      until,
      result: async () => (await until('ended')).result,
      output: () => readFileSync(join(where, 'output.log'), 'utf8'),
    };
    started.push(value);
    return value;
  };
  return {
    root,
    runners,
    folder,
    spec: (work, changes = {}) => ({
      version: 1,
      runId: 'run',
      attempt: 1,
      title: 'test',
      work,
      cwd: root,
      env: {},
      secretNames: [],
      expect: { exit: [0] },
      capture: false,
      // What a signal ends needs its time on a busy machine; only what does not end is ever waited for so long.
      graceMs: 5_000,
      columns: 80,
      rows: 24,
      socketPath: join(root, 's', `${++count}`),
      outputCapBytes: 64 * 1024 * 1024,
      ...changes,
    }),
    async start(spec, secrets = {}, where = folder()) {
      const reports: AttemptReport[] = [];
      await runners.start({ folder: where, spec, secrets, report: (report) => reports.push(report) });
      return followed(where, reports);
    },
    async follow(where, by = runners) {
      const reports: AttemptReport[] = [];
      await by.attach(where, (report) => reports.push(report));
      return followed(where, reports);
    },
    async dispose() {
      for (const { folder: where, reports } of started) {
        if (!reports.some(({ type }) => type === 'ended' || type === 'lost' || type === 'did not start')) {
          await runners.stop(where);
        }
      }
      await runners.detach();
      rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** Everything that is written in a folder and its folders, as one text. */
export function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

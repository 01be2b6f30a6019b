import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import type { AttemptReport, Runners } from '../engine/ports.ts';
import { lastLines } from '../live/last-lines.ts';
import { maskText } from '../live/mask.ts';
import { secretForms } from '../live/secret-forms.ts';
import type { AttemptSpec, RunnerSecrets } from '../runner/spec.ts';
import { attemptFile, readingOf } from './attempt-files.ts';
import { type AttemptWatcher, STOPPED_BEFORE, watchAttempt } from './attempt-watcher.ts';
import { makePrivateFolder, writeDurable } from './durable-file.ts';
import { examineAttempt, lost } from './examine-attempt.ts';
import { lookAtAttempt } from './look-at-attempt.ts';
import { terminateRunner } from './runner-by-files.ts';

export type RunnersInput = {
  /** Program and first arguments of a runner, absolute: the attempt's folder follows (`[node, dist/runner.js]`). */
  readonly runnerEntry: readonly string[];
  /** What runners and their commands inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/** Not even what is left of the attempt can be looked at. */
const UNSEEN = { kind: 'lost', why: 'files damaged', command: 'unknown' } as const;

type Report = (report: AttemptReport) => void;

/** Executes attempts in detached processes that outlive this one; folders are what attempts are known by. */
export function createRunners({ runnerEntry, environment }: RunnersInput): Runners {
  const watchers = new Map<string, AttemptWatcher>();
  /** Attempts whose files are being written: nobody follows them yet. Aborted: they were asked to stop meanwhile. */
  const starting = new Map<string, AbortController>();
  const watch = (folder: string, spec: AttemptSpec, report: Report, exited?: Promise<string>) => {
    void watchers.get(folder)?.release();
    const watcher = watchAttempt({
      folder,
      spec,
      report,
      over: () => {
        if (watchers.get(folder) === watcher) watchers.delete(folder);
      },
      ...(exited === undefined ? {} : { exited }),
    });
    watchers.set(folder, watcher);
  };

  return {
    async start({ folder, spec, secrets, report }) {
      const stop = new AbortController();
      starting.set(folder, stop);
      try {
        await makePrivateFolder(folder);
        await writeDurable(join(folder, attemptFile.spec), JSON.stringify(spec));
      } catch (error) {
        report({ type: 'did not start', message: error instanceof Error ? error.message : String(error) });
        return;
      } finally {
        starting.delete(folder);
      }
      // No runner was begun: there is nothing whose start would have to be withdrawn.
      if (stop.signal.aborted) return report({ type: 'did not start', message: STOPPED_BEFORE });
      watch(folder, spec, report, spawnRunner({ runnerEntry, environment, folder, secrets, spec }));
    },
    prepare: makePrivateFolder,
    examine: examineAttempt,
    look: lookAtAttempt,
    async attach(folder, report) {
      const spec = await readingOf(folder, 'spec').catch(() => undefined);
      if (spec?.kind === 'read') watch(folder, spec.value, report);
      else report({ type: 'lost', evidence: await lost(folder, undefined, 'files damaged').catch(() => UNSEEN) });
    },
    async stop(folder) {
      const start = starting.get(folder);
      if (start !== undefined) return start.abort();
      const watcher = watchers.get(folder);
      await (watcher === undefined ? terminateRunner(folder) : watcher.stop());
    },
    input(folder, data) {
      watchers.get(folder)?.send({ type: 'input', data: Buffer.from(data).toString('base64') });
    },
    resize(folder, columns, rows) {
      watchers.get(folder)?.send({ type: 'resize', columns, rows }, 'kept');
    },
    stream: (folder, receive) => watchers.get(folder)?.stream(receive) ?? (() => undefined),
    async detach() {
      const released = [...watchers.values()].map((watcher) => watcher.release());
      watchers.clear();
      await Promise.all(released);
    },
  };
}

type Spawn = RunnersInput & { readonly folder: string; readonly secrets: RunnerSecrets; readonly spec: AttemptSpec };

/** Starts a runner; resolves when it has exited, with what it had to say. Its complaints go to a file: this may die first. */
async function spawnRunner({ runnerEntry, environment, folder, secrets, spec }: Spawn): Promise<string> {
  const logPath = join(folder, attemptFile.runnerLog);
  let failure = '';
  let told = '';
  try {
    const log = openSync(logPath, 'a', 0o600);
    const runner = execa(runnerEntry[0] ?? '', [...runnerEntry.slice(1), folder], {
      cwd: '/',
      env: environment,
      extendEnv: false,
      detached: true,
      cleanup: false,
      reject: false,
      buffer: { stdout: true, stderr: false },
      stdin: 'pipe',
      stdout: 'pipe',
      // Any descriptor is handed on as it is; the type knows the single-digit ones only.
      stderr: log as 3,
    });
    closeSync(log);
    const child = runner.nodeChildProcess;
    child.unref();
    if (child.stdout !== null && 'unref' in child.stdout) (child.stdout as Socket).unref();
    // A runner that dies before it reads is told of by its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(`${JSON.stringify(secrets)}\n`);
    const end = await runner;
    told = String(end.stdout ?? '');
    if (end.failed) failure = end.shortMessage ?? '';
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const said = lastLines((await readFile(logPath, 'utf8').catch(() => '')) || told, 5).join(' · ');
  return maskText(said === '' ? failure : said, secretForms(secrets, spec.encodedSecrets));
}

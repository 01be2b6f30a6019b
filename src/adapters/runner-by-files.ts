import type { AttemptReport } from '../engine/ports.ts';
import type { ProcessIdentity, StartedRecord } from '../runner/spec.ts';
import { readingOf } from './attempt-files.ts';
import { hasCode } from './durable-file.ts';
import { readStarted } from './examine-attempt.ts';
import { isAlive } from './process-identity.ts';

const UNREACHED = "can't be reached by its control socket; it is followed by its files alone";

type ByFiles = { readonly runner: ProcessIdentity; readonly reports: readonly AttemptReport[] };

/** What a runner that can't be reached has written down of what it would tell, in its order; undefined: no start of it. */
export async function reportedByFiles(folder: string): Promise<ByFiles | undefined> {
  const started = await startedOf(folder);
  if (started === undefined) return undefined;
  const { at, runner } = started;
  const ready = await readingOf(folder, 'ready');
  return {
    runner,
    reports: [
      { type: 'started', at },
      ...(ready.kind === 'read' ? [{ type: 'ready', at: ready.value.at } as const] : []),
      { type: 'trouble', text: UNREACHED },
    ],
  };
}

/**
 * Asks a runner whose socket can't be reached to stop its attempt; without effect if the very process isn't there.
 *
 * @param known who is known to be the runner from before; absent: only the attempt's files can say who it is.
 */
export async function terminateRunner(folder: string, known?: ProcessIdentity): Promise<void> {
  const runner = known ?? (await startedOf(folder))?.runner;
  if (runner === undefined || !(await isAlive(runner))) return;
  try {
    process.kill(runner.pid, 'SIGTERM');
  } catch (error) {
    // It has ended since it was looked for.
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

/** What says that an attempt was started, by whom and when; undefined: nothing that can be read says so. */
export async function startedOf(folder: string): Promise<Extract<StartedRecord, { kind: 'started' }> | undefined> {
  const started = await readStarted(folder);
  return started.kind === 'read' && started.value.kind === 'started' ? started.value : undefined;
}

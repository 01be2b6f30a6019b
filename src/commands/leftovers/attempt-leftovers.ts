import { join } from 'node:path';
import { readAttemptFile } from '../../adapters/attempt-files.ts';
import { examineStarted, readStarted, resultOf } from '../../adapters/examine-attempt.ts';
import { isPidFree, livenessOf } from '../../adapters/process-identity.ts';
import type { RunFolder } from '../../adapters/run-folders.ts';
import { readRun } from '../../read-run.ts';
import { attemptFolderName, attemptName } from '../../run/plan.ts';
import { isManual, runningAttempts } from '../../run/select.ts';
import { type Leftover, timeText } from './leftover.ts';
import type { RunInView } from './run-in-view.ts';
import { runnerState } from './runner-state.ts';

/** Attempts whose runner died: how they ended, and what of them goes on, is a person's to decide. Told only. */
export async function attemptLeftovers({ folder, attempts }: RunInView): Promise<readonly Leftover[]> {
  const lost = await Promise.all(
    attempts.map(async (attempt) => {
      const isLost = (await runnerState(attempt)) === 'proven dead' && (await resultOf(attempt)) === undefined;
      return isLost ? [attempt] : [];
    }),
  );
  // The journal is read only where it is asked for something: of most runs nothing is.
  const isAnyLost = lost.flat().length > 0;
  const inFlight = isAnyLost ? await attemptsInFlight(folder) : new Set<string>();
  const found = await Promise.all(lost.flat().map((attempt) => withoutRunner(attempt, inFlight.has(attempt))));
  return found.flat();
}

/** Folders of attempts whose end is not in the journal yet. */
async function attemptsInFlight(folder: RunFolder): Promise<ReadonlySet<string>> {
  // A run that can't be read is told of by what opens it.
  const run = await readRun(folder).then(
    (read) => read.run,
    () => undefined,
  );
  if (run === undefined) return new Set();
  const attempts = runningAttempts(run).filter((attempt) => !isManual(run, attempt));
  return new Set(
    attempts.map(({ number, purpose }) => join(folder.path, attemptFolderName(number, attemptName(purpose)))),
  );
}

async function withoutRunner(path: string, isInFlight: boolean): Promise<readonly Leftover[]> {
  const reading = await readStarted(path);
  if (reading.kind !== 'read' || reading.value.kind !== 'started') return [];
  const started = reading.value;
  const evidence = await examineStarted(path, started);
  if (evidence.kind !== 'lost') return [];
  const since = `begun ${timeText(started.at)}`;
  const group = evidence.command === 'running' ? await groupOf(path) : undefined;
  if (group !== undefined) {
    const mend = `Open the run to decide; kill -- -${group} ends it and all it started.`;
    return [{ what: 'command without a runner', path, found: `pid ${group} goes on, ${since}`, mend }];
  }
  if (!isInFlight) return [];
  const mend = 'Open the run: it asks what to do.';
  return [{ what: 'attempt without an end', path, found: `${evidence.why}; ${since}`, mend }];
}

/** The group of a command, where it is certainly that: a pid that somebody else has now names somebody else's group. */
async function groupOf(attempt: string): Promise<number | undefined> {
  const command = await readAttemptFile(attempt, 'command').catch(() => undefined);
  if (command === undefined || !(command.process.pid > 1)) return undefined;
  const { pid } = command.process;
  const isItsOwn = (await livenessOf(command.process)) === 'alive' || (await isPidFree(pid));
  return isItsOwn ? pid : undefined;
}

import { access, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readAttemptFile } from '../../adapters/attempt-files.ts';
import { examineStarted, readStarted, resultOf } from '../../adapters/examine-attempt.ts';
import { livenessOf } from '../../adapters/process-identity.ts';
import type { RunFolder } from '../../adapters/run-folders.ts';
import { readRun } from '../../read-run.ts';
import { attemptFolderName, attemptName } from '../../run/plan.ts';
import { isManual, runningAttempts } from '../../run/select.ts';
import { readEditJournal } from '../../runner/edit-journal.ts';
import { type Leftover, timeText } from './leftover.ts';

/** What is left of a run's attempts: commands and endings are a person's to decide, only a temporary file is not. */
export async function attemptLeftovers(folder: RunFolder, attempts: readonly string[]): Promise<readonly Leftover[]> {
  const inFlight = await attemptsInFlight(folder);
  const found = await Promise.all(
    attempts.map(async (attempt) => [
      ...(await withoutRunner(attempt, inFlight.has(attempt))),
      ...(await editTemporary(attempt)),
    ]),
  );
  return found.flat();
}

/** Whether a runner may still be at work in an attempt's folder; one of another machine can't be seen from here. */
export async function hasRunner(attempt: string): Promise<boolean> {
  if ((await resultOf(attempt)) !== undefined) return false;
  const started = await readStarted(attempt);
  if (started?.kind !== 'started') return false;
  const liveness = await livenessOf(started.runner);
  return liveness === 'alive' || liveness === 'other host';
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
  const started = await readStarted(path);
  if (started?.kind !== 'started' || (await resultOf(path)) !== undefined || (await hasRunner(path))) return [];
  const evidence = await examineStarted(path, started);
  if (evidence.kind !== 'lost') return [];
  const since = `begun ${timeText(started.at)}`;
  if (evidence.command === 'running') {
    const pid = (await readAttemptFile(path, 'command'))?.process.pid ?? 0;
    const mend = `Open the run to decide; kill -- -${pid} ends it and all it started.`;
    return [{ what: 'command without a runner', path, found: `pid ${pid} goes on, ${since}`, mend }];
  }
  if (!isInFlight) return [];
  return [
    {
      what: 'attempt without an end',
      path,
      found: `${evidence.why}; ${since}`,
      mend: 'Open the run: it asks what to do.',
    },
  ];
}

/** The temporary file beside a file whose edit was cut off. */
async function editTemporary(attempt: string): Promise<readonly Leftover[]> {
  const temporary = await temporaryOf(attempt);
  if (temporary === undefined || (await hasRunner(attempt))) return [];
  return [
    {
      what: 'unfinished file',
      path: temporary,
      found: 'an edit was cut off; the file beside it is whole',
      remove: async () => {
        if ((await temporaryOf(attempt)) === undefined || (await hasRunner(attempt))) return false;
        await unlink(temporary);
        return true;
      },
    },
  ];
}

async function temporaryOf(attempt: string): Promise<string | undefined> {
  const journal = await readEditJournal(attempt).catch(() => undefined);
  if (journal === undefined) return undefined;
  const { temporary, target } = journal;
  // Only what an edit names so is removed, whatever stands in the file.
  const prefix = `.${basename(target)}.`;
  const isOurs = dirname(temporary) === dirname(target) && basename(temporary).startsWith(prefix);
  if (!isOurs || !/^[0-9a-f]{8}\.tmp$/.test(basename(temporary).slice(prefix.length))) return undefined;
  return access(temporary).then(
    () => temporary,
    () => undefined,
  );
}

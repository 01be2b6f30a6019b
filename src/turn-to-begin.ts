import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { makePrivateFolder } from './adapters/durable-file.ts';
import { beginLock, type RunFolder } from './adapters/run-folders.ts';
import { type Holder, type Lock, takeLock, whereIs } from './adapters/run-lock.ts';
import { OpenRunError } from './read-run.ts';
import type { Surroundings } from './surroundings.ts';

/** Beginning a run takes a moment; who takes longer hangs, or is on a machine that nobody sees from here. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** Either the one who may begin a run now, or the run that somebody else has begun meanwhile. */
export type TurnToBegin = { readonly lock: Lock } | { readonly begun: RunFolder };

/**
 * Of all that would begin a run of a runbook at the same moment one gets its turn: each would make a folder and a lock of
 * its own, and the change would be carried out twice.
 *
 * @param find the run to open instead, if there is one; asked again once it is one's turn.
 * @throws {OpenRunError} if somebody else has it and does not begin; the system's error if nothing can be written.
 */
export async function turnToBegin(
  runbookId: string,
  { dataDir, by, clock }: Pick<Surroundings, 'dataDir' | 'by' | 'clock'>,
  find: () => Promise<RunFolder | undefined>,
): Promise<TurnToBegin> {
  const path = beginLock(dataDir, runbookId);
  await makePrivateFolder(dirname(path));
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const taken = await takeLock(path, by, clock.now());
    const begun = await find();
    if (begun !== undefined) {
      if (taken.kind === 'held') await taken.lock.release();
      return { begun };
    }
    if (taken.kind === 'held') return { lock: taken.lock };
    if (performance.now() >= deadline) {
      throw new OpenRunError(
        `${nameOf(taken.holder)} is beginning a run of ${runbookId} and does not come to it. ${await mendOf(taken.holder, path)}`,
      );
    }
    await wait(PAUSE_MS);
  }
}

function nameOf(holder: Holder): string {
  return holder === 'unreadable' ? 'Somebody' : `${holder.by} (pid ${holder.pid} on ${holder.host})`;
}

/** The lock of a process that is there is not taken from under it: held up by its disk, it would begin all the same. */
async function mendOf(holder: Holder, path: string): Promise<string> {
  return (await whereIs(holder)) === 'alive'
    ? 'Ask first, or end that process: its turn ends with it.'
    : `Ask first; if nobody does, remove ${path}.`;
}

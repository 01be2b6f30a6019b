import { lstat, readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readAttemptFile } from '../../adapters/attempt-files.ts';
import { resultOf } from '../../adapters/examine-attempt.ts';
import { readEditJournal } from '../../runner/edit-journal.ts';
import type { Leftover } from './leftover.ts';
import { runnerState } from './runner-state.ts';
import { isOfLongAgo } from './unfinished-files.ts';

/** What a cut-off edit, or a cut-off restoring of one, left beside the edited file. */
export async function editLeftovers(attempt: string): Promise<readonly Leftover[]> {
  return [...(await ofEdit(attempt)), ...(await ofRestore(attempt))];
}

/** The temporary file of an edit; its name was written down before it was made. */
async function ofEdit(attempt: string): Promise<readonly Leftover[]> {
  const temporary = await temporaryOf(attempt);
  if (temporary === undefined) return [];
  return [
    {
      what: 'unfinished edit',
      path: temporary,
      found: 'an edit was cut off before it changed the file beside it',
      remove: async () => {
        if ((await temporaryOf(attempt)) !== temporary) return false;
        await unlink(temporary);
        return true;
      },
    },
  ];
}

async function temporaryOf(attempt: string): Promise<string | undefined> {
  if ((await runnerState(attempt)) !== 'proven dead') return undefined;
  const journal = await readEditJournal(attempt).catch(() => undefined);
  if (typeof journal?.temporary !== 'string' || typeof journal.target !== 'string') return undefined;
  const { temporary, target } = journal;
  // Only what an edit names so is removed, whatever stands in the record.
  const prefix = `.${basename(target)}.`;
  const isOurs = dirname(temporary) === dirname(target) && basename(temporary).startsWith(prefix);
  if (!isOurs || !/^[0-9a-f]{8}\.tmp$/.test(basename(temporary).slice(prefix.length))) return undefined;
  const found = await lstat(temporary).catch(() => undefined);
  return found?.isFile() === true ? temporary : undefined;
}

/** The name of such a file is written down nowhere: told only. */
async function ofRestore(attempt: string): Promise<readonly Leftover[]> {
  const spec = await readAttemptFile(attempt, 'spec').catch(() => undefined);
  if (spec?.work.kind !== 'restore' || (await resultOf(attempt)) !== undefined) return [];
  if ((await runnerState(attempt)) !== 'proven dead') return [];
  const edits = [spec.work, ...(spec.work.earlier ?? [])];
  const journals = await Promise.all(edits.map(({ editFolder }) => readEditJournal(editFolder).catch(() => undefined)));
  const targets = journals.flatMap((one) => (typeof one?.target === 'string' ? [one.target] : []));
  const oneOfFolder = new Map(targets.map((target) => [dirname(target), target]));
  return (await Promise.all([...oneOfFolder.values()].map(besideTarget))).flat();
}

async function besideTarget(target: string): Promise<readonly Leftover[]> {
  const folder = dirname(target);
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) =>
    /^\.restore\.[0-9a-f]{8}\.tmp$/.test(name),
  );
  const paths = names.map((name) => join(folder, name));
  const old = await Promise.all(paths.map(async (path) => ((await isOfLongAgo(path)) ? [path] : [])));
  return old.flat().map((path) => ({
    what: 'unfinished restoring',
    path,
    found: `perhaps of ${target}, whose restoring was cut off`,
    mend: 'Remove it if no run is putting a file back in this folder.',
  }));
}

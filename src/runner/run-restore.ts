import { readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type EditJournal,
  type NextToRestore,
  nextToRestore,
  readEditJournal,
  readIfThere,
  sha256,
} from './edit-journal.ts';
import { diffLines } from './edit-messages.ts';
import { replaceFile } from './replace-file.ts';
import type { EditToRestore, Ending, Work } from './spec.ts';
import { endWithoutChild, type WorkContext, type WorkEnd } from './work.ts';

type Restore = { readonly file: string } & EditToRestore;

/**
 * Puts an edited file back to its bytes and mode before the edit, unless it was changed since: what the last attempt of the
 * edit wrote first. May be run again.
 */
export async function runRestore(
  { file, earlier = [], ...last }: Extract<Work, { kind: 'restore' }>,
  context: WorkContext,
): Promise<WorkEnd> {
  let ending: Ending;
  try {
    ending = await restoreAll(file, [last, ...earlier], context);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    ending = { kind: 'not met', found: `${file}: ${error.message}` };
  }
  if (ending.kind === 'not met' || ending.kind === 'done') context.output.line(ending.found);
  return endWithoutChild(ending);
}

async function restoreAll(file: string, edits: readonly EditToRestore[], context: WorkContext): Promise<Ending> {
  let hasWritten = false;
  for (const { editFolder } of edits) {
    const journal = await readEditJournal(editFolder).catch(() => undefined);
    // Left beside the file by an edit that was cut off before its rename.
    if (journal !== undefined) await unlink(journal.temporary).catch(() => undefined);
    hasWritten ||= journal !== undefined;
  }
  for (let next = await nextToRestore(edits); next !== undefined; next = await nextToRestore(edits)) {
    const ending = await restore(next.target ?? file, next, context);
    if (ending.kind !== 'done') return ending;
  }
  return { kind: 'done', found: `${file} ${hasWritten ? 'is as it was before' : 'was never changed by'} the edit` };
}

/** Takes back what one attempt wrote. */
async function restore(file: string, { edit, state }: NextToRestore, context: WorkContext): Promise<Ending> {
  const { editFolder } = edit;
  const lost = `what the edit did is not to be read any more in ${editFolder}; put ${file} back by hand and mark this done`;
  const journal = state === 'record lost' ? undefined : await readEditJournal(editFolder);
  if (journal === undefined) return { kind: 'not met', found: lost };
  const work = { file, ...edit };
  const backup = backupOf(work, journal);
  switch (state) {
    case 'never changed':
    case 'as before the edit':
      return { kind: 'done', found: `${file} is as it was before the edit` };
    case 'record lost':
      return { kind: 'not met', found: lost };
    case 'missing':
      return { kind: 'not met', found: `${file} is gone; its text before the edit is in ${backup}` };
    case 'changed since':
      await showDifference(work, journal, context);
      return {
        kind: 'not met',
        found: `${file} was changed since the edit and is left alone; its text before the edit is in ${backup}`,
      };
    case 'backup lost':
      return { kind: 'not met', found: `the backup ${backup} is missing or damaged; ${file} is left alone` };
    case 'as we left it':
      return putBack(work, journal, context);
    default:
      return state satisfies never;
  }
}

/** From what is there now to the text before the edit. */
async function showDifference(work: Restore, journal: EditJournal, context: WorkContext): Promise<void> {
  const backup = await readIfThere(backupOf(work, journal));
  const current = await readIfThere(journal.target);
  if (backup === undefined || current === undefined) return;
  for (const line of await diffLines(work.file, current.toString(), backup.toString())) context.output.line(line);
}

async function putBack(work: Restore, journal: EditJournal, context: WorkContext): Promise<Ending> {
  const backup = await readIfThere(backupOf(work, journal));
  if (backup === undefined || sha256(backup) !== journal.beforeSha256) {
    return {
      kind: 'not met',
      found: `the backup ${backupOf(work, journal)} is missing or damaged; ${work.file} is left alone`,
    };
  }
  await showDifference(work, journal, context);
  const isWritten = await replaceFile({
    path: journal.target,
    bytes: backup,
    mode: journal.mode,
    owner: await stat(journal.target),
    // A name that is written down: what a restore that was cut off leaves there, the next one finds.
    temporary: journal.temporary,
    isStillWanted: async () => sha256(await readFile(journal.target)) === journal.afterSha256,
  });
  return isWritten
    ? { kind: 'done', found: `${work.file} is as it was before the edit` }
    : { kind: 'not met', found: `${work.file} was changed by somebody else while it was being put back` };
}

function backupOf(work: Restore, journal: EditJournal): string {
  return join(work.editFolder, journal.backup);
}

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import { hasCode } from '../adapters/durable-file.ts';
import type { EditRecord, EditToRestore } from './spec.ts';

/** `edit.json`: on the disk before the file is changed, so that an edit that was cut off can be judged and taken back. */
export type EditJournal = EditRecord & {
  /** The file the change was made in: `file` with its links followed. */
  readonly target: string;
  /** Permission bits before the edit. */
  readonly mode: number;
  /** The temporary file beside the target; left there only by an edit that was cut off. */
  readonly temporary: string;
};

/** What has become of a file that was edited. */
export type EditState =
  /** The edit did not come as far as to change anything. */
  | 'never changed'
  | 'as we left it'
  | 'as before the edit'
  | 'changed since'
  | 'missing'
  /** What it did was written down, and that is gone or unreadable. */
  | 'record lost'
  /** As we left it, but the text before is gone or damaged. */
  | 'backup lost';

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Reads what an edit attempt was about to do; undefined if it did not come that far. */
export async function readEditJournal(folder: string): Promise<EditJournal | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, attemptFile.edit), 'utf8')) as EditJournal;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Reads a file; undefined if it isn't there. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/**
 * Compares an edited file with what was recorded when it was edited; changes nothing.
 *
 * @param wasWritten the edit's own result says that it wrote.
 * @throws the system's error if the file is there and can't be read.
 */
export async function editState(folder: string, wasWritten: boolean): Promise<EditState> {
  const journal = await readEditJournal(folder).catch((error: unknown) => {
    if (error instanceof SyntaxError) return 'damaged' as const;
    throw error;
  });
  if (journal === 'damaged') return 'record lost';
  // An edit that has begun has a folder: without one nobody can tell how far it came.
  if (journal === undefined) return wasWritten || !existsSync(folder) ? 'record lost' : 'never changed';
  const bytes = await readIfThere(journal.target);
  if (bytes === undefined) return 'missing';
  const hash = sha256(bytes);
  if (hash === journal.beforeSha256) return 'as before the edit';
  if (hash !== journal.afterSha256) return 'changed since';
  const backup = await readIfThere(join(folder, journal.backup));
  return backup !== undefined && sha256(backup) === journal.beforeSha256 ? 'as we left it' : 'backup lost';
}

/** The attempt of an edit that has to be taken back next, and what has become of its file since. */
export type NextToRestore = {
  readonly edit: EditToRestore;
  readonly state: EditState;
  /** The file it changed; undefined: what it did can't be read any more. */
  readonly target: string | undefined;
};

/**
 * Looks which of an edit's attempts has something left in its file: not every attempt has to have changed the same one.
 *
 * @param edits the last first.
 * @returns undefined: none; all is as it was before them.
 */
export async function nextToRestore(edits: readonly EditToRestore[]): Promise<NextToRestore | undefined> {
  const seen: NextToRestore[] = [];
  for (const edit of edits) {
    const state = await editState(edit.editFolder, edit.wasWritten);
    const journal = state === 'record lost' ? undefined : await readEditJournal(edit.editFolder);
    seen.push({ edit, state, target: journal?.target });
  }
  return seen.find(({ state, target }, index) => {
    if (state === 'never changed' || state === 'as before the edit') return false;
    // To a later edit, a file that was put back further looks as if somebody had changed it.
    const isFurtherBack = seen
      .slice(index + 1)
      .some((one) => one.target === target && (one.state === 'as we left it' || one.state === 'as before the edit'));
    return state !== 'changed since' || !isFurtherBack;
  });
}

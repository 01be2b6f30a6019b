import { randomBytes } from 'node:crypto';
import { open, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attemptFile } from '../adapters/attempt-files.ts';
import { hasCode, syncFolder, writeDurable } from '../adapters/durable-file.ts';
import { type EditJournal, sha256 } from './edit-journal.ts';
import { diffLines, missText } from './edit-messages.ts';
import { fromByteText, replaceInText } from './edit-text.ts';
import { replaceFile } from './replace-file.ts';
import type { EditRecord, Work } from './spec.ts';
import { endWithoutChild, type WorkContext, type WorkEnd } from './work.ts';

type Edit = Extract<Work, { kind: 'edit' }>;
type Target = {
  readonly path: string;
  readonly bytes: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/**
 * Replaces a text in a file. Backup first, then what is about to be done (`edit.json`), then the file: each on the disk
 * before the next. A link is followed and stays a link; mode and owner stay, or nothing is changed; other names of the same
 * file (hard links) keep the old text, which is noticed.
 */
export async function runEdit(work: Edit, context: WorkContext): Promise<WorkEnd> {
  try {
    return await edit(work, context);
  } catch (error) {
    // An errno of the system: nothing was replaced, or the message says that it was.
    if (!(error instanceof Error && 'code' in error)) throw error;
    return notMet(context, `${work.file}: ${error.message}`);
  }
}

async function edit(work: Edit, context: WorkContext): Promise<WorkEnd> {
  const target = await readTarget(work.file, context);
  if (typeof target === 'string') return notMet(context, target);
  if (work.replace === '') return notMet(context, 'the text to be replaced is empty');
  const content = target.bytes.toString('latin1');
  const replaced = replaceInText(content, work);
  if (replaced.kind === 'not as expected') return notMet(context, missText(work, content, replaced));
  const bytes = Buffer.from(replaced.text, 'latin1');
  for (const line of await diffLines(work.file, fromByteText(content), fromByteText(replaced.text))) {
    context.output.line(line);
  }
  const journal = journalOf(work, target, bytes);
  await backUp(context.folder, journal.backup, target.bytes);
  await writeDurable(join(context.folder, attemptFile.edit), JSON.stringify(journal));
  const isWritten = await replaceFile({
    path: target.path,
    bytes,
    mode: target.mode,
    owner: target,
    temporary: journal.temporary,
    isStillWanted: async () => sha256(await readFile(target.path)) === journal.beforeSha256,
  });
  if (!isWritten) return notMet(context, `${work.file} was changed by somebody else while it was being edited`);
  const { file, beforeSha256, afterSha256, backup } = journal;
  const record: EditRecord = { file, beforeSha256, afterSha256, backup };
  return endWithoutChild({ kind: 'done', found: `replaced ${times(work.times)} in ${work.file}` }, record);
}

async function readTarget(file: string, context: WorkContext): Promise<Target | string> {
  let path: string;
  try {
    path = await realpath(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return `${file} does not exist`;
    throw error;
  }
  const found = await stat(path);
  if (!found.isFile()) return `${file} is no regular file`;
  if (found.nlink > 1) context.notice(`${file} has other names (hard links); they keep the old text`);
  const bytes = await readFile(path);
  if (isUtf16(bytes)) return `${file} is UTF-16; only texts whose characters are bytes or UTF-8 can be edited`;
  return { path, bytes, mode: found.mode & 0o7777, uid: found.uid, gid: found.gid };
}

function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.length < 2 ? 0 : bytes.readUInt16BE(0);
  return mark === 0xfeff || mark === 0xfffe;
}

function journalOf(work: Edit, target: Target, after: Buffer): EditJournal {
  const name = basename(target.path);
  return {
    file: work.file,
    beforeSha256: sha256(target.bytes),
    afterSha256: sha256(after),
    backup: `before-${name}`,
    target: target.path,
    mode: target.mode,
    temporary: join(dirname(target.path), `.${name}.${randomBytes(4).toString('hex')}.tmp`),
  };
}

/** Made once: a second edit in the same folder would back up what the first one left. */
async function backUp(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const file = await open(join(folder, name), 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(folder);
}

function notMet(context: WorkContext, found: string): WorkEnd {
  for (const line of found.split('\n')) context.output.line(line);
  return endWithoutChild({ kind: 'not met', found });
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

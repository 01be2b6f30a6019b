import { lstat, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isPidFree } from '../../adapters/process-identity.ts';
import type { Leftover } from './leftover.ts';

/** A name tells only the pid of its writer, which another machine on the same disk has its own of. */
const WRITTEN_WITHIN_MS = 60_000;

/** Files that are there only while they are being written, named in full, with the pid of their writer. */
const ofRun = /^(?:lock(?:\.[0-9a-f]{16})?|runbook(?:-[0-9a-f]{12})?\.yaml)\.(\d+)-[0-9a-f]{8}\.tmp$/;
const ofUsage = /^usage\.ndjson\.(\d+)\.tmp$/;
const ofAttempt = /^(?:spec|started|command|ready|edit)\.json\.(\d+)-[0-9a-f]{8}\.tmp$/;
const ofDoctor = /^\.doctor-(\d+)-[0-9a-f]{8}\.tmp$/;
const ofLastCopy = /^(?:journal\.ndjson\.\d+|result\.json\.\d+-[0-9a-f]{8})\.tmp$/;

/** The names that files may have in a folder of a kind while they are written. */
export const unfinishedIn = { run: [ofRun, ofUsage], attempt: [ofAttempt], 'looked at': [ofDoctor] } as const;

/**
 * Files that were being written in a folder when their writer died.
 *
 * @param mayRemove asked again before each is removed; absent: nobody else has a say.
 */
export async function unfinishedFiles(
  path: string,
  kind: keyof typeof unfinishedIn,
  mayRemove: () => Promise<boolean> = async () => true,
): Promise<readonly Leftover[]> {
  const names = await readdir(path).catch((): string[] => []);
  const found = await Promise.all(names.map(async (name) => ((await isUnfinished(path, name, kind)) ? [name] : [])));
  return found.flat().map((name) => ({
    what: 'unfinished file',
    path: join(path, name),
    found: 'its writer is gone',
    remove: async () => {
      if (!(await mayRemove()) || !(await isUnfinished(path, name, kind))) return false;
      await unlink(join(path, name));
      return true;
    },
  }));
}

/** A complete journal or result that was not put in its place yet may be the only one there is. */
export async function lastCopies(path: string): Promise<readonly Leftover[]> {
  const names = await readdir(path).catch((): string[] => []);
  const found = await Promise.all(
    names.map(async (name) => (ofLastCopy.test(name) && (await isOfLongAgo(join(path, name))) ? [name] : [])),
  );
  return found.flat().map((name) => ({
    what: 'copy not put in place',
    path: join(path, name),
    found: 'its writer was cut off; it may hold what is nowhere else',
    mend: `Compare it with ${name.replace(/\.\d+(?:-[0-9a-f]{8})?\.tmp$/, '')} beside it before you remove it.`,
  }));
}

async function isUnfinished(path: string, name: string, kind: keyof typeof unfinishedIn): Promise<boolean> {
  const writer = unfinishedIn[kind].map((pattern) => pattern.exec(name)?.[1]).find((pid) => pid !== undefined);
  return writer !== undefined && (await isOfLongAgo(join(path, name))) && isPidFree(Number(writer));
}

/** Whether it is a file that nobody has written to for a while. */
export async function isOfLongAgo(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isFile() === true && Date.now() - found.mtimeMs > WRITTEN_WITHIN_MS;
}

import { realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { harmlessLine } from '../live/harmless-text.ts';

/** Somebody else than this user and root can change what is executed from a file. */
export type Opening = {
  readonly path: string;
  /** Who, as a sentence without its full stop. */
  readonly why: string;
  /** One sentence: what to do. */
  readonly mend: string;
};

type Entry = { readonly uid: number; readonly gid: number; readonly mode: number };
type Own = { readonly uid: number; readonly gid: number };

const STICKY = 0o1000;

/**
 * Whether others can change a file, or put another in its place; empty: nobody can. A file that can't be looked at is left
 * to whoever reads it.
 */
export async function openToOthers(path: string): Promise<readonly Opening[]> {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  if (uid === undefined || gid === undefined) return [];
  try {
    const file = await realpath(path);
    const folder = dirname(file);
    const [own, around] = await Promise.all([stat(file), stat(folder)]);
    const user = { uid, gid };
    // In a sticky folder only a file's owner can move it away.
    const isKept = (around.mode & STICKY) !== 0;
    return [...openingOf(file, own, user), ...(isKept ? [] : openingOf(folder, around, user))];
  } catch {
    return [];
  }
}

/** The same in one line. */
export function openingText({ path, why, mend }: Opening): string {
  return harmlessLine(`${path}: ${why}. ${mend} (what it says is executed here)`);
}

/** Why others can change a file or a folder. */
export function openingOf(path: string, { uid, gid, mode }: Entry, own: Own): readonly Opening[] {
  if (uid !== own.uid && uid !== 0) {
    const mend = 'Run a copy of your own, in a folder of your own.';
    return [{ path, why: `it belongs to another user (number ${uid})`, mend }];
  }
  if ((mode & 0o002) !== 0)
    return [{ path, why: 'every user here can change it', mend: `Close it: chmod go-w ${quoted(path)}` }];
  // A group of the user's own number is the one that is made with the user, and has nobody else in it; root's is root.
  const isPrivate = gid === 0 || (gid === own.gid && gid === own.uid);
  if ((mode & 0o020) === 0 || isPrivate) return [];
  return [
    { path, why: `everybody in its group (number ${gid}) can change it`, mend: `Close it: chmod g-w ${quoted(path)}` },
  ];
}

function quoted(path: string): string {
  return /^[\w./@%+:,-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { hasCode } from './durable-file.ts';

/** What the first and the last line of a journal say, without reading those between them. */
export type JournalEnds = {
  /** The last line says that the run was put aside; false: perhaps one before it does. */
  readonly isPutAside: boolean;
  /** Id of the run that it took the place of; absent: none, or its first line is longer than is looked at. */
  readonly after?: string;
};

const LOOKED_AT_BYTES = 16 * 1024;
const AFTER = /^[^\n]*"after":"([^"\\]+)"\},"prev":"[0-9a-f]+"\}\n/;
const PUT_ASIDE = /"type":"RunClosed"[^\n]*\n$/;

/** @throws the system's error if the file is there and can't be read; one that is not there says nothing. */
export async function readJournalEnds(path: string): Promise<JournalEnds> {
  let file: FileHandle;
  try {
    // A pipe that somebody put in its place would be waited for.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { isPutAside: false };
    throw error;
  }
  try {
    const found = await file.stat();
    if (!found.isFile()) return { isPutAside: false };
    const textAt = async (from: number) => {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(LOOKED_AT_BYTES), 0, LOOKED_AT_BYTES, from);
      return buffer.toString('utf8', 0, bytesRead);
    };
    const after = AFTER.exec(await textAt(0))?.[1];
    const isPutAside = PUT_ASIDE.test(await textAt(Math.max(0, found.size - LOOKED_AT_BYTES)));
    return { isPutAside, ...(after === undefined ? {} : { after }) };
  } finally {
    await file.close();
  }
}

import { createReadStream } from 'node:fs';
import { type KeyedBucket, parseUsageLine, usageHeader } from '../live/usage-line.ts';
import { hasCode } from './durable-file.ts';

/** What a file of measurements turned out to be. */
export type FoundUsage =
  | { readonly kind: 'missing' }
  /** Not one of ours, or of another version. */
  | { readonly kind: 'foreign' }
  /** `isTorn`: its last line was not finished. `unreadable`: other lines that say nothing. */
  | { readonly kind: 'usage'; readonly isTorn: boolean; readonly unreadable: number };

const MAX_LINE = 64 * 1024;

/**
 * Reads a file of measurements in pieces, so that a large one does not hold up the screen.
 *
 * @throws the system's error if it is there and can't be read.
 */
export async function readUsage(path: string, onBucket: (read: KeyedBucket) => void): Promise<FoundUsage> {
  let rest = '';
  let lines = 0;
  let unreadable = 0;
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
      const parts = `${rest}${String(chunk)}`.split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) {
        if (lines++ === 0 && line !== usageHeader) return { kind: 'foreign' };
        if (lines === 1 || line === '') continue;
        const read = parseUsageLine(line);
        if (read === undefined) unreadable += 1;
        else onBucket(read);
      }
      // What has no lines is none of ours, and is not to be held in memory.
      if (rest.length > MAX_LINE)
        return lines === 0 ? { kind: 'foreign' } : { kind: 'usage', isTorn: true, unreadable };
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { kind: 'missing' };
    throw error;
  }
  if (lines === 0) return rest === '' ? { kind: 'missing' } : { kind: 'foreign' };
  return { kind: 'usage', isTorn: rest !== '', unreadable };
}

/**
 * Fills a history with what a run measured before. Never throws.
 *
 * @returns a sentence if something could not be read; undefined: all was, or there was nothing.
 */
export async function loadUsage(
  path: string,
  adopt: (key: string, bucket: KeyedBucket['bucket']) => void,
): Promise<string | undefined> {
  try {
    const found = await readUsage(path, ({ key, bucket }) => adopt(key, bucket));
    if (found.kind === 'foreign')
      return `${path} holds no measurements that this version reads; it is left out, and put aside when new ones are kept.`;
    if (found.kind === 'usage' && found.unreadable > 0)
      return `${found.unreadable} ${found.unreadable === 1 ? 'line' : 'lines'} of ${path} can't be read; the charts lack what they said.`;
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `What the containers used before can't be read from ${path}: ${why}. Charts and baseline begin now.`;
  }
}

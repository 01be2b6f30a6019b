import type { OutputSource } from '../live/output-source.ts';

const BACK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Where the last `lines` of the first `size` bytes begin, or those of them that lie within the last `mostBytes`; within a
 * line only where that is longer than those.
 */
export async function lastLinesFrom(
  source: Pick<OutputSource, 'read'>,
  of: { readonly size: number; readonly lines: number; readonly mostBytes: number },
): Promise<number> {
  const { size, lines } = of;
  if (lines <= 0) return size;
  const least = Math.max(0, size - of.mostBytes);
  let found = 0;
  let first = least;
  for (let end = size; end > least; end = Math.max(least, end - BACK_BYTES)) {
    const from = Math.max(least, end - BACK_BYTES);
    const bytes = await bytesAt(source, from, end);
    for (let at = bytes.lastIndexOf(NEWLINE); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)) {
      // The newline that ends the last line begins none.
      if (from + at === size - 1) continue;
      first = from + at + 1;
      found++;
      if (found === lines) return first;
    }
  }
  return least === 0 ? 0 : first;
}

/** A read may give fewer bytes than there are. */
async function bytesAt(source: Pick<OutputSource, 'read'>, from: number, end: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for (let at = from; at < end; ) {
    const bytes = await source.read(at, end - at);
    if (bytes.length === 0) break;
    parts.push(bytes);
    at += bytes.length;
  }
  return Buffer.concat(parts);
}

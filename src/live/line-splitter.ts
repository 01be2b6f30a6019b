/** What a push completed. The lines that were left out came before those that were not. */
export type SplitLines = { readonly leftOut: number; readonly lines: readonly string[] };

/** Makes lines of the bytes of one source, however they were read. */
export type LineSplitter = {
  /**
   * Takes the next bytes; gives out the last `maxLines` of the lines that they complete and counts those before, which
   * costs a fraction of decoding them.
   */
  readonly push: (bytes: Uint8Array, maxLines: number) => SplitLines;
  /** The line without an end that stayed behind, as nothing more comes; undefined where there is none. Then it begins anew. */
  readonly end: () => string | undefined;
  /** Bytes are missing from here on: what comes up to the next newline belongs to a line that is not whole, and is dropped. */
  readonly skipLine: () => void;
};

// Only the beginning of a longer line is given out, as soon as there is so much of it.
const LONGEST_LINE_BYTES = 64 * 1024;
// A string that was cut out of a longer one keeps all of that alive: pieces are no longer than this.
const PIECE_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const NOTHING = Buffer.alloc(0);

/**
 * Makes a splitter. At most 64 KiB stay behind. Bytes that are no UTF-8 become U+FFFD; NULs at the beginning of a line go:
 * a file that was emptied under its writer's feet begins with any number of them.
 */
export function createLineSplitter(): LineSplitter {
  let rest: Buffer = NOTHING;
  let isSkipping = false;

  const keep = (bytes: Buffer): string | undefined => {
    if (isSkipping) return undefined;
    const begun = rest.length === 0 ? withoutNuls(bytes) : bytes;
    const wanted = begun.subarray(0, LONGEST_LINE_BYTES - rest.length);
    // Copied: the slice would keep the whole read alive.
    rest = Buffer.concat([rest, wanted]);
    if (rest.length < LONGEST_LINE_BYTES) return undefined;
    const line = rest.toString();
    rest = NOTHING;
    isSkipping = true;
    return line;
  };
  /** The end of the line that had begun before, without its newline. */
  const finish = (bytes: Buffer): string | undefined => {
    const line = keep(bytes) ?? (isSkipping ? undefined : rest.toString());
    rest = NOTHING;
    isSkipping = false;
    return line;
  };

  return {
    push(bytes, maxLines) {
      const chunk = asBuffer(bytes);
      const first = chunk.indexOf(NEWLINE);
      if (first === -1) return limited([keep(chunk)], 0, maxLines);
      const last = chunk.lastIndexOf(NEWLINE);
      const begun = finish(chunk.subarray(0, first));
      const whole = chunk.subarray(first + 1, last + 1);
      const from = lastLinesFrom(whole, maxLines);
      const skipped = countNewlines(whole.subarray(0, from));
      const lines = linesIn(whole.subarray(from));
      const cut = keep(chunk.subarray(last + 1));
      return limited([begun, ...lines, cut], skipped, maxLines);
    },
    end() {
      const line = rest.length === 0 ? undefined : rest.toString();
      rest = NOTHING;
      isSkipping = false;
      return line;
    },
    skipLine() {
      rest = NOTHING;
      isSkipping = true;
    },
  };
}

function limited(found: readonly (string | undefined)[], skipped: number, maxLines: number): SplitLines {
  const lines = found.filter((line) => line !== undefined);
  const over = Math.max(0, lines.length - maxLines);
  return { leftOut: skipped + over, lines: over === 0 ? lines : lines.slice(over) };
}

/** Where the last `count` of whole lines begin. */
function lastLinesFrom(whole: Buffer, count: number): number {
  let from = whole.length;
  for (let lines = 0; lines < count && from > 0; lines++) {
    from = from === 1 ? 0 : whole.lastIndexOf(NEWLINE, from - 2) + 1;
  }
  return from;
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}

function linesIn(whole: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let from = 0; from < whole.length; ) {
    const limit = from + PIECE_BYTES;
    const cut = limit >= whole.length ? whole.length - 1 : whole.lastIndexOf(NEWLINE, limit - 1);
    if (cut >= from) {
      for (const line of decoded(whole.subarray(from, cut)).split('\n')) lines.push(line);
      from = cut + 1;
      continue;
    }
    const start = whole.subarray(from, limit);
    lines.push(withoutNuls(start).toString());
    from = whole.indexOf(NEWLINE, limit) + 1;
  }
  return lines;
}

function decoded(bytes: Buffer): string {
  const text = bytes.toString();
  return text.includes('\0') ? text.replaceAll(/^\0+/gm, '') : text;
}

function withoutNuls(bytes: Buffer): Buffer {
  if (bytes[0] !== 0) return bytes;
  const first = bytes.findIndex((byte) => byte !== 0);
  return first === -1 ? NOTHING : bytes.subarray(first);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

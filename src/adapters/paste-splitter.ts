/** What came from the keyboard: bytes typed, or a text pasted as one. */
export type InputPart =
  | { readonly kind: 'keys'; readonly bytes: Buffer }
  /** `isWhole` is false where the terminal never said that the paste had ended, or it was too long to keep. */
  | { readonly kind: 'paste'; readonly text: string; readonly isWhole: boolean };

const START = Buffer.from('\x1b[200~');
const END = Buffer.from('\x1b[201~');
// Fewer bytes than these at a chunk's end may be a key of their own (Escape, Alt-[).
const SHORTEST_HELD = 3;
const MAX_PASTE_BYTES = 1024 * 1024;
const ABANDONED_MS = 2000;

/**
 * Finds bracketed pastes (xterm's mode 2004) in what a terminal sends, however it is cut into chunks.
 * Feed it each chunk with the time it came.
 */
export function createPasteSplitter(): (chunk: Buffer, atMs: number) => readonly InputPart[] {
  let held: Buffer = Buffer.alloc(0);
  let isPasting = false;
  let lastAtMs = 0;

  return (chunk, atMs) => {
    const parts: InputPart[] = [];
    if (isPasting && atMs - lastAtMs > ABANDONED_MS) {
      parts.push({ kind: 'paste', text: held.toString('utf8'), isWhole: false });
      held = Buffer.alloc(0);
      isPasting = false;
    }
    lastAtMs = atMs;
    let rest = Buffer.concat([held, chunk]);
    held = Buffer.alloc(0);
    for (;;) {
      const at = rest.indexOf(isPasting ? END : START);
      if (at < 0) break;
      const before = rest.subarray(0, at);
      if (isPasting) parts.push(pasted(before));
      else if (before.length > 0) parts.push({ kind: 'keys', bytes: before });
      rest = rest.subarray(at + START.length);
      isPasting = !isPasting;
    }
    if (isPasting) {
      // Past the limit only what may be the beginning of the end is kept, in place of the last bytes.
      held =
        rest.length <= MAX_PASTE_BYTES + END.length
          ? rest
          : Buffer.concat([rest.subarray(0, MAX_PASTE_BYTES + 1), rest.subarray(1 - END.length)]);
      return parts;
    }
    const keep = heldLength(rest);
    held = rest.subarray(rest.length - keep);
    if (rest.length > keep) parts.push({ kind: 'keys', bytes: rest.subarray(0, rest.length - keep) });
    return parts;
  };
}

function pasted(bytes: Buffer): InputPart {
  return {
    kind: 'paste',
    text: bytes.subarray(0, MAX_PASTE_BYTES).toString('utf8'),
    isWhole: bytes.length <= MAX_PASTE_BYTES,
  };
}

/** How many bytes at the end may be the beginning of a paste's mark. */
function heldLength(bytes: Buffer): number {
  for (let length = Math.min(START.length - 1, bytes.length); length >= SHORTEST_HELD; length--) {
    if (bytes.subarray(bytes.length - length).equals(START.subarray(0, length))) return length;
  }
  return 0;
}

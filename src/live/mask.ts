/** Replaces secrets in a stream of bytes. What it gave out never holds a whole secret, however the reads were split. */
export interface Masker {
  /** Takes the next bytes; gives out what is safe. At most (longest secret − 1) bytes stay behind. */
  push(bytes: Uint8Array): Uint8Array;
  /** Gives out what stayed behind, once nothing more comes. */
  end(): Uint8Array;
}

type Span = { readonly start: number; end: number };

const NOTHING = new Uint8Array(0);
const SHORTEST_VARIANT = 4;
/** Shorter lines of a secret, such as a brace, stand in many a text. */
const SHORTEST_LINE = 8;
/** A line of a secret this long is masked behind a prefix too, as a container's log or `sed` prints it. */
const SHORTEST_LINE_WITHIN = 16;

/**
 * Makes a masker for the values of secrets. Bytes stay behind only while they are the beginning of a secret, until the
 * next byte tells or the stream ends: a prompt that ends like the beginning of a secret is late by a byte, never wrong.
 * A secret of several lines is also found with the line endings a terminal prints, and by each of its longer lines.
 */
export function createMasker(secrets: readonly string[]): Masker {
  return maskerOf(needlesOf(secrets));
}

function maskerOf(needles: readonly Buffer[]): Masker {
  if (needles.length === 0) return { push: (bytes) => bytes, end: () => NOTHING };
  const mask = maskFor(needles);
  let held: Buffer = Buffer.alloc(0);
  // So many bytes at the head of `held` belong to a secret whose mask was already given out.
  let covered = 0;

  const release = (buffer: Buffer, hold: number): Uint8Array => {
    const pieces: Uint8Array[] = [];
    let from = 0;
    let stillCovered = 0;
    for (const span of spansIn(buffer, needles, covered)) {
      const isGivenOut = covered > 0 && span.start === 0;
      if (span.start >= hold && !isGivenOut) break;
      if (span.start > from) pieces.push(buffer.subarray(from, span.start));
      if (!isGivenOut) pieces.push(mask);
      from = Math.min(span.end, hold);
      stillCovered = Math.max(0, span.end - hold);
    }
    if (from < hold) pieces.push(buffer.subarray(from, hold));
    // Copied: the slice would keep the whole read alive.
    held = Buffer.from(buffer.subarray(hold));
    covered = stillCovered;
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  };

  return {
    push(bytes) {
      const buffer = held.length === 0 ? asBuffer(bytes) : Buffer.concat([held, bytes]);
      return release(buffer, beginningOfPrefix(buffer, needles));
    },
    end() {
      return held.length === 0 ? NOTHING : release(held, held.length);
    },
  };
}

/**
 * Makes what masks secrets in one line after another. Of a line that was perhaps cut, and then ends in an ellipsis, the
 * beginning of a secret before it goes too. A line that is one of a secret of several lines, such as a private key, is
 * masked whole.
 */
export function createLineMasker(secrets: readonly string[]): (line: string) => string {
  const needles = needlesOf(secrets);
  if (needles.length === 0) return (line) => line;
  const mask = maskFor(needles).toString();
  return (line) => {
    if (isLineOfSecret(line, secrets)) return mask;
    if (!line.endsWith('…')) return maskWhole(line, needles);
    return `${Buffer.from(maskerOf(needles).push(Buffer.from(line.slice(0, -1)))).toString()}…`;
  };
}

/** The same for one line. */
export function maskLine(line: string, secrets: readonly string[]): string {
  return createLineMasker(secrets)(line);
}

/** Masks secrets in a text that is complete. */
export function maskText(text: string, secrets: readonly string[]): string {
  return maskWhole(text, needlesOf(secrets));
}

function maskWhole(text: string, needles: readonly Buffer[]): string {
  if (needles.length === 0) return text;
  const masker = maskerOf(needles);
  return Buffer.concat([masker.push(Buffer.from(text)), masker.end()]).toString();
}

function isLineOfSecret(line: string, secrets: readonly string[]): boolean {
  const isCut = line.endsWith('…');
  const bare = unquoted(isCut ? line.slice(0, -1) : line);
  if (bare.length < SHORTEST_LINE) return false;
  return secrets.some(
    (secret) =>
      secret.includes('\n') &&
      secret.split('\n').some((part) => {
        const own = unquoted(part);
        return own === bare || (isCut && own.startsWith(bare));
      }),
  );
}

/** A text in quotes often has its last line before the second one. */
function unquoted(text: string): string {
  return text.replaceAll(/^[\s'"`]+|[\s'"`,;]+$/g, '');
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function needlesOf(secrets: readonly string[]): readonly Buffer[] {
  const variants = new Set<string>();
  for (const secret of secrets) {
    if (secret.length === 0) continue;
    const trimmed = secret.trim();
    for (const value of trimmed.length >= SHORTEST_VARIANT ? [secret, trimmed] : [secret]) {
      const unix = value.replaceAll('\r\n', '\n');
      variants.add(value).add(unix).add(unix.replaceAll('\n', '\r\n'));
    }
    if (!trimmed.includes('\n')) continue;
    for (const line of trimmed.split('\n').map((one) => one.trim())) {
      if (line.length >= SHORTEST_LINE_WITHIN) variants.add(line);
    }
  }
  return [...variants].map((value) => Buffer.from(value));
}

/** A mask made of a byte that is in no secret: then no secret can arise from a mask and its neighbours. */
function maskFor(needles: readonly Buffer[]): Buffer {
  const preferred = Buffer.from('*#.-=+~_');
  const printable = Array.from({ length: 94 }, (_, index) => 0x21 + index);
  const free = [...preferred, ...printable].find((byte) => needles.every((needle) => !needle.includes(byte)));
  return Buffer.alloc(3, free ?? preferred[0]);
}

/** Where secrets stand, overlapping ones joined, in order; the first `covered` bytes count as one already. */
function spansIn(buffer: Buffer, needles: readonly Buffer[], covered: number): readonly Span[] {
  const found: Span[] = covered > 0 ? [{ start: 0, end: covered }] : [];
  for (const needle of needles) {
    for (let at = buffer.indexOf(needle); at !== -1; at = buffer.indexOf(needle, at + 1)) {
      found.push({ start: at, end: at + needle.length });
    }
  }
  if (found.length < 2) return found;
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const joined: Span[] = [];
  for (const span of found) {
    const last = joined.at(-1);
    if (last !== undefined && span.start < last.end) last.end = Math.max(last.end, span.end);
    else joined.push({ ...span });
  }
  return joined;
}

/** Where the longest end of the buffer begins that is the beginning, but not the whole, of a secret. */
function beginningOfPrefix(buffer: Buffer, needles: readonly Buffer[]): number {
  let earliest = buffer.length;
  for (const needle of needles) {
    const first = needle[0];
    if (first === undefined) continue;
    let at = buffer.indexOf(first, Math.max(0, buffer.length - needle.length + 1));
    for (; at !== -1 && at < earliest; at = buffer.indexOf(first, at + 1)) {
      if (buffer.compare(needle, 0, buffer.length - at, at) === 0) earliest = at;
    }
  }
  return earliest;
}

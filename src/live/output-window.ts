import { createEmulator, type Emulator, type LineMark } from './emulator.ts';
import type { OutputSource } from './output-source.ts';

/** A part of an output, from some byte on, as a terminal shows it. Older lines drop out at its top as more is fed. */
export type OutputWindow = {
  readonly emulator: Emulator;
  /** The byte it began at. */
  readonly from: number;
  /** The byte after the last one fed. */
  readonly to: () => number;
  /** Feeds at most `maxBytes` more, and no more than `maxLines` lines where given, stopping at byte `end`; resolves to the bytes fed. */
  readonly feed: (maxBytes: number, end: number, maxLines?: number) => Promise<number>;
  /** The oldest byte whose line is still there, and that line. */
  readonly oldest: () => { readonly offset: number; readonly line: number };
};

/** How an output's window is made. */
export type WindowShape = {
  readonly source: OutputSource;
  readonly columns: number;
  readonly rows: number;
  readonly scrollbackLines: number;
  /** Gets answers to the queries in what is fed. */
  readonly onAnswer?: (answer: string) => void;
};

// Each piece of what is fed leaves a mark, so that some lie near the oldest line; each mark costs a little for every line that drops out.
const MARKS_IN_SCROLLBACK = 8;
const MAX_PIECE_BYTES = 32 * 1024;
const LINE_FEED = 0x0a;
const NUL = 0;
// How far a line may reach before a window simply begins in its middle.
const MAX_LINE_BYTES = 16 * 1024;

/** Opens a window that begins with the first whole line at or after `offset`, with a line above it that says what is not shown. */
export async function openWindow(shape: WindowShape, offset: number): Promise<OutputWindow> {
  const from = offset <= 0 ? 0 : await lineStart(shape.source, offset);
  const { isPlain = false } = shape.source;
  const emulator = createEmulator({ ...shape, isPlain });
  let to = from;
  let checkpoints: { readonly offset: number; readonly mark: LineMark }[] = [];
  const check = (at: number): void => {
    const mark = emulator.mark(emulator.cursor().line);
    if (mark !== undefined) checkpoints.push({ offset: at, mark });
  };
  if (from > 0) void emulator.write(new TextEncoder().encode(notice(from)), () => check(from));
  else check(from);
  const pieceLines = Math.max(1, Math.floor(shape.scrollbackLines / MARKS_IN_SCROLLBACK));
  const pieceBytes = Math.min(MAX_PIECE_BYTES, pieceLines * Math.max(1, shape.columns));
  return {
    emulator,
    from,
    to: () => to,
    feed: async (maxBytes, end, maxLines = Number.POSITIVE_INFINITY) => {
      const read = await shape.source.read(to, Math.min(maxBytes, end - to));
      const skipped = read[0] === NUL ? await leap(shape.source, to, end) : 0;
      if (skipped > 0) {
        to += skipped;
        return skipped;
      }
      const bytes = firstLines(read, maxLines);
      let last: Promise<void> | undefined;
      for (let start = 0, end = 0; start < bytes.length; start = end) {
        const piece = firstLines(bytes.subarray(start, start + pieceBytes), pieceLines);
        end = start + piece.length;
        const at = to + end;
        last = emulator.write(piece, () => check(at));
      }
      await last;
      to += bytes.length;
      checkpoints = checkpoints.filter(({ mark }) => mark.line() !== undefined);
      return bytes.length;
    },
    oldest: () => {
      const first = checkpoints.find(({ mark }) => mark.line() !== undefined);
      return { offset: first?.offset ?? to, line: first?.mark.line() ?? 0 };
    },
  };
}

/** How many bytes lie between here and the end of the cut that this is in; 0 where it is in none. */
async function leap(source: OutputSource, offset: number, end: number): Promise<number> {
  const cut = (await source.cuts?.())?.find(({ from, to }) => offset >= from && offset < to);
  return cut === undefined ? 0 : Math.min(cut.to, end) - offset;
}

function firstLines(bytes: Uint8Array, count: number): Uint8Array {
  let end = 0;
  for (let lines = 0; lines < count; lines++) {
    const feed = bytes.indexOf(LINE_FEED, end);
    if (feed < 0 || count === Number.POSITIVE_INFINITY) return bytes;
    end = feed + 1;
  }
  return bytes.subarray(0, end);
}

/** The first byte after a line feed at or after `offset`; `offset` itself, past a split character, where a line is very long. */
async function lineStart(source: OutputSource, offset: number): Promise<number> {
  const bytes = await source.read(offset, MAX_LINE_BYTES);
  const feed = bytes.indexOf(LINE_FEED);
  if (feed >= 0) return offset + feed + 1;
  const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;
  const whole = bytes.findIndex((byte) => !isContinuation(byte));
  return offset + Math.max(0, whole);
}

function notice(bytes: number): string {
  return `\x1b[2m… ${readableBytes(bytes)} above are not shown here; all of it is in output.log\x1b[m\r\n`;
}

/** A number of bytes for people: `812 B`, `3.4 kB`, `12.0 MB`. */
export function readableBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** step;
  return `${step === 0 ? value : value.toFixed(1)} ${units[step] ?? 'B'}`;
}

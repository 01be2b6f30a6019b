import { openOutput } from '../adapters/output-reader.ts';
import { harmlessText } from '../live/harmless-text.ts';
import type { Console } from './console.ts';

const READ_BYTES = 256 * 1024;
/** What one look tells of an output at most: what else there is to tell waits no longer for a flood. */
const LOOK_BYTES = 4 * READ_BYTES;
/** Who is further behind leaps on, once the reader has stood still: it was not there for what lies between. */
const BEHIND_BYTES = 16 * 1024 * 1024;
/** So many looks in a row in which nothing may be told: more than a reader needs that only takes its time. */
const STANDSTILL_LOOKS = 50;

/** Where it is told: whole lines, as long as they are read. */
export type Told = Pick<Console, 'out' | 'isBacklogged'>;

/** The recorded output of an attempt, told on a plain terminal or in a file as it grows. */
export type OutputTail = {
  /** Tells what is new, as long as `mayGoOn`; resolves with whether that was all there is. */
  readonly tell: (mayGoOn: () => boolean) => Promise<boolean>;
  /** Tells the end, in one read at most, and leaves out what lies before it; where nobody reads, all of it. */
  readonly tellEnd: () => Promise<void>;
  /** Nothing comes after what was told. */
  readonly close: () => void;
};

/** @param folder the attempt's. */
export function openTail(folder: string, out: Told): OutputTail {
  const source = openOutput(folder);
  let decoder = new TextDecoder();
  let offset = 0;
  let rest = '';
  /** In how many looks in a row nothing could be told. */
  let idleLooks = 0;

  const tellRest = () => {
    if (rest !== '') out.out(`  ${clean(rest)}`);
    rest = '';
  };
  const leapTo = (next: number, why = `what is kept of them is in ${folder}`) => {
    tellRest();
    const leftOut = (next - offset).toLocaleString('en');
    out.out(`  … ${leftOut} bytes of output are left out here; ${why}`);
    decoder = new TextDecoder();
    offset = next;
  };
  const catchUp = async () => {
    const size = await source.size();
    if (size - offset > BEHIND_BYTES) leapTo(size - LOOK_BYTES);
  };
  /** False: there is nothing more. */
  const tellSome = async () => {
    const cut = (await source.cuts()).find(({ from, to }) => offset >= from && offset < to);
    if (cut) leapTo(cut.to, 'they are not kept');
    const bytes = await source.read(offset, READ_BYTES);
    if (bytes.length === 0) return false;
    offset += bytes.length;
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = (lines.pop() ?? '').slice(-READ_BYTES);
    // At once: a line by itself costs as much as a hundred.
    if (lines.length > 0) out.out(lines.map((line) => `  ${clean(line)}`).join('\n'));
    return true;
  };
  return {
    tell: async (mayGoOn) => {
      if (!mayGoOn()) {
        idleLooks += 1;
        return false;
      }
      if (idleLooks >= STANDSTILL_LOOKS) await catchUp();
      idleLooks = 0;
      for (let reads = 0; reads < LOOK_BYTES / READ_BYTES; reads += 1) {
        if (!mayGoOn()) return false;
        if (!(await tellSome())) return true;
      }
      return false;
    },
    tellEnd: async () => {
      const size = await source.size();
      const toldBytes = out.isBacklogged() ? 0 : READ_BYTES;
      if (size - offset > toldBytes) leapTo(size - toldBytes);
      await tellSome();
    },
    close: tellRest,
  };
}

/** What a progress bar drew last, without anything a terminal would obey. */
function clean(line: string): string {
  const drawn = line.split('\r').findLast((part) => part !== '') ?? '';
  return harmlessText(drawn, false);
}

import { stripSequences } from '../live/strip-sequences.ts';

/** Keeps what a command printed as a value for later steps. */
export interface Capture {
  push(bytes: Uint8Array): void;
  /** The text without colours and outer white space; of a line that redrew itself only its last state. */
  text(): string;
}

// No environment can hold a NUL, and later steps get the value through theirs.
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const LONGEST_BYTES = 64 * 1024;
/** Colours and redrawn lines take room too, so more is collected than is given out. */
const COLLECTED_BYTES = 4 * LONGEST_BYTES;

/** Makes a capture; what comes after its first 64 KiB of text is not kept. */
export function createCapture(): Capture {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  return {
    push(bytes) {
      if (sizeBytes >= COLLECTED_BYTES || bytes.length === 0) return;
      pieces.push(Uint8Array.from(bytes.subarray(0, COLLECTED_BYTES - sizeBytes)));
      sizeBytes += bytes.length;
    },
    text() {
      const lines = stripSequences(Buffer.concat(pieces).toString()).split(/\r*\n/);
      const text = lines.map(lastState).join('\n').trim();
      // A cut in the middle of a character leaves a replacement character, which is no part of the value.
      return Buffer.from(text)
        .subarray(0, LONGEST_BYTES)
        .toString()
        .replace(/\uFFFD$/, '');
    },
  };
}

function lastState(line: string): string {
  return line.slice(line.lastIndexOf('\r') + 1).replace(CONTROLS, '');
}

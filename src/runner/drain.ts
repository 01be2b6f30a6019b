/** How long a source has to be silent after its command's exit to count as drained. */
const SILENCE_MS = 100;
const TURN_MS = 25;
/**
 * Something that outlived its command and prints without end does not hold the attempt up. Two seconds, but counted in
 * turns, each of which reads: a slow disk holds this process up, and what is still to be read is there none the less.
 */
const LONGEST_TURNS = 80;
/** More than a pseudo-terminal or a pipe holds: what comes after it was printed after the exit. */
const HELD_BYTES = 2 * 1024 * 1024;

/** Tells when everything that was printed before an exit has been read from a source that another process may hold open. */
export interface Drain {
  /** Call at every read. */
  readonly noticed: (bytes: number) => void;
  /** Resolves after the source's end, or when it has been silent for a while. */
  readonly done: (ended: Promise<void>) => Promise<void>;
}

export function createDrain(): Drain {
  let lastReadAt = performance.now();
  let readBytes = 0;
  return {
    noticed: (bytes) => {
      lastReadAt = performance.now();
      readBytes += bytes;
    },
    async done(ended) {
      let isOver = false;
      const over = ended.then(() => {
        isOver = true;
      });
      lastReadAt = performance.now();
      readBytes = 0;
      for (let turn = 0; !isOver && turn < LONGEST_TURNS && readBytes < HELD_BYTES; turn++) {
        await Promise.race([over, delay(TURN_MS)]);
        // What is there to be read is read between a timer and the following turn: silence is proven after it.
        await new Promise((resolve) => setImmediate(resolve));
        if (performance.now() - lastReadAt >= SILENCE_MS) return;
      }
    },
  };
}

function delay(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** How long a source has to be silent after its command's exit to count as drained. */
const SILENCE_MS = 100;
/** Something that outlived its command and prints without end does not hold the attempt up. */
const LONGEST_MS = 2_000;

/** Tells when everything that was printed before an exit has been read from a source that another process may hold open. */
export interface Drain {
  /** Call at every read. */
  readonly noticed: () => void;
  /** Resolves after the source's end, or when it has been silent for a while. */
  readonly done: (ended: Promise<void>) => Promise<void>;
}

export function createDrain(): Drain {
  let lastReadAt = performance.now();
  return {
    noticed: () => {
      lastReadAt = performance.now();
    },
    async done(ended) {
      let isOver = false;
      const over = ended.then(() => {
        isOver = true;
      });
      const deadline = performance.now() + LONGEST_MS;
      lastReadAt = performance.now();
      while (!isOver && performance.now() < deadline) {
        await Promise.race([over, delay(SILENCE_MS / 4)]);
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

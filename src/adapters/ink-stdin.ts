import { EventEmitter } from 'node:events';

/**
 * What Ink reads keys from in place of the operator's terminal. It looks like a terminal's stdin to
 * Ink, and switching raw mode on it does nothing: the terminal is ours.
 */
export type InkStdin = {
  /** To be given to Ink as its `stdin`. */
  readonly stream: NodeJS.ReadStream;
  /** Hands one key over; Ink's handlers have run when this returns. */
  readonly push: (key: string) => void;
};

/** Creates an {@link InkStdin} that holds no keys. */
export function createInkStdin(): InkStdin {
  const keys: string[] = [];
  const stream = Object.assign(new EventEmitter(), {
    isTTY: true,
    isRaw: true,
    setEncoding: () => stream,
    setRawMode: () => stream,
    ref: () => stream,
    unref: () => stream,
    resume: () => stream,
    pause: () => stream,
    // One key at a time: Ink takes what is read in one go for one input.
    read: (): string | null => keys.shift() ?? null,
  });
  return {
    stream: stream as unknown as NodeJS.ReadStream,
    push: (key) => {
      // Nobody listens between two screens: a key pressed there must not act on the next one.
      if (stream.listenerCount('readable') === 0) return;
      keys.push(key);
      stream.emit('readable');
    },
  };
}

import type { TerminalOutput } from './adapters/terminal-output.ts';
import { endAtOnce, PATIENCE_MS } from './let-go.ts';

const CTRL_C = 3;

const LAST_WORDS =
  'The disk does not answer, and runbook ends without it. What runs goes on; opening the run again shows it.';

/** How a screen is left, be it there already or not. */
export type Asked =
  | { readonly kind: 'left' }
  /** By a signal, or because the terminal is gone. */
  | { readonly kind: 'signal'; readonly signal: string };

export type EarlyEnd = {
  readonly ask: (signal: string) => void;
  /** Ends the listening: the screen reads what is typed from now on. Resolves with how it was left; undefined: it was not. */
  readonly over: () => Promise<Asked | undefined>;
};

/**
 * Listens, while there is no screen yet, for what asks the process to end. What is typed is dropped; only Ctrl-C means the
 * same everywhere. The terminal is given back at once; the run goes on being opened, and is then let go of in good order,
 * unless its disk hangs, or is so slow that it looks like that.
 */
export function listenForEarlyEnd(streams: {
  readonly terminal: TerminalOutput;
  readonly stdin: Pick<NodeJS.ReadStream, 'on' | 'off' | 'pause'>;
  readonly stdout: Pick<NodeJS.WriteStream, 'writableLength'>;
  /** Writes the last words. */
  readonly say: (line: string) => void;
}): EarlyEnd {
  const { terminal, stdin, stdout, say } = streams;
  let asked: Asked | undefined;
  let patience: NodeJS.Timeout | undefined;
  const stopReading = () => {
    stdin.off('data', read);
    stdin.pause();
  };
  const giveUp = () => {
    // One that is gone hears none, and one that is frozen would hold up the end.
    if (!terminal.isGone() && stdout.writableLength === 0) say(LAST_WORDS);
    endAtOnce();
  };
  const end = (how: Asked) => {
    asked ??= how;
    // Longer than leaving takes at most: the last words stand behind the screen.
    patience ??= setTimeout(giveUp, PATIENCE_MS);
    stopReading();
    void terminal.leave();
  };
  const read = (bytes: Uint8Array) => {
    if (bytes.includes(CTRL_C)) end({ kind: 'left' });
  };
  stdin.on('data', read);
  return {
    ask: (signal) => end({ kind: 'signal', signal }),
    over: async () => {
      // What lies in the terminal already is read in the event loop's next turn.
      for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      clearTimeout(patience);
      stopReading();
      return asked;
    },
  };
}

import type { Stage } from './stage.ts';

/** How long a disk that hangs is waited for, once something asks the process to end. */
export const PATIENCE_MS = 3_000;

export type LetGo = {
  /** False: it is still being written, and nobody is to wait for that. */
  readonly isClosed: boolean;
  /** Whether anything asked the process to end until now. */
  readonly isAsked: boolean;
};

/**
 * Gives the terminal back, and then the run: its journal may hang, and nobody can type anywhere else meanwhile.
 *
 * @param isAsked the screen was not left by a key.
 */
export async function letGo(input: {
  readonly stage: Stage;
  readonly close: () => Promise<void>;
  readonly isAsked: boolean;
}): Promise<LetGo> {
  const { stage } = input;
  let { isAsked } = input;
  let patience: NodeJS.Timeout | undefined;
  stage.onEnd(() => {
    isAsked = true;
  });
  await stage.terminal.leave();
  const startedAt = performance.now();
  const givenUp = new Promise<false>((resolve) => {
    const ask = () => {
      isAsked = true;
      // A terminal that goes away says so in several ways at once: they don't cut short what takes a moment.
      patience ??= setTimeout(() => resolve(false), startedAt + PATIENCE_MS - performance.now());
    };
    stage.onEnd(ask);
    if (isAsked) ask();
  });
  const isClosed = await Promise.race([input.close().then(() => true), givenUp]);
  clearTimeout(patience);
  return { isClosed, isAsked };
}

/** Ends the process as SIGINT does: `process.exit` would wait for a write that hangs. */
export function endAtOnce(): void {
  process.emit('exit', 130);
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

import { deadline } from './deadline.ts';

/** How long a runner may take to answer before that counts as one answer missed. */
const ANSWER_MS = 2_000;
/** So many are missed before it is told: on a busy machine one soon is. */
const MISSED_AT_FIRST = 2;

/** The asking of a runner that was told to stop. */
export type Asking = {
  /** Something came from it. */
  readonly heard: () => void;
  readonly end: () => void;
};

/**
 * Asks a runner that was told to stop, again and again, whether it is there: one that is halted never says so by itself.
 *
 * What it misses is counted in answers, each for no more than the time it was waited for: a machine that slept, or a
 * screen that was halted itself, finds that much time has gone and has missed one answer.
 *
 * @param input.longestMs how long it may miss them all.
 * @param input.ask asks it; false: it can't be asked, which says nothing of it.
 * @param input.missed called when it has not answered for a while.
 * @param input.silent called when it never answered; false: it does after all, and goes on being asked.
 */
export function askWhileStopping(input: {
  readonly longestMs: number;
  readonly ask: () => boolean;
  readonly missed: () => void;
  readonly silent: () => Promise<boolean>;
}): Asking {
  const atLast = Math.max(MISSED_AT_FIRST, Math.ceil(input.longestMs / ANSWER_MS));
  let cancel: () => void = () => undefined;
  let isOver = false;
  let hasAnswered = false;
  let missed = 0;
  const ask = () => {
    if (isOver) return;
    hasAnswered = !input.ask();
    cancel = deadline(ANSWER_MS, () => void count());
  };
  const count = async () => {
    missed = hasAnswered ? 0 : missed + 1;
    if (missed >= MISSED_AT_FIRST) input.missed();
    if (missed < atLast || !(await input.silent().catch(() => false))) ask();
  };
  ask();
  return {
    heard() {
      hasAnswered = true;
    },
    end() {
      isOver = true;
      cancel();
    },
  };
}

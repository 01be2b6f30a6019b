import { afterOneLook } from './after-one-look.ts';

/**
 * Calls back after a length of time in which what it bounds may have come to its end: not before it was looked for that
 * end once more.
 *
 * @returns how to take it back.
 */
export function deadline(delayMs: number, callback: () => void): () => void {
  let cancel: () => void;
  const timer = setTimeout(() => {
    cancel = afterOneLook(callback);
  }, delayMs);
  cancel = () => clearTimeout(timer);
  return () => cancel();
}

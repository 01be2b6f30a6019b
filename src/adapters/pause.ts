import { setTimeout as wait } from 'node:timers/promises';

/** Resolves after `delayMs`, or as soon as the signal says so. */
export async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(Math.max(0, delayMs), undefined, { signal });
  } catch {
    // The signal ended it.
  }
}

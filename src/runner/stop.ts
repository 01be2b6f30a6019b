import type { ProcessGroup } from '../adapters/process-group.ts';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

/** Why an attempt is to end early; the reason of its abort signal. */
export type HaltReason = { readonly kind: 'stopped' } | { readonly kind: 'timed out'; readonly afterMs: number };

const ESCALATION = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
/** A killed process may take its time in the kernel (a network file system), but not for ever. */
const PROOF_MS = 5_000;

/**
 * Ends a process group: SIGINT, SIGTERM, SIGKILL, each after the grace period if something is still there.
 *
 * @param input.report is told of each signal before it is sent.
 * @returns the last signal that was needed, and whether the group is proven gone.
 */
export async function stopGroup(input: {
  readonly group: ProcessGroup;
  readonly graceMs: number;
  readonly report: (signal: StopSignal) => void;
}): Promise<{ readonly signal: StopSignal; readonly groupGone: boolean }> {
  let last: StopSignal = 'SIGINT';
  for (const signal of ESCALATION) {
    last = signal;
    input.report(signal);
    input.group.signal(signal);
    const isGone = await input.group.goneWithin(signal === 'SIGKILL' ? PROOF_MS : input.graceMs);
    if (isGone) return { signal, groupGone: true };
  }
  return { signal: last, groupGone: false };
}

/** How long the ending of a process group takes at most. */
export function longestStopMs(graceMs: number): number {
  return 2 * graceMs + PROOF_MS;
}

/** The reason of an abort signal that `HaltReason`s were given to; undefined while it isn't aborted. */
export function haltReason(signal: AbortSignal): HaltReason | undefined {
  return signal.aborted ? (signal.reason as HaltReason) : undefined;
}

/** Resolves with the reason once the signal is aborted. */
export function untilHalt(signal: AbortSignal): Promise<HaltReason> {
  return new Promise((resolve) => {
    const answer = () => resolve(signal.reason as HaltReason);
    if (signal.aborted) answer();
    else signal.addEventListener('abort', answer, { once: true });
  });
}

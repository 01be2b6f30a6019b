import type { AttemptResult } from '../runner/spec.ts';
import type { Probed } from './event.ts';
import type { Attempt, Reason } from './state.ts';

/** What a result means before anything was verified. */
export type Verdict =
  | { readonly kind: 'held' }
  | { readonly kind: 'failed' | 'timed out' | 'stopped'; readonly reasons: readonly Reason[] }
  /** Stopped, but some of its processes could not be proven gone; or what it did over ssh was cut off. */
  | { readonly kind: 'unknown'; readonly why: string };

const LINE_LOST = 'ssh lost its line, or never had one (exit status 255); what it began there may still run';

/**
 * Judges how an attempt ended. Process failures keep one order: timed out, stopped, could not start, killed by a signal,
 * exit status; then what was expected of the output.
 */
export function verdictOf(result: AttemptResult): Verdict {
  const { ending } = result;
  const unmet = result.unmet.map((one): Reason => ({ kind: 'unmet', unmet: one }));
  switch (ending.kind) {
    case 'timed out':
      return result.groupGone
        ? { kind: 'timed out', reasons: [{ kind: 'timed out', afterMs: ending.afterMs }] }
        : { kind: 'unknown', why: 'it timed out, and its processes could not be proven gone' };
    case 'stopped':
      return result.groupGone
        ? { kind: 'stopped', reasons: [{ kind: 'stopped', signal: ending.signal }] }
        : { kind: 'unknown', why: 'it was stopped, and its processes could not be proven gone' };
    case 'could not start':
      return { kind: 'failed', reasons: [{ kind: 'could not start', message: ending.message }] };
    case 'killed':
      return { kind: 'failed', reasons: [{ kind: 'killed', signal: ending.signal }, ...unmet] };
    case 'not met':
      if (!result.groupGone)
        return { kind: 'unknown', why: `${ending.found}, and its processes could not be proven gone` };
      return { kind: 'failed', reasons: [{ kind: 'not met', found: ending.found }, ...unmet] };
    case 'exited':
      if (result.lineLost) return { kind: 'unknown', why: LINE_LOST };
      return unmet.length > 0 ? { kind: 'failed', reasons: unmet } : { kind: 'held' };
    case 'done':
      return unmet.length > 0 ? { kind: 'failed', reasons: unmet } : { kind: 'held' };
    default:
      return ending satisfies never;
  }
}

/**
 * Why it is not known whether a step is as it should be; undefined: its verify has an answer. What a person did is not
 * unknown: they can look, and do it again.
 */
export function whyUnverified({ lineLost, found }: Probed, { life }: Attempt): string | undefined {
  if (!lineLost || life.status === 'done by hand') return undefined;
  const what = life.status === 'ended' ? 'by itself it ended well' : 'it is up';
  return `${what}, but its verify has no answer: ${found}`;
}

/** Why a verify keeps what it was asked of from being done. */
export function verifyReason({ found, lineLost }: Probed): Reason {
  return { kind: 'verify', found, ...(lineLost ? { lineLost } : {}) };
}

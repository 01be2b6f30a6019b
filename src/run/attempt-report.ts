import type { AttemptResult } from '../runner/spec.ts';
import type { AttemptSighting } from './attempt-sighting.ts';

/** What is found of an attempt that no screen watched. */
export type AttemptEvidence =
  /** It certainly did not start, and never will: the start was withdrawn. */
  | { readonly kind: 'did not start' }
  | { readonly kind: 'ended'; readonly result: AttemptResult }
  /** Runner alive and answering on its socket as itself. */
  | { readonly kind: 'running'; readonly startedAt: number; readonly readyAt?: number }
  /** Neither a result nor a runner. */
  | {
      readonly kind: 'lost';
      /** `files gone`, `files damaged`: what would say whether it started, and who ran it, can't be read any more. */
      readonly why:
        | 'runner gone'
        | 'machine restarted'
        | 'other host'
        | 'runner does not answer'
        | 'files gone'
        | 'files damaged';
      readonly startedAt?: number;
      /** Whether the command's own process is still there; unknown where it can't be told from here. */
      readonly command: 'running' | 'gone' | 'unknown';
      /** What exactly was seen; absent: nothing was looked at. */
      readonly seen?: AttemptSighting;
    };

/** What a runner tells of its attempt while a screen is there. */
export type AttemptReport =
  | { readonly type: 'started'; readonly at: number }
  | { readonly type: 'ready'; readonly at: number }
  | { readonly type: 'stopping'; readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' }
  /** Its files can't be written, though it goes on; without a text: they can again. Journaled nowhere. */
  | { readonly type: 'trouble'; readonly text?: string }
  | { readonly type: 'ended'; readonly result: AttemptResult }
  | { readonly type: 'lost'; readonly evidence: Extract<AttemptEvidence, { kind: 'lost' }> }
  /** Nothing was executed, and nothing will be. */
  | { readonly type: 'did not start'; readonly message: string };

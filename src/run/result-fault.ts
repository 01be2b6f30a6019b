import type { Ending } from '../runner/spec.ts';
import {
  boolean,
  type FaultOf,
  listOf,
  map,
  number,
  oneOf,
  optional,
  type Shape,
  string,
  variant,
} from './fault-of.ts';

const endings: Readonly<Record<Ending['kind'], Shape>> = {
  exited: { status: number },
  killed: { signal: string },
  'timed out': { afterMs: number },
  stopped: { signal: string },
  'could not start': { message: string },
  done: { found: string },
  'not met': { found: string },
};

/** What is wrong with how an attempt is said to have ended: the file or the line that says it was damaged. */
export const resultFault: FaultOf = map({
  startedAt: number,
  endedAt: number,
  durationMs: number,
  ending: variant(endings),
  unmet: listOf(map({ what: oneOf('exit', 'match', 'no-match', 'too slow'), wanted: string, found: string })),
  groupGone: boolean,
  lineLost: optional(boolean),
  captured: optional(string),
  edit: optional(map({ file: string, beforeSha256: string, afterSha256: string, backup: string })),
  output: map({ bytes: number, cutBytes: number, on: oneOf('pty', 'pipes', 'none') }),
  notices: listOf(string),
});

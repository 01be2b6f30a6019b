import { type FaultOf, map, number, ordinal, string, variant } from '../run/fault-of.ts';
import { resultFault } from '../run/result-fault.ts';
import type { AttemptResult, AttemptSpec, CommandRecord, ReadyRecord, StartedRecord } from '../runner/spec.ts';

/** What an attempt's JSON files hold. */
export type AttemptFiles = {
  readonly spec: AttemptSpec;
  readonly started: StartedRecord;
  readonly command: CommandRecord;
  readonly ready: ReadyRecord;
  readonly result: AttemptResult;
};

const identity = map({ pid: ordinal, startTime: string, bootId: string, host: string });
const probe = map({ kind: string });

const faults: Readonly<Record<keyof AttemptFiles, FaultOf>> = {
  spec: map({
    runId: string,
    attempt: number,
    socketPath: string,
    work: variant({
      command: {},
      service: {},
      edit: {},
      restore: {},
      check: { poll: map({ probe }) },
      watch: { probe },
    }),
  }),
  started: variant({ started: { runner: identity, at: number }, withdrawn: { at: number } }),
  command: map({ process: identity, at: number }),
  ready: map({ at: number }),
  result: resultFault,
};

/** What is wrong with what a file of this name holds, as the end of a sentence; undefined: it is one of ours, and whole. */
export function attemptFileFault(name: keyof AttemptFiles, value: unknown): string | undefined {
  return faults[name](value);
}

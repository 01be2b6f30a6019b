import type { Child } from './child.ts';
import type { Output } from './output.ts';
import type { AttemptSpec, EditRecord, Ending, RunnerReport } from './spec.ts';

/** What every kind of work is given. */
export type WorkContext = {
  /** The attempt's folder. */
  readonly folder: string;
  readonly spec: AttemptSpec;
  /** The whole environment of its commands, secrets among it. */
  readonly env: Readonly<Record<string, string>>;
  /** Texts to mask. */
  readonly secrets: readonly string[];
  readonly output: Output;
  /** Aborted with a `HaltReason` when the attempt is to end. */
  readonly halt: AbortSignal;
  /** The attempt's deadline, if it has one, no longer applies: a service is ready. */
  readonly liftDeadline: () => void;
  readonly report: (report: RunnerReport) => void;
  /** Something the operator should know; it ends up in the result. */
  readonly notice: (text: string) => void;
  /** What is typed and resized from now on. */
  readonly connect: (child: Child) => void;
};

export type WorkEnd = {
  readonly ending: Ending;
  readonly on: 'pty' | 'pipes' | 'none';
  readonly groupGone: boolean;
  readonly edit?: EditRecord;
};

/** The end of work that had no process of its own. */
export function endWithoutChild(ending: Ending, edit?: EditRecord): WorkEnd {
  return { ending, on: 'none', groupGone: true, ...(edit === undefined ? {} : { edit }) };
}

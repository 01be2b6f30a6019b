import { afterOneLook } from '../adapters/after-one-look.ts';
import { maskText } from '../live/mask.ts';
import type { Child } from './child.ts';
import type { Output } from './output.ts';
import { runChild } from './run-child.ts';
import type { AttemptResult, AttemptSpec, Ending, RunnerReport, Unmet } from './spec.ts';
import { SSH_FAILED } from './ssh-failed.ts';
import type { HaltReason } from './stop.ts';
import { after } from './timer.ts';
import type { WorkContext, WorkEnd } from './work.ts';

export type PerformInput = {
  readonly folder: string;
  readonly spec: AttemptSpec;
  readonly output: Output;
  readonly env: Readonly<Record<string, string>>;
  /** Texts to mask. */
  readonly secrets: readonly string[];
  /** Ends the attempt when `HaltReason`s abort it. */
  readonly halt: AbortController;
  readonly report: (report: RunnerReport) => void;
  readonly connect: (child: Child) => void;
};

/** Does an attempt's work and sums it up. */
export async function perform(input: PerformInput): Promise<AttemptResult> {
  const startedAt = Date.now();
  const startedMs = performance.now();
  const notices: string[] = [];
  const cancelDeadline = deadlineOf(input.spec, input.halt);
  const end = await dispatch({
    ...input,
    halt: input.halt.signal,
    liftDeadline: cancelDeadline,
    notice: (text) => notices.push(text),
  });
  cancelDeadline();
  const { recorded, unmet, captured } = input.output.end();
  const mask = (text: string) => maskText(text, input.secrets);
  return {
    version: 1,
    startedAt,
    endedAt: Date.now(),
    durationMs: Math.round(performance.now() - startedMs),
    ending: masked(end.ending, mask),
    unmet: input.spec.work.kind === 'command' ? unmetOf(end.ending, input.spec, unmet) : [],
    groupGone: end.groupGone,
    ...(isLineLost(end.ending, input.spec) ? { lineLost: true } : {}),
    ...(captured === undefined ? {} : { captured }),
    ...(end.edit === undefined ? {} : { edit: end.edit }),
    output: { bytes: recorded.bytes, cutBytes: recorded.cutBytes, on: end.on },
    notices: [...notices, ...recorded.notices].map(mask),
  };
}

/** Each kind is loaded when it is needed: a command does not wait for what an edit needs. */
async function dispatch(context: WorkContext): Promise<WorkEnd> {
  const { work, requires } = context.spec;
  if (requires !== undefined) {
    const refusal = await (await import('./ask-requires.ts')).askRequires(requires, context);
    if (refusal !== undefined) return refusal;
  }
  switch (work.kind) {
    case 'command':
      return runChild(work, context);
    case 'check':
      return (await import('./run-check.ts')).runCheck(work.poll, context);
    case 'service':
      return (await import('./run-service.ts')).runService(work, context);
    case 'watch':
      return (await import('./run-watch.ts')).runWatch(work, context);
    case 'edit':
      return (await import('./run-edit.ts')).runEdit(work, context);
    case 'restore':
      return (await import('./run-restore.ts')).runRestore(work, context);
    default:
      return work satisfies never;
  }
}

function deadlineOf(spec: AttemptSpec, halt: AbortController): () => void {
  const afterMs = spec.timeoutMs;
  if (afterMs === undefined) return () => undefined;
  const reason: HaltReason = { kind: 'timed out', afterMs };
  let cancel = after(afterMs, () => {
    cancel = afterOneLook(() => halt.abort(reason));
  });
  return () => cancel();
}

/** Only a command that came to its end by itself is compared with what was expected of it. */
function unmetOf(ending: Ending, spec: AttemptSpec, ofOutput: readonly Unmet[]): readonly Unmet[] {
  if (ending.kind !== 'exited') return [];
  if (spec.expect.exit.includes(ending.status)) return ofOutput;
  const wanted = spec.expect.exit.join(' or ');
  return [{ what: 'exit', wanted, found: String(ending.status) }, ...ofOutput];
}

function isLineLost(ending: Ending, { overSsh, expect }: AttemptSpec): boolean {
  return (
    overSsh === true && ending.kind === 'exited' && ending.status === SSH_FAILED && !expect.exit.includes(SSH_FAILED)
  );
}

function masked(ending: Ending, mask: (text: string) => string): Ending {
  switch (ending.kind) {
    case 'could not start':
      return { ...ending, message: mask(ending.message) };
    case 'done':
    case 'not met':
      return { ...ending, found: mask(ending.found) };
    case 'exited':
    case 'killed':
    case 'timed out':
    case 'stopped':
      return ending;
    default:
      return ending satisfies never;
  }
}

import type { ChecklistItem, Phase, Runbook, Step, StepAction } from '../../src/definition/runbook.ts';
import type { Purpose } from '../../src/run/event.ts';
import { isActive } from '../../src/run/select.ts';
import type { Attempt, AttemptLife, ItemState, Rollback, Run, StepState } from '../../src/run/state.ts';
import type { AttemptResult, Ending } from '../../src/runner/spec.ts';

/** Midnight UTC of a day in March 2026: every built run begins there. */
export const runBegan = Date.UTC(2026, 2, 1);

const position = { line: 1, column: 1 };

/** A step that runs `true`; say what matters. */
export function aStep(id: string, more: Partial<Step> = {}): Step {
  const action: StepAction = { kind: 'run', script: 'true' };
  return {
    id,
    title: id,
    action,
    position,
    env: {},
    shell: ['bash', '-euo', 'pipefail'],
    terminal: true,
    before: '',
    readonly: false,
    confirm: false,
    danger: false,
    required: false,
    expect: { exit: [0] },
    tags: [],
    needs: [],
    ...more,
  };
}

/** A checklist item that a person ticks. */
export function anItem(id: string, text: string, run?: string): ChecklistItem {
  return { id, text, ...(run === undefined ? {} : { run }) };
}

/** A phase of these steps. */
export function aPhase(id: string, steps: readonly Step[], more: Partial<Phase> = {}): Phase {
  return {
    id,
    title: id,
    env: {},
    shell: ['bash', '-euo', 'pipefail'],
    before: '',
    danger: false,
    position,
    steps,
    checklist: [],
    ...more,
  };
}

/** A runbook of these phases. */
export function aRunbook(phases: readonly Phase[], more: Partial<Runbook> = {}): Runbook {
  return {
    id: 'book',
    title: 'Book',
    references: [],
    changelog: [],
    vars: [],
    hosts: [],
    phases,
    troubleshooting: [],
    cheatsheet: [],
    ...more,
  };
}

/** How an attempt's work ended, as its result file says it. */
export function aResult(ending: Ending, durationMs: number, startedAt = runBegan): AttemptResult {
  return {
    version: 1,
    startedAt,
    endedAt: startedAt + durationMs,
    durationMs,
    ending,
    unmet: [],
    groupGone: true,
    output: { bytes: 10, cutBytes: 0, on: 'pty' },
    notices: [],
  };
}

/** An attempt; `of` is a step's id or the purpose of an undo. */
export function anAttempt(
  number: number,
  of: string | Purpose,
  life: AttemptLife,
  more: Partial<Attempt> = {},
): Attempt {
  const purpose: Purpose = typeof of === 'string' ? { kind: 'step', stepId: of } : of;
  const title = typeof of === 'string' ? of : of.kind === 'undo' ? of.itemId : of.stepId;
  return { number, purpose, title, startedAt: runBegan, by: 'rob@studio', values: {}, life, ...more };
}

/** An attempt that exited with 0 after that long. */
export function endedLife(
  durationMs: number,
  ending: Ending = { kind: 'exited', status: 0 },
  startedAt = runBegan,
): AttemptLife {
  const result = aResult(ending, durationMs, startedAt);
  return { status: 'ended', result, at: result.endedAt };
}

/** A run of a runbook; steps and items that are not named are pending and open. */
export function aRun(
  runbook: Runbook,
  more: {
    readonly steps?: Readonly<Record<string, StepState>>;
    readonly items?: Readonly<Record<string, ItemState>>;
    readonly attempts?: readonly Attempt[];
    readonly rollbacks?: readonly Rollback[];
    readonly rest?: Partial<Run>;
  } = {},
): Run {
  const steps = runbook.phases.flatMap((phase) => phase.steps);
  const items = runbook.phases.flatMap((phase) => phase.checklist);
  const run: Run = {
    id: 'r1',
    runbook,
    definition: '0'.repeat(64),
    definitionPath: '/srv/book.yaml',
    startedAt: runBegan,
    startedBy: 'rob@studio',
    values: {},
    attempts: [],
    active: [],
    confirmations: [],
    notes: [],
    rollbacks: more.rollbacks ?? [],
    lastSeq: 1,
    lastAt: runBegan,
    ...more.rest,
    steps: { ...Object.fromEntries(steps.map((step) => [step.id, { status: 'pending' } as const])), ...more.steps },
    items: { ...Object.fromEntries(items.map((item) => [item.id, { status: 'open' } as const])), ...more.items },
  };
  return { ...run, ...attemptsOf(more.attempts ?? []) };
}

/** Attempts, and which of them are active, to be spread into a run. */
export function attemptsOf(attempts: readonly Attempt[]): Pick<Run, 'attempts' | 'active'> {
  return { attempts, active: attempts.filter(isActive).map((attempt) => attempt.number) };
}

import type { ChecklistItem, Monitor, Phase, Step } from '../definition/runbook.ts';
import type { EngineApi, Holding, UndoOutlook } from '../engine/api.ts';
import type { DrawChart } from '../live/line-chart.ts';
import type { LogsStatus } from '../live/log-status.ts';
import type { SystemSnapshot } from '../live/system.ts';
import type { UnknownEvidence } from '../run/attempt-sighting.ts';
import type { RollbackPlan } from '../run/event.ts';
import { monitorOf } from '../run/monitor-plan.ts';
import { activeRollback, attemptsOfStep, currentStepId, isActive, isManual, stateOf } from '../run/select.ts';
import type { Attempt, Rollback, Run, StepState } from '../run/state.ts';
import type { OutputStatus } from './screen-ports.ts';
import { type OverlayFrame, topOverlay, type ViewState } from './view-state.ts';

/** A row of a phase's list that can be selected. */
export type ListRow =
  | { readonly kind: 'step'; readonly id: string; readonly step: Step }
  | { readonly kind: 'item'; readonly id: string; readonly item: ChecklistItem }
  | { readonly kind: 'gate'; readonly id: string; readonly phaseId: string; readonly text: string };

/** Answers that come later; absent: not asked, or not yet there. */
export type LiveAnswers = {
  /** The plan on the screen, and whether its undos can still work. */
  readonly plan?: RollbackPlan;
  readonly outlook?: readonly UndoOutlook[];
  readonly evidence?: UnknownEvidence;
  /** What the selected `edit` step would change. */
  readonly preview?: readonly string[];
};

/** What `sceneOf` is made from. */
export type SceneInput = {
  readonly run: Run;
  readonly view: ViewState;
  readonly engine: EngineApi;
  readonly holding: Holding;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly burst: number;
  readonly output: OutputStatus;
  readonly live: LiveAnswers;
  readonly system: SystemSnapshot;
  readonly logs: LogsStatus;
  /** Absent: not needed so far, or still being loaded. */
  readonly drawChart?: DrawChart | undefined;
  /** What the project says of the live panes. */
  readonly projectMonitor?: Monitor | undefined;
  /** How far overlay and details could be scrolled, or a selection moved, in the last frame. */
  readonly reach: Reach;
};

/**
 * The largest `at` of the overlay on top, of what it says of its selected row, and of the details, and what the containers'
 * selection goes along.
 */
export type Reach = {
  readonly overlay: number;
  readonly about: number;
  readonly detail: number;
  /** Keys of the containers in the order in which they are shown. */
  readonly containers: readonly string[];
};

/** Everything that panes, overlays and keys look at: the run, the view, and what follows from both. */
export type Scene = SceneInput & {
  /** Up to when the run is known: `now`; behind the last good line of a damaged journal nothing is. */
  readonly knownAt: number;
  readonly phase: Phase;
  readonly phaseIndex: number;
  readonly rows: readonly ListRow[];
  readonly rowIndex: number;
  readonly row?: ListRow;
  /** State of the selected step; absent: another row is selected. */
  readonly step?: { readonly step: Step; readonly state: StepState };
  /** Attempts of the selected step and of its undos, oldest first. */
  readonly attempts: readonly Attempt[];
  /** The attempt whose output is shown. */
  readonly shown?: Attempt;
  /** There is something whose lines are followed. */
  readonly hasLogs: boolean;
  readonly top?: OverlayFrame;
};

/** Works out what is on the screen. Pure. */
export function sceneOf(input: SceneInput): Scene {
  const { run, view } = input;
  const wanted = view.selection.kind === 'row' ? view.selection : followed(run);
  const found = run.runbook.phases.findIndex((phase) => phase.id === wanted.phaseId);
  const phaseIndex = Math.max(0, found);
  const phase = run.runbook.phases[phaseIndex];
  if (phase === undefined) throw new RangeError('A runbook has at least one phase.');
  const rows = rowsOf(phase);
  const rowIndex = Math.max(
    0,
    rows.findIndex((row) => row.id === wanted.rowId),
  );
  const row = rows[rowIndex];
  const attempts = row?.kind === 'step' ? attemptsOfStep(run, row.step.id).filter((one) => !isManual(run, one)) : [];
  const shown = attempts.find((one) => one.number === view.attempt) ?? attempts.at(-1);
  const top = topOverlay(view);
  const inRollback = top?.overlay.kind === 'rollback' ? attemptInRollback(run, top.at) : undefined;
  const output = top?.overlay.kind === 'rollback' ? inRollback : shown;
  return {
    ...input,
    knownAt: input.holding.kind === 'damaged' ? Math.min(input.now, run.lastAt) : input.now,
    phase,
    phaseIndex,
    rows,
    rowIndex,
    attempts,
    hasLogs: followsLogs(run, input.projectMonitor),
    ...(row === undefined ? {} : { row }),
    ...(row?.kind === 'step' ? { step: { step: row.step, state: stateOf(run, row.step.id) } } : {}),
    ...(output === undefined ? {} : { shown: output }),
    ...(top === undefined ? {} : { top }),
  };
}

function followsLogs({ runbook }: Run, ofProject: Monitor | undefined): boolean {
  const hasService = () => runbook.phases.some((phase) => phase.steps.some((step) => step.action.kind === 'service'));
  return monitorOf(runbook, ofProject).logs.length > 0 || hasService();
}

/** The rows of a phase's list: steps, checklist, gate. */
export function rowsOf(phase: Phase): readonly ListRow[] {
  return [
    ...phase.steps.map((step): ListRow => ({ kind: 'step', id: `step:${step.id}`, step })),
    ...phase.checklist.map((item): ListRow => ({ kind: 'item', id: `item:${item.id}`, item })),
    ...(phase.gate === undefined
      ? []
      : [{ kind: 'gate', id: `gate:${phase.id}`, phaseId: phase.id, text: phase.gate } as const]),
  ];
}

/** The rollback that `r` shows: the one that goes on, else the last. */
export function rollbackShown(run: Run): Rollback | undefined {
  return activeRollback(run) ?? run.rollbacks.at(-1);
}

/** Index of the undo that is selected in a rollback; with `at` -1 the one that runs or is stuck, else the next. */
export function selectedUndo(run: Run, at: number): number {
  const rollback = rollbackShown(run);
  if (rollback === undefined) return 0;
  const { items } = rollback.plan;
  if (at >= 0) return Math.min(at, Math.max(0, items.length - 1));
  const find = (statuses: readonly string[]) =>
    items.findIndex((item) => statuses.includes(rollback.items[item.id]?.status ?? 'waiting'));
  const current = find(['running', 'verifying', 'failed', 'unknown']);
  const next = current === -1 ? find(['waiting']) : current;
  return next === -1 ? Math.max(0, items.length - 1) : next;
}

/** Whether time has to be shown going on. */
export function isTicking(run: Run): boolean {
  return (
    run.active.length > 0 ||
    Object.values(run.steps).some(
      (state) => (state.status === 'failed' || state.status === 'timed out') && state.retry !== undefined,
    )
  );
}

/** Whether keys can go to the attempt: it runs, and not in a person. */
export function takesInput(run: Run, attempt: Attempt): boolean {
  return isActive(attempt) && attempt.life.status !== 'starting' && !isManual(run, attempt);
}

function followed(run: Run): { readonly phaseId: string; readonly rowId: string } {
  const stepId = currentStepId(run);
  const gate = stepId === undefined ? undefined : waitingGate(run, stepId);
  if (gate !== undefined) return { phaseId: gate, rowId: `gate:${gate}` };
  const phase = run.runbook.phases.find((candidate) => candidate.steps.some((step) => step.id === stepId));
  return { phaseId: phase?.id ?? '', rowId: `step:${stepId ?? ''}` };
}

/** The phase whose gate stands between what was done and this step, which nobody has begun. */
function waitingGate(run: Run, stepId: string): string | undefined {
  if (stateOf(run, stepId).status !== 'pending') return undefined;
  const index = run.runbook.phases.findIndex((phase) => phase.steps.some((step) => step.id === stepId));
  const before = run.runbook.phases[index - 1];
  if (before?.gate === undefined || run.runbook.phases[index]?.steps[0]?.id !== stepId) return undefined;
  const open = run.confirmations.some((given) => given.reason === 'gate' && given.phaseId === before.id);
  return open ? undefined : before.id;
}

function attemptInRollback(run: Run, at: number): Attempt | undefined {
  const rollback = rollbackShown(run);
  const item = rollback?.plan.items[selectedUndo(run, at)];
  if (rollback === undefined || item === undefined) return undefined;
  return run.attempts.findLast(
    (attempt) =>
      attempt.purpose.kind === 'undo' &&
      attempt.purpose.rollback === rollback.number &&
      attempt.purpose.itemId === item.id &&
      !isManual(run, attempt),
  );
}

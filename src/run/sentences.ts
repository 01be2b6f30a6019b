import type { Estimate } from '../definition/runbook.ts';
import type { Ending, Unmet } from '../runner/spec.ts';
import type { EventOf, Probed, RunEvent } from './event.ts';
import { itemById, phaseById, stepById } from './select.ts';
import type { Reason, Run, StepState } from './state.ts';

/** `0:42`, `12:05`, `1:02:03`; below a second too. */
export function durationText(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const pad = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}

/** `20:41:33`: the time of day here. */
export function clockText(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}

/** `45s`, `30m`, `2h`, `1h30m`: as the definition writes lengths. */
export function lengthText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const parts: readonly (readonly [number, string])[] = [
    [7 * 86_400_000, 'w'],
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
  ];
  let rest = Math.round(ms / 1000) * 1000;
  let text = '';
  for (const [unitMs, name] of parts) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) text += `${count}${name}`;
  }
  return text;
}

/** `30m`, or `2h–3h` for a range. */
export function estimateText(estimate: Estimate): string {
  return estimate.minMs === estimate.maxMs
    ? lengthText(estimate.minMs)
    : `${lengthText(estimate.minMs)}–${lengthText(estimate.maxMs)}`;
}

/** Why an attempt did not succeed, as one sentence without its full stop. */
export function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'timed out':
      return `timed out after ${lengthText(reason.afterMs)}`;
    case 'stopped':
      return `stopped with ${reason.signal}`;
    case 'could not start':
      return `could not start: ${reason.message}`;
    case 'killed':
      return `killed by ${reason.signal}`;
    case 'unmet':
      return unmetText(reason.unmet.what, reason.unmet.wanted, reason.unmet.found);
    case 'not met':
      return reason.found;
    case 'verify':
      return `verify ${reason.lineLost ? 'has no answer' : 'did not hold'}: ${reason.found}`;
    case 'ended early':
      return `ended by itself although it should stay: ${reason.found}`;
    case 'blocked':
      return reason.found;
    case 'marked failed':
      return `marked failed${reason.note ? `: ${reason.note}` : ''}`;
    default:
      return reason satisfies never;
  }
}

function unmetText(what: Unmet['what'], wanted: string, found: string): string {
  if (what === 'exit') return `exit status ${found}, wanted ${wanted}`;
  if (what === 'match') return `no line of the output matches ${wanted}: ${found}`;
  if (what === 'too slow')
    return `it takes too long to see whether ${found} of the output matches ${wanted}; write it simpler`;
  return `the output matches ${wanted}: ${found}`;
}

/** How an attempt's work ended, in words. */
export function endingText(ending: Ending): string {
  switch (ending.kind) {
    case 'exited':
      return `exit status ${ending.status}`;
    case 'killed':
      return `killed by ${ending.signal}`;
    case 'timed out':
      return `timed out after ${lengthText(ending.afterMs)}`;
    case 'stopped':
      return `stopped with ${ending.signal}`;
    case 'could not start':
      return `could not start: ${ending.message}`;
    case 'done':
    case 'not met':
      return ending.found;
    default:
      return ending satisfies never;
  }
}

/** A step's state with what matters of it: `failed · exit status 1, wanted 0`. */
export function stateText(state: StepState): string {
  switch (state.status) {
    case 'failed':
    case 'timed out':
    case 'stopped':
      return [state.status, ...state.reasons.map(reasonText)].join(' · ');
    case 'skipped':
      return `skipped · ${state.reason}`;
    case 'satisfied':
      return 'satisfied · its `unless` held';
    case 'unknown':
      return `unknown · ${state.why}`;
    case 'succeeded':
      return state.how === 'adopted' ? `adopted as done${state.note ? ` · ${state.note}` : ''}` : 'succeeded';
    default:
      return state.status;
  }
}

/**
 * What an event means to the operator, as one line; undefined for events that another line already tells.
 *
 * @param run the run after the event.
 */
export function eventSentence(run: Run, event: RunEvent): string | undefined {
  const title = (stepId: string) => `“${stepById(run, stepId).title}”`;
  const attemptTitle = (number: number) => `“${run.attempts[number - 1]?.title ?? number}”`;
  switch (event.type) {
    case 'RunStarted':
      return `The run began: ${event.title}`;
    case 'RunClosed':
      return `The run was put aside${event.note ? `: ${event.note}` : ''}`;
    case 'DefinitionAdopted':
      return 'The changed definition was adopted';
    case 'DefinitionKept':
      return 'The stored definition was kept over the changed file';
    case 'VariableSet':
      return `${event.name} was set to ${event.value}`;
    case 'Confirmed':
      return `${event.accepted === '--yes' ? 'Accepted by --yes' : 'Confirmed'} (${event.reason}): ${event.stepId ? title(event.stepId) : phaseById(run, event.phaseId).title}`;
    case 'RunOnEnded':
      return `Running on ended: ${event.why}`;
    case 'StepSatisfied':
      return `${title(event.stepId)} was already done`;
    case 'StepSkipped':
      return `${title(event.stepId)} was skipped: ${event.reason}`;
    case 'AttemptStarted':
      return `${attemptTitle(event.attempt)} started`;
    case 'AttemptReady':
      return `${attemptTitle(event.attempt)} is ready`;
    case 'StopRequested':
      return `${attemptTitle(event.attempt)} was asked to stop: ${event.why}`;
    case 'StopEscalated':
      return `${attemptTitle(event.attempt)} was sent ${event.signal}`;
    case 'AttemptEnded':
      return `${attemptTitle(event.attempt)} ended: ${endingText(event.result.ending)}`;
    case 'AttemptWithdrawn':
      return `${attemptTitle(event.attempt)} did not start: ${event.why}`;
    case 'AttemptLost':
      return `${attemptTitle(event.attempt)} is unknown: ${event.why}`;
    case 'AttemptProvenGone':
      return `${attemptTitle(event.attempt)}: its processes are proven gone`;
    case 'AttemptVerified':
      return `${attemptTitle(event.attempt)}: verify ${verifiedText(event.answer)}`;
    case 'ManualDone':
      return `${attemptTitle(event.attempt)} was ${event.accepted === '--yes' ? 'accepted by --yes' : 'done by hand'}`;
    case 'RetryScheduled':
      return `${title(event.stepId)} is tried again (${event.number})`;
    case 'RetryCancelled':
      return `${title(event.stepId)} is not tried again: ${event.why}`;
    case 'UnknownResolved':
      return `${title(event.stepId)}, unknown: ${event.choice}${event.note ? ` — ${event.note}` : ''}`;
    case 'ItemTicked':
      return `Ticked: ${itemById(run, event.itemId).item.text}`;
    case 'ItemUnticked':
      return `Unticked: ${itemById(run, event.itemId).item.text}`;
    case 'ItemNotMet':
      return `Does not hold: ${itemById(run, event.itemId).item.text}: ${event.found}`;
    case 'NoteAdded':
      return `Note: ${event.text}`;
    case 'RollbackStarted':
      return `A rollback of ${undosText(event.plan.items.length)} began${event.note ? `: ${event.note}` : ''}`;
    case 'UndoResolved':
      return `An undo ${event.choice === 'run again' ? 'that is unknown is run again' : `was ${event.choice}`}: ${event.note}`;
    case 'UndoBlocked':
      return `The rollback waits: ${event.found}`;
    case 'UndoNotNeeded':
      return `An undo was left out: ${event.why}`;
    case 'RollbackResumed':
      return 'The rollback goes on';
    case 'RollbackFinished':
      return event.outcome === 'rolled back' ? 'Rolled back' : 'Partly rolled back';
    case 'RollbackGivenUp':
      return `The rollback was given up: ${event.note}`;
    case 'RunOpened':
      return takeOverText(event);
    case 'UnlessAnswered':
      return event.answer.lineLost
        ? `${title(event.stepId)} was not begun: its unless has no answer: ${event.answer.found}`
        : undefined;
    case 'RunOnStarted':
    case 'UnlessAsked':
    case 'AttemptSpawned':
    case 'ItemAsked':
      return undefined;
    default:
      return event satisfies never;
  }
}

function undosText(count: number): string {
  return count === 1 ? '1 undo' : `${count} undos`;
}

function verifiedText({ held, found, lineLost }: Probed): string {
  if (held) return 'holds';
  return `${lineLost ? 'has no answer' : 'does not hold'}: ${found}`;
}

/** Told only where a person decided it: one that was killed is told by what became of its steps. */
function takeOverText({ by, from }: EventOf<'RunOpened'>): string | undefined {
  if (from === undefined || from.provenDead) return undefined;
  if (from.by === undefined) return `${by} took the run over from somebody whose lock could not be read`;
  return `${by} took the run over from ${from.by} (pid ${from.pid} on ${from.host}), who was not proven gone`;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { replay } from '../../src/run/reduce.ts';
import { planRollback } from '../../src/run/rollback.ts';
import {
  activeRollback,
  currentStepId,
  foregroundStepId,
  isActive,
  isInBackground,
  stateOf,
  stepById,
  stepsOf,
} from '../../src/run/select.ts';
import type { Run } from '../../src/run/state.ts';
import { phaseProgress, phaseStatus, runStatus } from '../../src/run/status.ts';
import { bookOfAll, moves, play } from '../support/any-moves.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

/** Attempts that nobody may start beside another. */
function inForeground(run: Run): readonly number[] {
  return run.attempts
    .filter((attempt) => isActive(attempt))
    .filter(({ purpose, life }) => {
      if (purpose.kind === 'undo') return true;
      const step = stepById(run, purpose.stepId);
      const isService = step.action.kind === 'service';
      return (
        !isInBackground(run, step) &&
        !(isService && (life.status === 'stopping' || 'readyAt' in life)) &&
        step.action.kind !== 'watch'
      );
    })
    .map((attempt) => attempt.number);
}

function laws(run: DecidedRun): void {
  const state = run.run;
  expect(state.active).toEqual(state.attempts.filter(isActive).map((attempt) => attempt.number));
  expect(inForeground(state).length, `two at once: ${JSON.stringify(state.attempts)}`).toBeLessThanOrEqual(1);
  const rollback = activeRollback(state);
  const undoing = state.attempts.some((one) => one.purpose.kind === 'undo' && isActive(one));
  if (undoing) expect(rollback).toBeDefined();
  for (const step of stepsOf(state)) {
    const now = stateOf(state, step.id);
    if (!('attempt' in now) || now.attempt === undefined || now.status === 'undo failed') continue;
    // The status follows the last attempt that was not withdrawn.
    const own = state.attempts.filter((one) => one.purpose.kind === 'step' && one.purpose.stepId === step.id);
    const last = own.findLast((one) => one.life.status !== 'withdrawn');
    expect(last?.number, step.id).toBe(now.attempt);
    if (now.status === 'starting' || (now.status === 'running' && step.action.kind !== 'service')) {
      expect(last && isActive(last)).toBe(true);
    }
    if (now.status === 'succeeded' && now.how === 'verified' && step.verify !== undefined) {
      const life = last?.life;
      expect(life && 'verified' in life && life.verified?.held, `${step.id} was not verified`).toBe(true);
    }
  }
  for (const one of state.rollbacks) {
    if (one.ending?.kind !== 'rolled back') continue;
    expect(Object.values(one.items).every(({ status }) => status === 'done' || status === 'not needed')).toBe(true);
    expect(one.plan.remaining.some((left) => left.kind === 'no undo')).toBe(false);
    // Nothing of it may still run without somebody having been asked.
    const isAsked = run.events.some((event) => event.type === 'UndoBlocked' && event.rollback === one.number);
    for (const stepId of isAsked ? [] : one.plan.stepIds) {
      const last = state.attempts
        .slice(0, one.attemptsBefore)
        .findLast(
          ({ purpose, life }) => 'stepId' in purpose && purpose.stepId === stepId && life.status !== 'withdrawn',
        );
      expect(last?.life.status === 'ended' && !last.life.result.groupGone, `${stepId} may still run`).toBe(false);
      expect(last?.life.status === 'lost' && !last.life.groupGone, `${stepId} may still run`).toBe(false);
    }
  }
  // Selectors answer whatever the run has come to.
  for (const phase of state.runbook.phases) {
    phaseStatus(state, phase.id);
    const { done, total } = phaseProgress(state, phase.id);
    expect(done).toBeLessThanOrEqual(total);
  }
  runStatus(state);
  currentStepId(state);
  foregroundStepId(state);
}

test('whatever is wanted and whatever comes: nothing throws, no two at once, and the journal says it all', () => {
  fc.assert(
    fc.property(fc.array(moves, { minLength: 1, maxLength: 60 }), (sequence) => {
      const run = new DecidedRun(bookOfAll);
      for (const move of sequence) {
        play(run, move);
        laws(run);
      }
      expect(replay('r1', run.events, () => bookOfAll)).toEqual(run.run);
    }),
    { numRuns: 600 },
  );
}, 60_000);

test('a journal that is cut after any event replays to a state that can be opened and gone on with', () => {
  fc.assert(
    fc.property(fc.array(moves, { minLength: 10, maxLength: 40 }), fc.nat(), (sequence, cut) => {
      const run = new DecidedRun(bookOfAll);
      for (const move of sequence) play(run, move);
      const length = 1 + (cut % run.events.length);
      const before = replay('r1', run.events.slice(0, length), () => bookOfAll);
      const again = new DecidedRun(bookOfAll);
      again.events.length = 0;
      again.events.push(...run.events.slice(0, length));
      again.run = before;
      again.later(1_000_000).reopen();
      laws(again);
      expect(Object.values(again.run.steps).some((state) => state.status === 'asking')).toBe(false);
      expect(again.run.runOn).toBeUndefined();
    }),
    { numRuns: 200 },
  );
}, 60_000);

test('what a rollback undoes goes backwards through the order of starting, for any order', () => {
  const many = bookOf(
    `  - id: one\n    title: One\n    steps:\n${[1, 2, 3, 4, 5, 6].map((n) => `      - { id: s${n}, title: S${n}, run: x, undo: y }`).join('\n')}`,
  );
  fc.assert(
    fc.property(fc.shuffledSubarray(['s1', 's2', 's3', 's4', 's5', 's6'], { minLength: 1 }), (order) => {
      const run = new DecidedRun(many);
      for (const [index, stepId] of order.entries()) {
        run.start(stepId);
        run.end(index + 1, index % 2);
      }
      const { items: plan } = planRollback(run.run, { kind: 'run' });
      expect(plan.map((item) => item.id)).toEqual(order.toReversed().map((id) => `undo:${id}`));
      run.rollBack();
      run.settle();
      const undone = run.run.attempts.flatMap(({ purpose }) => (purpose.kind === 'undo' ? [purpose.itemId] : []));
      expect(undone).toEqual(plan.map((item) => item.id));
    }),
    { numRuns: 60 },
  );
});

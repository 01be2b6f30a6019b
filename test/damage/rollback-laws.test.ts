import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Phase, Step } from '../../src/definition/runbook.ts';
import { decide } from '../../src/run/decide.ts';
import type { RunEvent } from '../../src/run/event.ts';
import { planAttempt } from '../../src/run/plan.ts';
import { planRollback } from '../../src/run/rollback.ts';
import { isDone, stateOf, stepById } from '../../src/run/select.ts';
import { runStatus } from '../../src/run/status.ts';
import { anyHistory, historyOf } from '../support/any-history.ts';
import { underDamage } from '../support/damage.ts';
import { type DecidedRun, whyOf } from '../support/decided-run.ts';

const place = { home: '/home/rob', definitionDir: '/srv', runDir: '/runs/1', node: '/bin/node' };

type Start = { readonly stepId: string; readonly seq: number };

/** What the journal alone says of a run: who started when, and what was taken back since. Told apart from the core's own. */
function told(run: DecidedRun): {
  readonly starts: readonly Start[];
  readonly takenBack: ReadonlyMap<string, number>;
  /** By phase, when the last rollback began that did all of its own plan. */
  readonly plansDone: ReadonlyMap<string, number>;
} {
  const { events } = run;
  const spawned = new Set(events.flatMap((one) => (one.type === 'AttemptSpawned' ? [one.attempt] : [])));
  // What a person had begun may be half done when it is taken off their hands.
  const withdrawn = new Set(
    events.flatMap((one) => (one.type === 'AttemptWithdrawn' && !spawned.has(one.attempt) ? [one.attempt] : [])),
  );
  const starts = events.flatMap((one): readonly Start[] =>
    one.type === 'AttemptStarted' && one.purpose.kind === 'step' && !withdrawn.has(one.attempt)
      ? [{ stepId: one.purpose.stepId, seq: one.seq }]
      : [],
  );
  const takenBack = new Map<string, number>();
  const plansDone = new Map<string, number>();
  for (const rollback of run.run.rollbacks) {
    const began = events.find((one) => one.type === 'RollbackStarted' && one.rollback === rollback.number);
    const isOver = rollback.ending !== undefined;
    const doneIds = new Set(
      rollback.plan.items.map(({ id }) => id).filter((id) => isTakenBack(run, rollback.number, id)),
    );
    for (const { id, work } of rollback.plan.items)
      if (work.kind !== 'plan' && doneIds.has(id)) takenBack.set(work.stepId, began?.seq ?? 0);
    for (const phase of run.runbook.phases) {
      const own = rollback.plan.items.filter((item) => item.phaseId === phase.id);
      const isDone = own.length > 0 && own.every((one) => doneIds.has(one.id));
      const isWhole = isOver && (rollback.ending?.kind === 'rolled back' || isDone);
      if (isOver && isDone && own.every(({ work }) => work.kind === 'plan')) plansDone.set(phase.id, began?.seq ?? 0);
      for (const { id } of isWhole ? phase.steps : [])
        if (rollback.plan.stepIds.includes(id)) takenBack.set(id, began?.seq ?? 0);
    }
  }
  return { starts, takenBack, plansDone };
}

/** Whether the journal says of an undo that it is done: ended well and proven, by hand, or marked so. */
function isTakenBack(run: DecidedRun, rollback: number, itemId: string): boolean {
  const attempts = run.run.attempts.filter(
    ({ purpose }) => purpose.kind === 'undo' && purpose.rollback === rollback && purpose.itemId === itemId,
  );
  const last = attempts.at(-1)?.number;
  const work = run.run.rollbacks[rollback - 1]?.plan.items.find(({ id }) => id === itemId)?.work;
  const verify = work?.kind === 'undo' ? work.verify : work?.kind === 'plan' ? work.step.verify : undefined;
  return run.events.some((one) => {
    if (one.type === 'UndoResolved')
      return one.rollback === rollback && one.itemId === itemId && one.choice === 'marked done';
    if (one.type === 'AttemptVerified') return one.attempt === last && one.answer.held;
    if (verify !== undefined) return false;
    if (one.type === 'ManualDone') return one.attempt === last;
    return one.type === 'AttemptEnded' && one.attempt === last && endedWell(one);
  });
}

function endedWell({ result }: Extract<RunEvent, { type: 'AttemptEnded' }>): boolean {
  return (result.ending.kind === 'exited' || result.ending.kind === 'done') && result.unmet.length === 0;
}

/** Steps of a phase that may have changed something, the last started first. */
function eligible(run: DecidedRun, phase: Phase): readonly Step[] {
  const lastStart = (step: Step) => lastStartOf(run, step);
  return phase.steps
    .filter((step) => !step.readonly && lastStart(step) > 0)
    .toSorted((a, b) => lastStart(b) - lastStart(a));
}

/** The last start of a step that nothing has taken back; 0: none. */
function lastStartOf(run: DecidedRun, step: Step): number {
  const { starts, takenBack } = told(run);
  return starts.findLast(({ stepId, seq }) => stepId === step.id && seq > (takenBack.get(step.id) ?? 0))?.seq ?? 0;
}

function wantedItems(run: DecidedRun, phase: Phase): readonly string[] {
  const steps = eligible(run, phase);
  if (steps.length === 0) return [];
  if (phase.rollback) {
    // What has no way back stood when the plan was done; it would only be done twice.
    const done = told(run).plansDone.get(phase.id) ?? 0;
    const isNew = steps.some((step) => step.irreversible === undefined || lastStartOf(run, step) > done);
    return isNew ? phase.rollback.map(({ id }) => `${phase.id}/${id}`) : [];
  }
  const withUndo = steps.filter(
    ({ irreversible, undo, action }) => irreversible === undefined && (undo !== undefined || action.kind === 'edit'),
  );
  return withUndo.map(({ id }) => `undo:${id}`);
}

function holdsFor(check: (run: DecidedRun) => void, damage: { tried: () => void; held: () => void }, numRuns = 150) {
  fc.assert(
    fc.property(anyHistory, (history) => {
      damage.tried();
      check(historyOf(history, () => undefined));
      damage.held();
    }),
    { numRuns },
  );
}

describe('for any runbook and whatever has happened', () => {
  test('the plan has every step that may have changed something, the last started first', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 2', 'Rollback 8');
    holdsFor((run) => {
      const { phases } = run.runbook;
      const plan = planRollback(run.run, { kind: 'run' });
      expect(plan.items.map(({ id }) => id)).toEqual(phases.toReversed().flatMap((phase) => wantedItems(run, phase)));
      for (const phase of phases) {
        const own = planRollback(run.run, { kind: 'phase', phaseId: phase.id });
        expect(own.items.map(({ id }) => id)).toEqual(wantedItems(run, phase));
        const gone = eligible(run, phase).filter(({ irreversible }) => irreversible !== undefined);
        const stays = own.remaining.filter(({ kind }) => kind === 'irreversible');
        expect(stays.map(({ stepId, why }) => [stepId, why])).toEqual(gone.map(({ id }) => [id, 'it is out']));
      }
    }, damage);
  });

  test('undos run in the order of their plan, after what they undo is proven to have ended', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 2', 'Rollback 6');
    fc.assert(
      fc.property(anyHistory, (history) => {
        damage.tried();
        let seen = 0;
        const run = historyOf(history, (now) => {
          for (const event of now.events.slice(seen))
            if (event.type === 'AttemptStarted') nothingRunsBeside(now, event);
          seen = now.events.length;
        });
        for (const { number, plan } of run.run.rollbacks) {
          const begun = run.run.attempts.flatMap(({ purpose }) =>
            purpose.kind === 'undo' && purpose.rollback === number ? [purpose.itemId] : [],
          );
          const order = begun.filter((id, index) => begun.indexOf(id) === index);
          expect(order).toEqual(plan.items.map(({ id }) => id).filter((id) => order.includes(id)));
        }
        damage.held();
      }),
      { numRuns: 150 },
    );
  });

  test('an undo has its own deadline, and nothing but the operator stops it', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 4');
    holdsFor((run) => {
      const halfAnHour = 30 * 60_000;
      for (const attempt of run.run.attempts.filter(({ purpose }) => purpose.kind === 'undo')) {
        const item = itemOf(run, attempt.number);
        const own = item?.work.kind === 'undo' ? item.work.timeoutMs : undefined;
        const ofPlan = item?.work.kind === 'plan' ? item.work.step.timeoutMs : undefined;
        if (item?.work.kind === 'plan' && item.work.step.action.kind === 'manual') continue;
        expect(planAttempt(run.run, place, attempt).timeoutMs).toBe(own ?? ofPlan ?? halfAnHour);
        const asked = run.events.filter((one) => one.type === 'StopRequested' && one.attempt === attempt.number);
        expect(asked.map((one) => one.type === 'StopRequested' && one.why)).toEqual(
          asked.map(() => 'stopped by the operator'),
        );
      }
    }, damage);
  });

  test('what was taken back is pending again, its ticks are history and want ticking anew', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 9');
    fc.assert(
      fc.property(anyHistory, (history) => {
        damage.tried();
        let endings = 0;
        const run = historyOf(history, (now) => {
          const over = now.run.rollbacks.filter(({ ending }) => ending !== undefined);
          if (over.length > endings) isAsBefore(now, over.at(-1)?.number ?? 0);
          endings = over.length;
        });
        // Nothing of what was is gone from the journal.
        expect(run.events.map(({ seq }) => seq)).toEqual(run.events.map((_, index) => index + 1));
        damage.held();
      }),
      { numRuns: 150 },
    );
  });

  test('nothing is called rolled back while something stands that could be taken back', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 7');
    fc.assert(
      fc.property(anyHistory, (history) => {
        damage.tried();
        historyOf(history, (run) => {
          if (runStatus(run.run) === 'rolled back')
            expect(run.runbook.phases.flatMap((phase) => standing(run, phase))).toEqual([]);
          const last = run.run.rollbacks.at(-1);
          const isJust = run.events.at(-1)?.type === 'RollbackFinished' && last?.ending?.kind === 'rolled back';
          for (const phase of isJust ? run.runbook.phases : [])
            if (last?.plan.phaseIds.includes(phase.id)) expect(standing(run, phase)).toEqual([]);
        });
        damage.held();
      }),
      { numRuns: 150 },
    );
  });

  test('a step that a rollback stopped does not go on saying that it is up', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 7', 'Steps 1');
    fc.assert(
      fc.property(anyHistory, (history) => {
        damage.tried();
        historyOf(history, (run) => {
          for (const { purpose, life, number, stopWhy } of run.run.attempts) {
            if (purpose.kind !== 'step' || life.status !== 'ended') continue;
            if (stopWhy !== 'a rollback began' || stepById(run.run, purpose.stepId).action.kind !== 'service') continue;
            const state = stateOf(run.run, purpose.stepId);
            if (state.status === 'succeeded') expect([state.how, state.attempt]).not.toEqual(['verified', number]);
          }
        });
        damage.held();
      }),
      { numRuns: 150 },
    );
  });

  test('the undo of a step that never started is not run', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 2');
    fc.assert(
      fc.property(anyHistory, (history) => {
        damage.tried();
        let seen = 0;
        historyOf(history, (run) => {
          for (const event of run.events.slice(seen)) {
            if (event.type !== 'AttemptStarted' || event.purpose.kind !== 'undo') continue;
            const work = itemOf(run, event.attempt)?.work;
            if (work === undefined || work.kind === 'plan' || isByHand(run, work.stepId)) continue;
            const { starts, takenBack } = told(run);
            const since = takenBack.get(work.stepId) ?? 0;
            const isStarted = starts.some(
              ({ stepId, seq }) => stepId === work.stepId && seq > since && seq < event.seq,
            );
            expect(isStarted, `${work.stepId} never started`).toBe(true);
          }
          seen = run.events.length;
        });
        damage.held();
      }),
      { numRuns: 150 },
    );
  });

  test('a point of no return is said before each start of it', (context) => {
    const damage = underDamage(context, 'any runbook, any history', 'Rollback 8');
    holdsFor((run) => {
      for (const step of run.runbook.phases.flatMap(({ steps }) => steps)) {
        if (step.irreversible === undefined) continue;
        let said = false;
        for (const event of run.events) {
          if (event.type === 'Confirmed' && event.stepId === step.id && event.reason === 'irreversible') said = true;
          if (event.type === 'UnknownResolved' && event.stepId === step.id && event.choice === 'run again') said = true;
          if (event.type !== 'AttemptStarted' || event.purpose.kind !== 'step' || event.purpose.stepId !== step.id)
            continue;
          expect(said, `${step.id} started without a word`).toBe(true);
          said = false;
        }
      }
    }, damage);
  });
});

/** What may have changed something, is not taken back, and could be. */
function standing(run: DecidedRun, phase: Phase): readonly string[] {
  return eligible(run, phase).flatMap(({ id, irreversible }) => (irreversible === undefined ? [id] : []));
}

/** What a person does may be half done when a rollback takes it off their hands. */
function isByHand(run: DecidedRun, stepId: string): boolean {
  return stepById(run.run, stepId).action.kind === 'manual';
}

function itemOf(run: DecidedRun, attempt: number) {
  const purpose = run.run.attempts[attempt - 1]?.purpose;
  if (purpose?.kind !== 'undo') return undefined;
  return run.run.rollbacks[purpose.rollback - 1]?.plan.items.find(({ id }) => id === purpose.itemId);
}

/** While an undo begins, no step of its phases goes on, and none whose end was not proven is passed over in silence. */
function nothingRunsBeside(run: DecidedRun, event: Extract<RunEvent, { type: 'AttemptStarted' }>): void {
  if (event.purpose.kind !== 'undo') return;
  const { rollback, itemId } = event.purpose;
  const { plan } = run.run.rollbacks[rollback - 1] ?? { plan: undefined };
  const work = plan?.items.find(({ id }) => id === itemId)?.work;
  for (const phase of run.runbook.phases.filter(({ id }) => plan?.phaseIds.includes(id)))
    for (const step of phase.steps) {
      const last = run.run.attempts.findLast(
        ({ purpose, number, life, isBegun }) =>
          purpose.kind === 'step' &&
          purpose.stepId === step.id &&
          number < event.attempt &&
          (life.status !== 'withdrawn' || isBegun),
      );
      if (last === undefined) continue;
      const { status } = last.life;
      expect(['ended', 'lost', 'done by hand', 'withdrawn'], `${step.id} beside ${itemId}`).toContain(status);
      const isProven =
        last.life.status === 'ended'
          ? last.life.result.groupGone
          : last.life.status !== 'lost' || last.life.groupGone === true;
      const isOwn = work !== undefined && work.kind !== 'plan' && work.stepId === step.id;
      if (!isOwn || isProven) continue;
      const wasAsked = run.events.some(
        (one) => one.type === 'UndoBlocked' && one.itemId === itemId && one.rollback === rollback,
      );
      expect(wasAsked, `${step.id} was passed over`).toBe(true);
    }
}

function isAsBefore(run: DecidedRun, number: number): void {
  const rollback = run.run.rollbacks[number - 1];
  if (rollback?.ending?.kind === 'rolled back')
    for (const stepId of rollback.plan.stepIds) expect(stateOf(run.run, stepId).status, stepId).toBe('undone');
  for (const phase of run.runbook.phases) {
    const undone = phase.steps.filter((step) => {
      const state = stateOf(run.run, step.id);
      return state.status === 'undone' && state.rollback === number;
    });
    if (undone.length === 0) continue;
    for (const item of phase.checklist) expect(run.run.items[item.id]).toEqual({ status: 'open' });
    expect(run.run.confirmations.filter((given) => given.phaseId === phase.id)).toEqual([]);
    for (const step of undone) {
      expect(isDone(stateOf(run.run, step.id))).toBe(false);
      const why = whyOf(
        decide(run.run, { type: 'run step', stepId: step.id, answers: [], accepted: 'person' }, run.context),
      );
      expect(why).not.toMatch(/is done|rollback/);
    }
  }
}

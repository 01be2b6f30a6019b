import fc from 'fast-check';
import { expect } from 'vitest';
import { decide } from '../../src/run/decide.ts';
import type { Effect } from '../../src/run/effect.ts';
import type { Completion, Intent } from '../../src/run/intent.ts';
import { planRollback } from '../../src/run/rollback.ts';
import { isActive, isManual, stepsOf } from '../../src/run/select.ts';
import type { Run } from '../../src/run/state.ts';
import { bookOf } from './book.ts';
import { DecidedRun } from './decided-run.ts';
import { aResult } from './run-builder.ts';

/** A runbook with a step of nearly every kind. */
export const bookOfAll = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, unless: y, verify: z, retry: { times: 1, every: 1s }, undo: { run: u, verify: v } }
      - { id: up, title: Up, service: x, ready: { tcp: 'localhost:1', within: 1s } }
      - { id: soak, title: Soak, watch: { check: x, every: 1s, for: 2s } }
      - { id: file, title: File, edit: { file: f, replace: p, with: q } }
    checklist: [{ id: seen, text: Seen }, { id: green, text: Green, run: x }]
    gate: Go on?
  - id: two
    title: Two
    danger: true
    steps:
      - { id: hand, title: Hand, manual: x, verify: y }
      - { id: b, title: B, run: x, needs: [soak], confirm: true, capture: IMAGE }
      - { id: out, title: Out, run: x, irreversible: it is out }
    rollback:
      - { id: back, title: Back, run: x, verify: y }
      - { id: by-hand, title: By hand, manual: x }
`);

const stepIds = stepsOf(new DecidedRun(bookOfAll).run).map((step) => step.id);
const items = ['undo:a', 'undo:file', 'two/back', 'two/by-hand'];

/** One thing that a person wants, that happens, or that comes too late. */
export type Move =
  | { readonly kind: 'intent'; readonly make: (run: Run) => Intent; readonly name: string }
  | { readonly kind: 'effect'; readonly pick: number; readonly how: number }
  | { readonly kind: 'late'; readonly pick: number; readonly how: number }
  | { readonly kind: 'reopen' };

const aStepId = fc.constantFrom(...stepIds);
const anItemId = fc.constantFrom(...items);
const aPhaseId = fc.constantFrom('one', 'two');
const intents = fc.oneof(
  {
    weight: 6,
    arbitrary: aStepId.map((stepId): Intent => ({ type: 'run step', stepId, answers: [], accepted: 'person' })),
  },
  { weight: 6, arbitrary: fc.constant<Intent>({ type: 'run on', answers: [], accepted: '--yes' }) },
  aPhaseId.map((phaseId): Intent => ({ type: 'run on', phaseId, answers: [], accepted: '--yes' })),
  fc.constant<Intent>({ type: 'hold' }),
  aStepId.map((stepId): Intent => ({ type: 'stop step', stepId })),
  aStepId.map((stepId): Intent => ({ type: 'skip step', stepId, reason: 'why not' })),
  fc.constant<Intent>({ type: 'finish manual', stepId: 'hand', note: '', accepted: 'person' }),
  fc
    .tuple(aStepId, fc.constantFrom('adopt as done', 'run again', 'mark failed'))
    .map(([stepId, choice]): Intent => ({ type: 'resolve unknown', stepId, choice, note: 'seen' })),
  fc.constant<Intent>({ type: 'open gate', phaseId: 'one', said: 'yes', accepted: 'person' }),
  fc.constantFrom('seen', 'green').map((itemId): Intent => ({ type: 'tick item', itemId, accepted: 'person' })),
  anItemId.map((itemId): Intent => ({ type: 'retry undo', itemId, note: 'seen' })),
  anItemId.map((itemId): Intent => ({ type: 'stop undo', itemId })),
  anItemId.map((itemId): Intent => ({ type: 'finish manual undo', itemId, note: '', accepted: 'person' })),
  fc
    .tuple(anItemId, fc.constantFrom('marked done', 'skipped'))
    .map(([itemId, choice]): Intent => ({ type: 'resolve undo', itemId, choice, note: 'seen' })),
  fc.constant<Intent>({ type: 'resume rollback' }),
  fc.constant<Intent>({ type: 'give up rollback', note: 'enough' }),
);
const rollbacks = fc
  .constantFrom(
    { kind: 'run' } as const,
    { kind: 'phase', phaseId: 'one' } as const,
    { kind: 'phase', phaseId: 'two' } as const,
  )
  .map(
    (scope) =>
      (run: Run): Intent => ({ type: 'start rollback', plan: planRollback(run, scope), accepted: '--yes' }),
  );

/** Moves in a run of {@link bookOfAll}; mostly such that it comes far. */
export const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 5, arbitrary: intents.map((intent): Move => ({ kind: 'intent', make: () => intent, name: intent.type })) },
  { weight: 1, arbitrary: rollbacks.map((make): Move => ({ kind: 'intent', make, name: 'start rollback' })) },
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant('effect' as const), pick: fc.nat(3), how: fc.nat(9) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), pick: fc.nat(9), how: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.constant<Move>({ kind: 'reopen' }) },
);

/** What an effect may lead to; mostly good, so that sequences come far. */
function outcomes(run: DecidedRun, effect: Effect, how: number): readonly Completion[] {
  const answer = { held: how < 7, found: 'found' };
  switch (effect.type) {
    case 'ask unless':
      return [
        { type: 'unless answered', stepId: effect.stepId, asked: effect.asked, answer: { held: how > 7, found: '' } },
      ];
    case 'ask verify':
      return [{ type: 'verify answered', attempt: effect.attempt, answer }];
    case 'ask item':
      return [{ type: 'item answered', itemId: effect.itemId, asked: effect.asked, answer }];
    case 'wake for retry':
      return [{ type: 'retry due', stepId: effect.stepId, dueAt: effect.dueAt }];
    case 'stop attempt':
      return reports(run, effect.attempt, how > 7 ? 8 : 5);
    case 'start attempt':
      return reports(run, effect.attempt, how);
    default:
      return effect satisfies never;
  }
}

function reports(run: DecidedRun, attempt: number, how: number): readonly Completion[] {
  const at = run.context.now;
  const of = (report: Extract<Completion, { type: 'attempt' }>['report']): Completion => ({
    type: 'attempt',
    attempt,
    report,
  });
  const started = of({ type: 'started', at });
  const ended = (ending: Parameters<typeof aResult>[0], groupGone = true) =>
    of({ type: 'ended', result: { ...aResult(ending, 1, at), groupGone, captured: 'sha' } });
  switch (how) {
    case 0:
    case 1:
      return [started, of({ type: 'ready', at })];
    case 5:
      return [started, of({ type: 'stopping', signal: 'SIGINT' }), ended({ kind: 'stopped', signal: 'SIGINT' })];
    case 6:
      return [of({ type: 'did not start', message: 'disk full' })];
    case 7:
      return [started, ended({ kind: 'not met', found: 'x' })];
    case 8:
      return [started, ended({ kind: 'stopped', signal: 'SIGKILL' }, false)];
    case 9:
      return [of({ type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'unknown' } })];
    default:
      return [started, ended({ kind: 'exited', status: 0 })];
  }
}

/** Makes a move; what can't be done now is refused, as for anybody. */
export function play(run: DecidedRun, move: Move): void {
  switch (move.kind) {
    case 'intent': {
      const intent = move.make(run.run);
      if (
        intent.type === 'run step' ||
        intent.type === 'run on' ||
        intent.type === 'retry undo' ||
        intent.type === 'resolve unknown'
      )
        run.accept(intent);
      else run.decide(intent);
      return;
    }
    case 'effect': {
      const [effect] = run.effects.splice(move.pick % Math.max(1, run.effects.length), 1);
      if (effect) for (const completion of outcomes(run, effect, move.how)) run.decide(completion);
      return;
    }
    case 'late': {
      const attempt = run.run.attempts[move.pick];
      if (!attempt || isActive(attempt) || isManual(run.run, attempt)) return;
      for (const completion of reports(run, attempt.number, move.how)) {
        const isUnknown = run.run.attempts[move.pick]?.life.status === 'lost';
        const decision = decide(run.run, completion, run.context);
        if (!isUnknown) expect(decision).toEqual({ kind: 'go', events: [], effects: [] });
      }
      return;
    }
    case 'reopen':
      run.reopen();
      return;
    default:
      move satisfies never;
  }
}

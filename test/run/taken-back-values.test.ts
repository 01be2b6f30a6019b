import { describe, expect, test } from 'vitest';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf } from '../support/decided-run.ts';

/** A run whose step `b` was begun with what `a` captured, which is taken back when that has happened to `b`. */
function begun(step: string, happens: (run: DecidedRun) => void): DecidedRun {
  const run = new DecidedRun(
    bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, capture: REL, undo: z }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, ${step} }, { id: c, title: C, run: x }] }
`),
  );
  run.start('a');
  run.end(1, 0, { captured: 'r42' });
  run.start('b');
  run.report(2, { type: 'started', at: run.context.now });
  happens(run);
  run.effects.length = 0;
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  run.end(3);
  expect(run.state('a').status).toBe('undone');
  expect(run.run.values).toEqual({});
  return run;
}

const lost = (run: DecidedRun) => {
  run.report(2, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
};

describe('a step that stands does not begin again unasked without a value that it was begun with', () => {
  const again = { type: 'resolve unknown', stepId: 'b', choice: 'run again', note: 'looked' } as const;
  const byKey = { type: 'run step', stepId: 'b', answers: [], accepted: 'person' } as const;

  test.each([
    ['is unknown', lost, again],
    ['has failed', (run: DecidedRun) => run.end(2, 1), byKey],
  ])('where it %s', (_, happens, intent) => {
    const run = begun("run: 'rm -rf /srv/releases/$REL', undo: z", happens);
    const asked = { reason: 'out of order', details: ['not done: A', 'no value any more: REL'] };
    expect(run.decide(intent)).toMatchObject({ kind: 'ask', questions: [asked] });
    run.accept(intent);
    expect(run.state('b').status).toBe('starting');
  });

  test.each([
    ['is unknown', lost, again],
    ['has failed', (run: DecidedRun) => run.end(2, 1), byKey],
  ])('where it %s, and what captured it was skipped since', (_, happens, intent) => {
    const run = begun("run: 'rm -rf /srv/releases/$REL', undo: z", happens);
    run.decide({ type: 'skip step', stepId: 'a', reason: 'not today' });
    expect(reasonsOf(run.decide(intent))).toEqual(['out of order']);
  });

  test('where it is tried again by itself', () => {
    const run = begun("service: 'serve $REL', retry: { times: 1, every: 1s }", (up) =>
      up.report(2, { type: 'ready', at: up.context.now }),
    );
    run.end(2, 1);
    const wake = run.effects.at(-1);
    if (wake?.type !== 'wake for retry') throw new Error('nobody is woken');
    run.later(1_000).decide({ ...wake, type: 'retry due' });
    const why = 'what REL held when it began was taken back';
    expect(run.events.at(-1)).toMatchObject({ type: 'RetryCancelled', why });
    expect(run.state('b')).not.toHaveProperty('retry');
  });

  test('and does where it was captured anew', () => {
    const run = begun('run: x, undo: z', lost);
    run.decide({ ...again, choice: 'mark failed' });
    run.start('a');
    run.end(4, 0, { captured: 'r43' });
    expect(run.decide(byKey).kind).toBe('go');
  });
});

import { describe, expect, test } from 'vitest';
import { planRollback } from '../../src/run/rollback.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

const verified = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, undo: { run: z, verify: y } }
      - { id: b, title: B, run: x, readonly: true }
`);
const planned = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, undo: z }
      - { id: b, title: B, run: x, readonly: true }
    rollback:
      - { id: back, title: Back, run: x }
      - { id: more, title: More, run: x }
`);

const lost = (run: DecidedRun, attempt: number, command: 'running' | 'gone') =>
  run.report(attempt, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command } });

const giveUp = (run: DecidedRun) => run.decide({ type: 'give up rollback', note: 'enough' });

/** A done, and its undo begun as attempt 2. */
function undoing(book = verified): DecidedRun {
  const run = new DecidedRun(book);
  run.start('a');
  run.end(1);
  run.rollBack();
  return run;
}

describe('what was taken back in part does not stand as done', () => {
  test.each<[string, (run: DecidedRun) => void]>([
    ['is being verified when the rollback is given up', (run) => run.end(2)],
    ['is lost', (run) => lost(run, 2, 'gone')],
  ])('where its undo %s', (_, happens) => {
    const run = undoing();
    happens(run);
    giveUp(run);
    expect(run.statuses()).toMatchObject({ a: 'undo failed' });
    run.settle();
    expect(run.status()).toBe('partly rolled back');
  });

  test('where its undo is lost, and then skipped', () => {
    const run = undoing();
    lost(run, 2, 'gone');
    run.decide({ type: 'resolve undo', itemId: 'undo:a', choice: 'skipped', note: 'no' });
    expect(run.statuses()).toMatchObject({ a: 'undo failed' });
  });

  test('and does where its undo is lost, and marked done', () => {
    const run = undoing();
    lost(run, 2, 'gone');
    run.decide({ type: 'resolve undo', itemId: 'undo:a', choice: 'marked done', note: 'seen' });
    expect(run.statuses()).toMatchObject({ a: 'undone' });
  });

  test.each<[string, (run: DecidedRun) => void]>([
    ['given up', (run) => giveUp(run)],
    ['skipped', (run) => run.decide({ type: 'resolve undo', itemId: 'one/more', choice: 'skipped', note: 'no' })],
  ])('where of the steps of the plan of its phase one was done and the next is %s', (_, ends) => {
    const run = undoing(planned);
    run.end(2);
    run.end(3, 1);
    ends(run);
    expect(run.statuses()).toMatchObject({ a: 'undo failed' });
  });

  test('but does where no step of the plan had begun', () => {
    const run = new DecidedRun(planned);
    run.start('a');
    run.end(1, { kind: 'stopped', signal: 'SIGINT' }, { groupGone: false });
    run.decide({ type: 'run step', stepId: 'a', answers: [], accepted: 'person' });
    const before = run.statuses();
    run.rollBack();
    giveUp(run);
    expect(run.statuses()).toEqual(before);
  });
});

test('the late end of a lost undo changes nothing after its rollback was given up', () => {
  const run = undoing(bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }'));
  lost(run, 2, 'gone');
  giveUp(run);
  run.start('a');
  run.end(3);
  const before = run.run;
  run.end(2);
  expect(run.run).toBe(before);
  expect(planRollback(run.run, { kind: 'run' }).items).toHaveLength(1);
});

test('what a rollback took off somebody’s hands is in every later plan until it was undone', () => {
  const run = new DecidedRun(
    bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, undo: z }
      - { id: m, title: M, manual: Do it, undo: z }
`),
  );
  run.start('a');
  run.end(1);
  run.start('m');
  run.rollBack();
  run.end(3, 1);
  giveUp(run);
  const items = () => planRollback(run.run, { kind: 'run' }).items.map(({ id }) => id);
  expect(items()).toEqual(['undo:m', 'undo:a']);
  run.rollBack();
  run.settle();
  expect([run.status(), items()]).toEqual(['rolled back', []]);
});

describe('an undo waits for what may still run', () => {
  test('of an attempt before the last one of its step', () => {
    const run = new DecidedRun(verified);
    run.start('a');
    lost(run, 1, 'running');
    run.accept({ type: 'resolve unknown', stepId: 'a', choice: 'run again', note: 'looked' });
    run.end(2);
    run.rollBack();
    expect(run.run.rollbacks[0]?.items['undo:a']).toMatchObject({ status: 'failed' });
    expect(run.run.attempts).toHaveLength(2);
  });

  test('of the undo of one step, before a step of the plan of its phase', () => {
    const run = new DecidedRun(planned);
    run.start('a');
    run.end(1, 1);
    run.rollBack({ kind: 'step', stepId: 'a' });
    lost(run, 2, 'running');
    giveUp(run);
    run.rollBack();
    expect(run.run.rollbacks[1]?.items['one/back']).toMatchObject({ status: 'failed' });
    expect(run.run.attempts).toHaveLength(2);
  });

  test('of any step of a phase with a plan: each is named before the first of the plan', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x }, { id: b, title: B, run: x }]
    rollback: [{ id: back, title: Back, run: x }]
`),
    );
    run.start('a');
    lost(run, 1, 'running');
    run.decide({ type: 'resolve unknown', stepId: 'a', choice: 'mark failed', note: 'looked' });
    run.start('b');
    lost(run, 2, 'running');
    run.rollBack();
    const asked = run.decide({ type: 'retry undo', itemId: 'one/back', note: 'looked' });
    expect(asked).toMatchObject({
      kind: 'ask',
      questions: [{ text: expect.stringMatching(/\(attempt 1\).*\(attempt 2\)/) }],
    });
  });
});

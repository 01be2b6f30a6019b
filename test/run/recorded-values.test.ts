import { expect, test } from 'vitest';
import { planAttempt } from '../../src/run/plan.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

const place = { home: '/home/rob', definitionDir: '/srv/app', runDir: '/data/run', node: '/bin/node' };
const steps = `
      - { id: old, title: Old, run: x, capture: OLD, readonly: true }
      - { id: a, title: A, run: x, undo: back }
      - { id: new, title: New, run: x, capture: NEW, readonly: true }`;

/** Values of the undo that a rollback would begin with now. */
function undoValues(run: DecidedRun): Readonly<Record<string, string>> {
  run.rollBack();
  const attempt = run.run.attempts.at(-1);
  if (attempt?.purpose.kind !== 'undo') throw new Error('no undo was begun');
  return planAttempt(run.run, place, attempt).env;
}

test.each([
  ['its step', ''],
  ['its phase', '    rollback: [{ id: back, title: Back, run: back }]\n'],
])('an undo of %s goes by what was recorded when its step began, not by what was set or captured later', (_, plan) => {
  const run = new DecidedRun(bookOf(`  - id: one\n    title: One\n${plan}    steps:${steps}\n`, 'vars: { TAG: {} }'), {
    TAG: 'wrong',
  });
  const capture = (stepId: string, captured: string) => {
    run.start(stepId);
    run.end(run.run.attempts.length, 0, { captured });
  };
  const set = (value: string) => run.decide({ type: 'set variable', name: 'TAG', value });
  capture('old', 'as before');
  run.start('a');
  run.end(2, 1);
  set('corrected');
  capture('old', 'half changed');
  run.start('a');
  run.end(4);
  capture('new', 'as after');
  set('for something later');
  expect(undoValues(run)).toMatchObject({ OLD: 'as before', TAG: 'corrected', NEW: 'as after' });
});

test('what its own step captured last is what an undo names', () => {
  const run = new DecidedRun(
    bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, capture: ID, verify: y, undo: back }] }'),
  );
  for (const [attempt, captured] of [
    [1, 'res-1'],
    [2, 'res-2'],
  ] as const) {
    run.start('a');
    run.end(attempt, 0, { captured });
    run.decide({ type: 'verify answered', attempt, answer: { held: attempt === 2, found: '' } });
  }
  expect(undoValues(run)).toMatchObject({ ID: 'res-2' });
});

test('what was taken back, and begun again, goes by what is recorded then', () => {
  const run = new DecidedRun(bookOf(`  - id: one\n    title: One\n    steps:${steps}\n`, 'vars: { TAG: {} }'), {
    TAG: 'one',
  });
  run.start('a');
  run.end(1);
  run.rollBack();
  run.settle();
  run.decide({ type: 'set variable', name: 'TAG', value: 'two' });
  run.start('a');
  run.end(run.run.attempts.length);
  expect(undoValues(run)).toMatchObject({ TAG: 'two' });
});

test.each([
  ['its step', ''],
  ['its phase', '    rollback: [{ id: back, title: Back, run: back }]\n'],
])('what was captured before the last rollback is not what an undo of %s names', (_, plan) => {
  const run = new DecidedRun(
    bookOf(`  - id: one\n    title: One\n${plan}    steps: [{ id: a, title: A, run: x, capture: ID, undo: back }]\n`),
  );
  run.start('a');
  run.end(1, 0, { captured: 'res-1' });
  run.rollBack();
  run.settle();
  run.start('a');
  expect(run.run.values).not.toHaveProperty('ID');
  run.end(3, 0, { captured: 'res-2' });
  expect(undoValues(run)).toMatchObject({ ID: 'res-2' });
});

test('what a later step captured is still what an undo names after that step alone was taken back', () => {
  const run = new DecidedRun(
    bookOf(
      `  - id: one\n    title: One\n    steps:${steps.replace('capture: NEW, readonly: true', 'capture: NEW, undo: back')}\n`,
    ),
  );
  run.start('a');
  run.end(1);
  run.start('new');
  run.end(2, 0, { captured: 'as after' });
  run.rollBack();
  run.end(3);
  run.end(4, 1);
  run.decide({ type: 'give up rollback', note: 'later' });
  expect(run.statuses()).toMatchObject({ a: 'undo failed', new: 'undone' });
  expect(undoValues(run)).toMatchObject({ NEW: 'as after' });
});

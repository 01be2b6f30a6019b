import { describe, expect, test } from 'vitest';
import type { Runbook } from '../../src/definition/runbook.ts';
import type { Probed } from '../../src/run/event.ts';
import type { Intent } from '../../src/run/intent.ts';
import { phaseStatus } from '../../src/run/status.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

const two = bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }, { id: n, title: N, run: x }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }] }
`);

/** A run of which these steps are done. */
function done(book: Runbook, ...stepIds: readonly string[]): DecidedRun {
  const run = new DecidedRun(book);
  for (const stepId of stepIds) {
    run.start(stepId);
    run.settle();
  }
  return run;
}

test('a run whose steps are all done again is not rolled back any more, also where none had to be started', () => {
  const run = done(
    bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, unless: y, undo: z }] }\n'),
    'a',
  );
  run.rollBack();
  run.settle();
  expect(run.status()).toBe('rolled back');
  run.runOn();
  run.answerUnless('a', { held: true, found: '' });
  expect(run.statuses()).toEqual({ a: 'satisfied' });
  expect([phaseStatus(run.run, 'one'), run.status()]).toEqual(['done', 'succeeded']);
});

test('what was partly rolled back is over when its steps are put right by hand and skipped', () => {
  const run = done(two, 'a');
  run.rollBack();
  run.end(2, 1);
  run.decide({ type: 'give up rollback', note: 'enough' });
  for (const stepId of ['a', 'n']) {
    expect(phaseStatus(run.run, 'one')).toBe('partly rolled back');
    run.decide({ type: 'skip step', stepId, reason: 'put right by hand' });
  }
  expect([phaseStatus(run.run, 'one'), run.status()]).toEqual(['done', 'partly rolled back']);
  run.start('b');
  run.end(3);
  expect(run.status()).toBe('succeeded');
});

/** Rolls back: what is stopped first may still run, `b` is undone all the same, the next undo fails and ends it there. */
function givenUpAfterB(run: DecidedRun): void {
  run.rollBack();
  run.end(3, { kind: 'stopped', signal: 'SIGKILL' }, { groupGone: false });
  run.retryUndo('undo:b');
  run.end(4);
  run.end(5, 1);
  run.decide({ type: 'give up rollback', note: 'enough' });
}

test('a phase of which an undo may still run is only partly rolled back, also where that was done again', () => {
  const run = done(two, 'a', 'b');
  givenUpAfterB(run);
  expect(run.state('b').status).toBe('undone');
  expect(phaseStatus(run.run, 'two')).toBe('partly rolled back');
});

test('a phase of which a service may still run is only partly rolled back, whatever was said of it', () => {
  const book = bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }, { id: up, title: Up, service: x }] }
`);
  const run = done(book, 'a', 'b');
  run.start('up');
  run.report(3, { type: 'started', at: 1 });
  run.report(3, { type: 'ready', at: 1 });
  givenUpAfterB(run);
  run.decide({ type: 'resolve unknown', stepId: 'up', choice: 'mark failed', note: 'it looks so' });
  expect(run.statuses()).toMatchObject({ b: 'undone', up: 'failed' });
  expect(phaseStatus(run.run, 'two')).toBe('partly rolled back');
});

test('a phase without an undo is only partly rolled back where the rest was given up: nothing proves that it was', () => {
  const book = bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: up, title: Up, service: x }] }
`);
  const run = done(book, 'a');
  run.start('up');
  run.report(2, { type: 'started', at: 1 });
  run.report(2, { type: 'ready', at: 1 });
  run.rollBack();
  run.end(2, { kind: 'stopped', signal: 'SIGINT' });
  run.end(3, 1);
  run.decide({ type: 'give up rollback', note: 'enough' });
  expect(phaseStatus(run.run, 'two')).toBe('partly rolled back');
});

test.each<[string, (run: DecidedRun) => void]>([
  ['what it left stands', (run) => run.end(4)],
  [
    'a person said what was done',
    (run) => {
      run.end(4, 1);
      run.decide({ type: 'resolve undo', itemId: 'undo:a', choice: 'marked done', note: 'by hand' });
    },
  ],
])('what a rollback of one phase took back in part is not forgotten over that of another: %s', (_, ends) => {
  const run = done(two, 'a', 'n', 'b');
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  ends(run);
  expect(run.status()).toBe('partly rolled back');
  run.effects.length = 0;
  run.rollBack({ kind: 'phase', phaseId: 'two' });
  run.settle();
  expect(run.run.rollbacks[1]?.ending?.kind).toBe('rolled back');
  expect(run.status()).toBe('partly rolled back');
});

test('what was undone over two rollbacks is rolled back, also where the first was given up', () => {
  const run = done(two, 'a', 'b');
  run.rollBack();
  run.end(3);
  run.end(4, 1);
  run.decide({ type: 'give up rollback', note: 'mend it first' });
  run.effects.length = 0;
  expect([phaseStatus(run.run, 'one'), run.status()]).toEqual(['partly rolled back', 'partly rolled back']);
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  run.settle();
  expect(run.statuses()).toMatchObject({ a: 'undone', b: 'undone' });
  expect(run.status()).toBe('rolled back');
});

test.each([
  [
    'in a phase of its own',
    `{ id: b, title: B, run: x, undo: z }] }
  - { id: end, title: End, steps: [`,
  ],
  ['beside what can be undone', '{ id: b, title: B, run: x, undo: z }, '],
])('what stays for good is not what keeps a run from being rolled back over two rollbacks: %s', (_, before) => {
  const run = done(
    bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [${before}{ id: out, title: Out, run: x, irreversible: it is out }] }
`),
    'a',
    'b',
    'out',
  );
  run.rollBack();
  run.end(4);
  run.end(5, 1);
  run.decide({ type: 'give up rollback', note: 'mend it first' });
  expect(run.status()).toBe('partly rolled back');
  run.effects.length = 0;
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  run.settle();
  expect(run.statuses()).toEqual({ a: 'undone', b: 'undone', out: 'succeeded' });
  expect(run.status()).toBe('rolled back');
});

test('what stays for good was said of another start than the one that has been made since', () => {
  const run = done(
    bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: out, title: Out, run: x, irreversible: it is out }] }
`),
    'a',
  );
  run.start('out');
  run.end(2, 1);
  run.rollBack();
  run.settle();
  expect(run.status()).toBe('rolled back');
  for (const stepId of ['a', 'out']) {
    run.start(stepId);
    run.settle();
  }
  expect([run.status(), run.run.attempts.length]).toEqual(['succeeded', 5]);
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  run.settle();
  expect(run.statuses()).toEqual({ a: 'undone', out: 'succeeded' });
  expect(run.status()).not.toBe('rolled back');
});

test('a start that did not happen does not end what a rollback left', () => {
  const run = done(two, 'a', 'n');
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  run.settle();
  run.start('a');
  expect(run.status()).toBe('running');
  run.report(4, { type: 'did not start', message: 'disk full' });
  expect([phaseStatus(run.run, 'one'), run.status()]).toEqual(['partly rolled back', 'partly rolled back']);
});

describe('a verify that was being asked when a rollback ended', () => {
  const late = (answer: Probed) => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, steps: [{ id: c, title: C, run: x, readonly: true, verify: y }] }\n'),
    );
    run.start('c');
    run.end(1, { kind: 'timed out', afterMs: 1_000 }, { groupGone: false });
    run.decide({ type: 'resolve unknown', stepId: 'c', choice: 'adopt as done', note: 'seen' });
    run.start('c');
    run.rollBack();
    run.end(2);
    expect([run.state('c').status, run.status()]).toEqual(['verifying', 'partly rolled back']);
    run.decide({ type: 'verify answered', attempt: 2, answer });
    return run;
  };

  test('is not what ends what it left', () => {
    const run = late({ held: true, found: '' });
    expect([run.state('c').status, run.status()]).toEqual(['succeeded', 'partly rolled back']);
  });

  test.each<[string, Probed, Intent]>([
    ['skipped', { held: false, found: 'no' }, { type: 'skip step', stepId: 'c', reason: 'put right by hand' }],
    [
      'adopted',
      { held: false, found: 'the line was lost', lineLost: true },
      { type: 'resolve unknown', stepId: 'c', choice: 'adopt as done', note: 'seen' },
    ],
  ])('and that did not hold: its step is %s, which ends it', (_, answer, intent) => {
    const run = late(answer);
    run.decide(intent);
    expect(run.status()).toBe('succeeded');
  });
});

test('ticks of its phase want ticking anew also where an unknown step alone was undone', () => {
  const phases = `
  - { id: one, title: One, steps: [{ id: a, title: A, run: x }], checklist: [{ id: seen, text: Seen }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }], checklist: [{ id: up, text: Up }] }
`;
  const run = done(bookOf(phases), 'a');
  run.start('b');
  run.report(2, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
  for (const itemId of ['seen', 'up']) run.decide({ type: 'tick item', itemId, accepted: 'person' });
  run.effects.length = 0;
  run.rollBack({ kind: 'step', stepId: 'b' });
  run.settle();
  expect(run.statuses()).toMatchObject({ a: 'succeeded', b: 'undone' });
  expect(run.run.items).toMatchObject({ seen: { status: 'ticked' }, up: { status: 'open' } });
});

import { describe, expect, test } from 'vitest';
import type { RollbackScope } from '../../src/run/event.ts';
import { staysAfter } from '../../src/run/left-running.ts';
import { planRollback } from '../../src/run/rollback.ts';
import { phaseStatus } from '../../src/run/status.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf, whyOf } from '../support/decided-run.ts';
import { aResult } from '../support/run-builder.ts';

const edit = { file: '/etc/x', beforeSha256: 'b', afterSha256: 'a', backup: 'backup' };

const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: look, title: Look, run: 'true', readonly: true }
      - { id: a, title: A, run: 'true', undo: { run: undo a, verify: test a } }
      - { id: file, title: File, edit: { file: x, replace: p, with: q } }
      - { id: b, title: B, run: 'true', undo: undo b }
    checklist: [{ id: seen, text: Seen }]
    gate: Go on?
  - id: two
    title: Two
    steps:
      - { id: c, title: C, run: 'true', undo: undo c }
      - { id: out, title: Out, run: 'true', irreversible: it is out }
`);

const items = (run: DecidedRun, scope: RollbackScope = { kind: 'run' }) =>
  planRollback(run.run, scope).items.map((item) => item.id);
const undoStates = (run: DecidedRun) =>
  Object.values(run.run.rollbacks.at(-1)?.items ?? {}).map((state) => state.status);

/** Everything done, to the end. */
function doneRun(): DecidedRun {
  const run = new DecidedRun(book);
  for (const [index, stepId] of ['look', 'a', 'file', 'b'].entries()) {
    run.start(stepId);
    run.end(index + 1, 0, stepId === 'file' ? { edit } : {});
  }
  run.decide({ type: 'tick item', itemId: 'seen', accepted: 'person' });
  run.decide({ type: 'open gate', phaseId: 'one', said: 'yes', accepted: 'person' });
  run.start('c');
  run.end(5);
  return run;
}

describe('the plan', () => {
  test('is empty where nothing was started, and says so', () => {
    const run = new DecidedRun(book);
    expect(items(run)).toEqual([]);
    expect(whyOf(run.rollBack())).toContain('Nothing was started');
    expect(whyOf(run.rollBack({ kind: 'phase', phaseId: 'two' }))).toContain('Nothing of “Two” was started');
  });

  test('goes last phase first, and in each the last started first', () => {
    expect(items(doneRun())).toEqual(['undo:c', 'undo:b', 'undo:file', 'undo:a']);
    expect(items(doneRun(), { kind: 'phase', phaseId: 'one' })).toEqual(['undo:b', 'undo:file', 'undo:a']);
  });

  test('follows the order of starting, not of the file', () => {
    const run = new DecidedRun(book);
    for (const [index, stepId] of ['b', 'a'].entries()) {
      run.start(stepId);
      run.end(index + 1);
    }
    expect(items(run)).toEqual(['undo:a', 'undo:b']);
  });

  test.each([
    ['failed', (run: DecidedRun) => run.end(1, 1)],
    ['timed out', (run: DecidedRun) => run.end(1, { kind: 'timed out', afterMs: 1 })],
    ['stopped', (run: DecidedRun) => run.end(1, { kind: 'stopped', signal: 'SIGINT' })],
    [
      'unknown',
      (run: DecidedRun) =>
        run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } }),
    ],
    ['running', (run: DecidedRun) => run.report(1, { type: 'started', at: 1 })],
    ['verifying', (run: DecidedRun) => run.end(1)],
    [
      'skipped after a failure',
      (run: DecidedRun) => {
        run.end(1, 1);
        run.decide({ type: 'skip step', stepId: 'a', reason: 'later' });
      },
    ],
  ])('takes in a step that %s', (_, act) => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, verify: y, undo: z }] }'),
    );
    run.start('a');
    act(run);
    expect(items(run)).toEqual(['undo:a']);
  });

  test('leaves out what was skipped, satisfied or never started', () => {
    const run = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, steps: [{ id: a, title: A, run: x, unless: y, undo: z }, { id: b, title: B, run: x, undo: z }] }',
      ),
    );
    run.start('a');
    run.answerUnless('a', { held: true, found: '' });
    run.decide({ type: 'skip step', stepId: 'b', reason: 'no' });
    expect(items(run)).toEqual([]);
    expect(whyOf(run.rollBack())).toContain('Nothing was started');
  });

  test('of the phase wins over the undos of its steps', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x, undo: z }, { id: look, title: Look, run: x, readonly: true }]
    rollback:
      - { id: stop, title: Stop, run: stop }
      - { id: check, title: Check, run: check, verify: y }
`),
    );
    run.start('look');
    run.end(1);
    expect(items(run)).toEqual([]);
    run.start('a');
    expect(items(run)).toEqual(['one/stop', 'one/check']);
  });

  test('puts back all that the attempts of an edit may have written, the last first', () => {
    const run = new DecidedRun(book);
    run.start('file');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
    run.decide({ type: 'resolve unknown', stepId: 'file', choice: 'run again', note: 'it did nothing' });
    run.end(2, { kind: 'done', found: 'edited' }, { edit });
    expect(planRollback(run.run, { kind: 'run' }).items[0]?.work).toEqual({
      kind: 'restore',
      stepId: 'file',
      attempt: 2,
      earlier: [1],
    });
  });

  test('puts back an edit from whichever of its attempts wrote, as their records say', () => {
    const run = new DecidedRun(book);
    run.start('file');
    run.end(1, { kind: 'could not start', message: 'x' });
    run.start('file');
    run.end(2, { kind: 'not met', found: 'x' }, { edit });
    run.start('file');
    run.end(3, { kind: 'not met', found: 'it is not there' });
    expect(planRollback(run.run, { kind: 'run' }).items[0]?.work).toEqual({
      kind: 'restore',
      stepId: 'file',
      attempt: 3,
      earlier: [2, 1],
    });
    run.rollBack();
    run.end(4, { kind: 'done', found: 'put back' });
    run.start('file');
    run.end(5, { kind: 'done', found: 'edited' }, { edit });
    expect(planRollback(run.run, { kind: 'run' }).items[0]?.work).toMatchObject({ attempt: 5 });
  });

  test('says what stays: what has no way back, and what has no undo', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x }
      - { id: out, title: Out, run: x, irreversible: it is out }
      - { id: hand, title: Hand, manual: x }
      - { id: up, title: Up, service: sleep 60 }
`),
    );
    run.runOn();
    run.settle();
    run.runOn();
    run.settle();
    run.decide({ type: 'finish manual', stepId: 'hand', note: '', accepted: 'person' });
    run.runOn();
    run.settle();
    const { remaining, stepIds } = planRollback(run.run, { kind: 'run' });
    expect(remaining.map((one) => [one.stepId, one.kind])).toEqual([
      ['hand', 'no undo'],
      ['out', 'irreversible'],
      ['a', 'no undo'],
    ]);
    expect(stepIds).toEqual(['up']);
  });
});

describe('a rollback', () => {
  test('undoes one after the other, each an attempt that is journaled, and is rolled back at the end', () => {
    const run = doneRun();
    run.rollBack();
    const order: string[] = [];
    for (let number = 6; number <= 9; number += 1) {
      const purpose = run.run.attempts[number - 1]?.purpose;
      if (purpose?.kind === 'undo') order.push(purpose.itemId);
      run.end(number, number === 8 ? { kind: 'done', found: 'put back' } : 0);
    }
    expect(order).toEqual(['undo:c', 'undo:b', 'undo:file', 'undo:a']);
    expect(run.run.rollbacks[0]?.ending).toBeUndefined();
    run.decide({ type: 'verify answered', attempt: 9, answer: { held: true, found: '' } });
    expect(run.run.rollbacks[0]?.ending).toMatchObject({ kind: 'rolled back' });
    expect(run.status()).toBe('rolled back');
    expect(run.statuses()).toEqual({
      look: 'undone',
      a: 'undone',
      file: 'undone',
      b: 'undone',
      c: 'undone',
      out: 'pending',
    });
    expect(run.run.items.seen).toEqual({ status: 'open' });
    expect(run.run.confirmations).toEqual([]);
    expect(items(run)).toEqual([]);
  });

  test('running on to a step that is done does again what was taken back before it', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.settle();
    expect(run.state('c').status).toBe('succeeded');
    run.runOn({ toStepId: 'c' });
    run.settle();
    expect(run.statuses()).toMatchObject({ look: 'succeeded', a: 'succeeded', file: 'succeeded', b: 'succeeded' });
    expect(run.run.runOnEnded).toContain('“C” is done');
  });

  test('leaves out the undo of a step whose start was withdrawn after it began', () => {
    const run = new DecidedRun(book);
    run.start('a');
    run.end(1);
    run.decide({ type: 'verify answered', attempt: 1, answer: { held: true, found: '' } });
    run.start('b');
    run.rollBack();
    run.report(2, { type: 'did not start', message: 'it was stopped before it started' });
    expect(undoStates(run)).toEqual(['not needed', 'running']);
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.statuses()).toMatchObject({ a: 'undone', b: 'undone' });
  });

  test('keeps what was proven gone, also where a result that could not prove it comes later', () => {
    const run = new DecidedRun(book);
    run.start('a');
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
    const result = { ...aResult({ kind: 'stopped', signal: 'SIGKILL' }, 5), groupGone: false };
    run.report(1, { type: 'ended', result });
    expect(run.run.attempts[0]?.life).toMatchObject({ status: 'ended', groupGone: true });
    run.rollBack();
    expect(undoStates(run)).toEqual(['running']);
  });

  test('does not pass over what is said not to have started after it was seen running', () => {
    const run = new DecidedRun(book);
    run.start('a');
    run.end(1);
    run.decide({ type: 'verify answered', attempt: 1, answer: { held: true, found: '' } });
    run.start('b');
    run.report(2, { type: 'started', at: 1 });
    run.rollBack();
    run.report(2, { type: 'did not start', message: 'it was stopped before it started' });
    expect(run.run.attempts[1]?.life).toMatchObject({ status: 'lost', groupGone: false });
    expect(undoStates(run)).toEqual(['failed', 'waiting']);
  });

  test.each<[string, (run: DecidedRun) => void]>([
    ['the rollback is given up', () => undefined],
    ['another one has begun since', (run) => run.rollBack()],
  ])('a service that it stopped is not up, also where %s', (_, happens) => {
    const run = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: y }, { id: up, title: Up, service: x }, { id: b, title: B, run: x }] }',
      ),
    );
    run.start('a');
    run.end(1);
    run.start('up');
    run.report(2, { type: 'started', at: 1 });
    run.report(2, { type: 'ready', at: 1 });
    expect(run.state('up').status).toBe('succeeded');
    run.rollBack();
    run.decide({ type: 'give up rollback', note: 'no' });
    happens(run);
    run.report(2, { type: 'ended', result: aResult({ kind: 'stopped', signal: 'SIGINT' }, 5) });
    expect(run.state('up')).toMatchObject({ status: 'stopped', reasons: [{ kind: 'stopped', signal: 'SIGINT' }] });
  });

  test('a step that was tried and skipped stands: the run is not rolled back with another phase', () => {
    const run = new DecidedRun(book);
    run.start('a');
    run.end(1, 1);
    run.decide({ type: 'skip step', stepId: 'a', reason: 'later' });
    run.start('c');
    run.end(2);
    run.rollBack({ kind: 'phase', phaseId: 'two' });
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.status()).not.toBe('rolled back');
  });

  test('a step that needed nothing does not stand: the run is rolled back with the only phase that changed something', () => {
    const run = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, steps: [{ id: a, title: A, run: x, unless: y }] }\n' +
          '  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: y }] }\n',
      ),
    );
    run.start('a');
    run.answerUnless('a', { held: true, found: '' });
    expect(run.state('a').status).toBe('satisfied');
    run.start('b');
    run.end(1);
    run.rollBack({ kind: 'phase', phaseId: 'two' });
    run.settle();
    expect(run.status()).toBe('rolled back');
  });

  test('holds the steps of its phases while it goes on', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'two' });
    expect(whyOf(run.start('out'))).toContain('rollback is under way');
    expect(whyOf(run.rollBack())).toContain('under way already');
  });

  test('keeps what is irreversible, says so, and is rolled back all the same', () => {
    const run = doneRun();
    run.start('out');
    run.end(6);
    const { remaining } = planRollback(run.run, { kind: 'run' });
    expect(remaining).toEqual([{ stepId: 'out', title: 'Out', why: 'it is out', kind: 'irreversible' }]);
    run.rollBack();
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.state('out').status).toBe('succeeded');
  });

  test('is partly rolled back where a step has no undo, and the ticks of its phase want ticking anew', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x }
      - { id: b, title: B, run: x, undo: y }
      - { id: look, title: Look, run: x, readonly: true }
    checklist: [{ id: seen, text: Seen }]
`),
    );
    run.runOn();
    run.settle();
    run.decide({ type: 'tick item', itemId: 'seen', accepted: 'person' });
    run.rollBack();
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('partly rolled back');
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'undone', look: 'undone' });
    expect(run.run.items.seen).toEqual({ status: 'open' });
    expect(run.status()).toBe('partly rolled back');
    expect(phaseStatus(run.run, 'one')).toBe('partly rolled back');
    expect(items(run)).toEqual([]);
  });

  test('what was undone is not undone twice, however the step was tried since', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.end(6);
    run.end(7, { kind: 'not met', found: 'changed since' });
    run.decide({ type: 'give up rollback', note: 'by hand' });
    expect(run.state('b').status).toBe('undone');
    expect(items(run, { kind: 'phase', phaseId: 'one' })).toEqual(['undo:file', 'undo:a']);
    run.decide({ type: 'skip step', stepId: 'b', reason: 'not again' });
    expect(items(run, { kind: 'phase', phaseId: 'one' })).toEqual(['undo:file', 'undo:a']);
  });

  test('does the plan of a phase again only for what was begun since, also where something of it has no way back', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x }, { id: out, title: Out, run: x, irreversible: it is out }]
    rollback: [{ id: back, title: Back, run: y }]
`),
    );
    run.start('a');
    run.end(1);
    run.start('out');
    run.end(2, 1);
    run.rollBack();
    run.settle();
    expect([run.status(), items(run)]).toEqual(['rolled back', []]);
    expect(whyOf(run.rollBack())).toContain('Nothing here can be undone');
    run.start('a');
    expect(items(run)).toEqual(['one/back']);
    run.rollBack();
    run.report(4, { type: 'did not start', message: 'it was stopped before' });
    expect(undoStates(run)).toEqual(['not needed']);
    run.start('out');
    expect(items(run)).toEqual(['one/back']);
  });

  test('says which start was withdrawn that was the only reason for the plan of a phase', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: out, title: Out, run: x, irreversible: it is out }, { id: gone, title: Gone, run: x, irreversible: no }]
    rollback: [{ id: back, title: Back, run: y }]
`),
    );
    for (const stepId of ['out', 'gone']) {
      run.start(stepId);
      run.end(run.run.attempts.length, 1);
    }
    run.effects.length = 0;
    run.rollBack();
    run.settle();
    run.start('gone');
    run.rollBack();
    run.report(4, { type: 'did not start', message: 'it was stopped before' });
    const why = '“Gone” did not start';
    expect(run.run.rollbacks[1]?.items['one/back']).toMatchObject({ status: 'not needed', why });
  });

  test('stops at an undo that fails; the first failure stays', () => {
    const run = doneRun();
    run.rollBack();
    expect(whyOf(run.decide({ type: 'resume rollback' }))).toContain('going on already');
    run.end(6, 1);
    expect(undoStates(run)).toEqual(['failed', 'waiting', 'waiting', 'waiting']);
    expect(whyOf(run.decide({ type: 'resume rollback' }))).toContain('waits at “C”');
    expect(run.state('c').status).toBe('undo failed');
    run.decide({ type: 'retry undo', itemId: 'undo:c' });
    run.end(7, 2);
    expect(run.run.rollbacks[0]?.firstFailure).toMatchObject({ attempt: 6 });
    run.decide({ type: 'retry undo', itemId: 'undo:c' });
    run.settle();
    expect(run.run.rollbacks[0]).toMatchObject({ ending: { kind: 'rolled back' }, firstFailure: { attempt: 6 } });
  });

  test('that could not be proven is not done', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.end(6);
    run.end(7, { kind: 'done', found: '' });
    run.end(8);
    run.decide({ type: 'verify answered', attempt: 8, answer: { held: false, found: 'exit status 1' } });
    expect(undoStates(run)).toEqual(['done', 'done', 'failed']);
    expect(run.run.rollbacks[0]?.ending).toBeUndefined();
  });

  test('whose verify has no answer is unknown, and run again only with a note', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.end(6);
    run.end(7, { kind: 'done', found: '' });
    run.end(8);
    run.decide({ type: 'verify answered', attempt: 8, answer: { held: false, found: 'no line', lineLost: true } });
    expect(undoStates(run)).toEqual(['done', 'done', 'unknown']);
    expect(run.run.rollbacks[0]?.ending).toBeUndefined();
    expect(whyOf(run.decide({ type: 'retry undo', itemId: 'undo:a' }))).toMatch(/note/);
    run.decide({ type: 'retry undo', itemId: 'undo:a', note: 'it does no harm twice' });
    expect(run.run.attempts).toHaveLength(9);
  });

  test.each([
    ['marked done', 'undone'],
    ['skipped', 'undo failed'],
  ] as const)('goes on over an undo that was %s, and is partly rolled back', (choice, status) => {
    const run = doneRun();
    run.rollBack();
    run.end(6, 1);
    const resolve = (note: string) => run.decide({ type: 'resolve undo', itemId: 'undo:c', choice, note });
    expect(whyOf(resolve(''))).toContain('note');
    resolve('did it by hand');
    expect(run.state('c').status).toBe(status);
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('partly rolled back');
    expect(run.status()).toBe('partly rolled back');
  });

  test('asks what may still run before the first undo that is begun, whatever was not needed before it', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: out, title: Out, run: x, irreversible: it is out }
      - { id: z, title: Z, run: x, undo: z }
      - { id: y, title: Y, run: x, undo: y }
`),
    );
    run.start('out');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
    run.decide({ type: 'resolve unknown', stepId: 'out', choice: 'adopt as done', note: 'it looks so' });
    run.start('z');
    run.end(2);
    run.start('y');
    run.rollBack();
    run.report(3, { type: 'did not start', message: 'it was stopped' });
    expect(undoStates(run)).toEqual(['not needed', 'failed']);
    expect(run.run.rollbacks[0]?.items['undo:z']).toMatchObject({ reasons: [{ kind: 'blocked' }] });
  });

  test('can be given up while an undo is verified, which nobody may be able to; a late answer changes nothing', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.end(6);
    run.end(7, { kind: 'done', found: '' });
    run.end(8);
    expect(undoStates(run).at(-1)).toBe('verifying');
    run.decide({ type: 'give up rollback', note: 'its secret is lost' });
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('given up');
    run.decide({ type: 'verify answered', attempt: 8, answer: { held: true, found: '' } });
    expect(run.state('a').status).not.toBe('undone');
  });

  test('is given up with a note, and then its steps can be run', () => {
    const run = doneRun();
    run.rollBack();
    expect(whyOf(run.decide({ type: 'give up rollback', note: 'x' }))).toContain('An undo is running');
    run.end(6, 1);
    expect(whyOf(run.decide({ type: 'give up rollback', note: '' }))).toContain('reason');
    run.decide({ type: 'give up rollback', note: 'it is fine as it is' });
    expect(run.run.rollbacks[0]?.ending).toMatchObject({ kind: 'given up', note: 'it is fine as it is' });
    run.start('c');
    expect(run.state('c').status).toBe('starting');
    expect(run.status()).toBe('running');
  });

  test('is refused where the plan has changed since it was shown', () => {
    const run = doneRun();
    const plan = planRollback(run.run, { kind: 'run' });
    run.start('out');
    run.end(6);
    expect(whyOf(run.decide({ type: 'start rollback', plan, accepted: 'person' }))).toContain('has changed');
    const now = planRollback(run.run, { kind: 'run' });
    const other = now.items.map((item) =>
      item.work.kind === 'undo' ? { ...item, work: { ...item.work, script: 'rm -r /' } } : item,
    );
    expect(whyOf(run.decide({ type: 'start rollback', plan: { ...now, items: other }, accepted: 'person' }))).toContain(
      'has changed',
    );
  });

  test('of a dangerous phase wants its name typed', () => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, danger: true, steps: [{ id: a, title: A, run: x, undo: y }] }'),
    );
    run.start('a');
    run.end(1);
    const plan = planRollback(run.run, { kind: 'run' });
    const start = (typed: string) => run.decide({ type: 'start rollback', plan, accepted: 'person', typed: [typed] });
    expect(whyOf(start('yes'))).toContain('type one');
    expect(start('one').kind).toBe('go');
  });

  test('asks for a secret that an undo names and that is not held any more, and for no other', () => {
    const secret = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: use $TOKEN }] }',
        'vars: { TOKEN: { secret: true }, OTHER: { secret: true } }',
      ),
    );
    secret.context = { ...secret.context, secretsHeld: ['TOKEN', 'OTHER'] };
    secret.start('a');
    secret.end(1);
    secret.context = { ...secret.context, secretsHeld: [] };
    expect(reasonsOf(secret.rollBack())).toEqual(['TOKEN']);
    secret.context = { ...secret.context, secretsHeld: ['TOKEN'] };
    expect(secret.rollBack().kind).toBe('go');
  });

  test('with a step of its own plan that a person does waits for it, and can be left undone', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x }]
    rollback: [{ id: hand, title: Hand, manual: Put it back }, { id: check, title: Check, run: x }]
`),
    );
    run.start('a');
    run.end(1);
    run.rollBack();
    expect(undoStates(run)).toEqual(['running', 'waiting']);
    run.decide({ type: 'stop undo', itemId: 'one/hand' });
    expect(undoStates(run)).toEqual(['failed', 'waiting']);
    run.decide({ type: 'retry undo', itemId: 'one/hand' });
    run.decide({ type: 'finish manual undo', itemId: 'one/hand', note: '', accepted: 'person' });
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.state('a').status).toBe('undone');
  });
});

describe('while something runs', () => {
  const undoing = (run: DecidedRun) => run.run.attempts.filter((attempt) => attempt.purpose.kind === 'undo').length;
  const running = () => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: y, retry: { times: 3, every: 1s } }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: y }] }
`),
    );
    run.start('a');
    run.report(1, { type: 'started', at: 1 });
    return run;
  };

  const stopped = { kind: 'stopped', signal: 'SIGKILL' } as const;
  const staying = (run: DecidedRun) =>
    run.run.rollbacks.flatMap((one) => staysAfter(run.run, one)).map((one) => one.stepId);
  const lose = (run: DecidedRun) =>
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });

  test('it is stopped first, and the undo waits for its end', () => {
    const run = running();
    run.rollBack();
    expect(run.effects.at(-1)).toEqual({ type: 'stop attempt', attempt: 1 });
    expect(undoing(run)).toBe(0);
    run.end(1, { kind: 'stopped', signal: 'SIGKILL' });
    expect(undoing(run)).toBe(1);
  });

  test.each([
    [
      'could not be proven gone',
      (run: DecidedRun) => run.end(1, { kind: 'stopped', signal: 'SIGKILL' }, { groupGone: false }),
    ],
    [
      'was lost and may still run',
      (run: DecidedRun) =>
        run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } }),
    ],
  ])('that %s keeps its undo back until the operator says so', (_, end) => {
    const run = running();
    run.rollBack();
    end(run);
    expect(undoing(run)).toBe(0);
    expect(run.run.rollbacks[0]?.items['undo:a']).toMatchObject({ status: 'failed', reasons: [{ kind: 'blocked' }] });
    expect(reasonsOf(run.decide({ type: 'retry undo', itemId: 'undo:a' }))).toEqual(['still there']);
    expect(undoing(run)).toBe(0);
    run.retryUndo('undo:a');
    expect(undoing(run)).toBe(1);
  });

  test.each([
    ['could not be proven gone', (run: DecidedRun) => run.end(1, stopped, { groupGone: false })],
    ['was lost and may still run', lose],
  ])('that %s long before is not gone over either, whatever was said of it since', (_, end) => {
    const run = running();
    end(run);
    run.decide({ type: 'resolve unknown', stepId: 'a', choice: 'adopt as done', note: 'it looked so' });
    run.later(1_000_000).rollBack();
    expect(undoing(run)).toBe(0);
    expect(run.run.rollbacks[0]?.items['undo:a']).toMatchObject({ status: 'failed', reasons: [{ kind: 'blocked' }] });
    run.retryUndo('undo:a');
    expect(undoing(run)).toBe(1);
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
  });

  test.each([
    ['could not be proven gone', (run: DecidedRun) => run.end(1, stopped, { groupGone: false })],
    ['was lost and may still run', lose],
  ])('a service without an undo that %s is not called rolled back', (_, end) => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, steps: [{ id: up, title: Up, service: sleep 60 }] }'),
    );
    run.start('up');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'ready', at: 1 });
    run.rollBack();
    end(run);
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('partly rolled back');
    expect(run.state('up').status).toBe('unknown');
    expect(run.status()).not.toBe('rolled back');
    expect(staying(run)).toEqual(['up']);
  });

  test('a service without an undo that may still be up keeps the first undo of its phase back, once', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: up, title: Up, service: sleep 60 }, { id: a, title: A, run: x, undo: z }, { id: b, title: B, run: x, undo: z }]
`),
    );
    run.start('up');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'ready', at: 1 });
    for (const [index, stepId] of ['a', 'b'].entries()) {
      run.start(stepId);
      run.end(index + 2);
    }
    run.rollBack();
    run.end(1, stopped, { groupGone: false });
    expect(undoStates(run)).toEqual(['failed', 'waiting']);
    run.retryUndo('undo:b');
    run.settle();
    expect(undoStates(run)).toEqual(['done', 'done']);
    // Both undos are done, and it may be up all the same.
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('partly rolled back');
    expect(run.state('up').status).toBe('unknown');
    expect(staying(run)).toEqual(['up']);
    // Whoever plans it once more reads it before.
    expect(planRollback(run.run, { kind: 'run' }).remaining.map((one) => one.stepId)).toEqual(['up']);
  });

  test('a service whose processes are proven gone keeps nothing from being rolled back', () => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, steps: [{ id: up, title: Up, service: sleep 60 }] }'),
    );
    run.start('up');
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'machine restarted', command: 'gone' } });
    run.rollBack();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.state('up').status).toBe('undone');
  });

  test('what changes nothing but may still run is named where nobody was asked about it', () => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, steps: [{ id: see, title: See, watch: { check: x, every: 1s, for: 9s } }] }'),
    );
    run.start('see');
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'unknown' } });
    run.rollBack();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('partly rolled back');
    expect(staying(run)).toEqual(['see']);
  });

  test('that is gone without a result is undone', () => {
    const run = running();
    run.rollBack();
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
    expect(undoing(run)).toBe(1);
  });

  test('a failure of what was stopped is not tried again', () => {
    const run = running();
    run.rollBack();
    run.end(1, 1);
    expect(run.effects.some((effect) => effect.type === 'wake for retry')).toBe(false);
    run.settle();
    expect(run.statuses()).toEqual({ a: 'undone', b: 'pending' });
  });

  test('a step that does not belong to it is not undone around', () => {
    const run = running();
    run.end(1);
    run.start('b');
    expect(whyOf(run.rollBack({ kind: 'phase', phaseId: 'one' }))).toContain('“B” is under way');
    expect(run.rollBack().kind).toBe('go');
  });

  test('a service without an undo is just stopped', () => {
    const run = new DecidedRun(
      bookOf('  - { id: one, title: One, steps: [{ id: up, title: Up, service: sleep 60 }] }'),
    );
    run.start('up');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'ready', at: 1 });
    run.rollBack();
    expect(run.effects.at(-1)).toEqual({ type: 'stop attempt', attempt: 1 });
    expect(run.run.rollbacks[0]?.ending).toBeUndefined();
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.state('up').status).toBe('undone');
  });

  test('a manual step ends to be a task', () => {
    const run = new DecidedRun(bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, manual: x, undo: y }] }'));
    run.start('a');
    run.rollBack();
    expect(run.run.attempts[0]?.life.status).toBe('withdrawn');
    run.settle();
    expect(run.state('a').status).toBe('undone');
  });

  test.each([
    ['unless', 'in the middle', 'rolled back', '{ id: a, title: A, run: x, unless: y, undo: z }'],
    ['unless', 'after it', 'rolled back', '{ id: a, title: A, run: x, unless: y, undo: z }'],
    [
      'verify',
      'in the middle',
      'rolled back',
      '{ id: a, title: A, run: x, verify: y, retry: { times: 2, every: 1s }, undo: z }',
    ],
    [
      'verify',
      'after it',
      'partly rolled back',
      '{ id: a, title: A, run: x, verify: y, retry: { times: 2, every: 1s } }',
    ],
  ])('an answer of its %s that comes %s begins nothing', (which, when, outcome, step) => {
    const run = new DecidedRun(
      bookOf(`  - id: one\n    title: One\n    steps:\n      - { id: s, title: S, run: x, undo: z }\n      - ${step}`),
    );
    run.start('s');
    run.end(1);
    run.start('a');
    if (which === 'verify') run.end(2);
    const asked = run.effects.flatMap((one) => (one.type === 'ask unless' ? [one.asked] : []))[0];
    run.rollBack();
    const undoing = run.run.attempts.length;
    // What ends the rollback, where the answer comes after it.
    if (when === 'after it') run.end(undoing);
    const answer = { held: false, found: 'exit status 1' };
    const late =
      which === 'unless'
        ? { type: 'unless answered', stepId: 'a', asked, answer }
        : { type: 'verify answered', attempt: 2, answer };
    run.decide(late as Parameters<DecidedRun['decide']>[0]);
    const begun = run.run.attempts.filter((one) => one.purpose.kind === 'step' && one.purpose.stepId === 'a');
    expect(begun).toHaveLength(which === 'unless' ? 0 : 1);
    expect(run.effects.some((effect) => effect.type === 'wake for retry')).toBe(false);
    if (when === 'in the middle') run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe(outcome);
  });
});

describe('an interrupted rollback', () => {
  test('goes on at the undo it had reached, when the operator says so', () => {
    const run = doneRun();
    run.rollBack();
    run.end(6);
    run.report(7, { type: 'started', at: 1 });
    run.reopen();
    run.end(7);
    expect(undoStates(run)).toEqual(['done', 'done', 'waiting', 'waiting']);
    expect(run.effects).toEqual([]);
    expect(whyOf(run.start('look'))).toContain('rollback is under way');
    run.decide({ type: 'resume rollback' });
    run.settle();
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('rolled back');
    expect(run.run.attempts).toHaveLength(9);
  });

  test('goes on with an undo that certainly did not start, without calling it a failure', () => {
    const run = doneRun();
    run.rollBack();
    run.reopen();
    run.report(6, { type: 'did not start', message: 'the screen was gone' });
    expect(undoStates(run)[0]).toBe('waiting');
    expect(run.run.rollbacks[0]?.firstFailure).toBeUndefined();
    run.decide({ type: 'resume rollback' });
    expect(undoStates(run)[0]).toBe('running');
  });

  test('has the verify of an undo asked that waited for a value, once it is there', () => {
    const book = (vars: string) =>
      bookOf(
        '  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: { run: z, verify: y } }] }',
        `vars: { ${vars} }`,
      );
    const run = new DecidedRun(book('OLD: { default: x }'), { OLD: 'x' });
    run.start('a');
    run.end(1);
    run.adopt(book('OLD: { default: x }, NEW: {}'));
    run.rollBack();
    run.report(2, { type: 'started', at: run.context.now });
    run.reopen();
    run.end(2);
    expect(run.effects).toEqual([]);
    expect(reasonsOf(run.decide({ type: 'resume rollback' }))).toEqual(['NEW']);
    run.decide({ type: 'set variable', name: 'NEW', value: 'v' });
    expect(run.effects).toEqual([{ type: 'ask verify', attempt: 2 }]);
    run.decide({ type: 'resume rollback' });
    run.settle();
    expect(run.status()).toBe('rolled back');
  });

  test('does not pass over an undo of which nobody knows how it ended', () => {
    const run = doneRun();
    run.rollBack();
    run.reopen();
    run.report(6, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'unknown' } });
    run.decide({ type: 'resume rollback' });
    expect(undoStates(run)).toEqual(['unknown', 'waiting', 'waiting', 'waiting']);
    expect(whyOf(run.decide({ type: 'retry undo', itemId: 'undo:c' }))).toContain('in a note');
    expect(reasonsOf(run.decide({ type: 'retry undo', itemId: 'undo:c', note: 'gone' }))).toEqual(['still there']);
    expect(undoStates(run)[0]).toBe('unknown');
    run.retryUndo('undo:c');
    expect(undoStates(run)[0]).toBe('running');
    run.end(7, 1);
    // What first kept it from going on stays in sight.
    expect(run.run.rollbacks[0]?.firstFailure).toMatchObject({ itemId: 'undo:c', attempt: 6 });
  });

  test('is only partly one while an undo that was run beside may still run', () => {
    const run = doneRun();
    run.rollBack();
    run.reopen();
    run.report(6, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
    run.decide({ type: 'resume rollback' });
    run.retryUndo('undo:c');
    run.settle();
    expect(undoStates(run)).toEqual(['done', 'done', 'done', 'done']);
    expect(run.run.rollbacks[0]?.ending?.kind).toBe('partly rolled back');
    const [rollback] = run.run.rollbacks;
    expect(rollback && staysAfter(run.run, rollback)).toMatchObject([
      { title: 'Undo: C', why: expect.stringContaining('may still be running') },
    ]);
  });

  test('begins no undo beside the one that a rollback given up has left', () => {
    const run = doneRun();
    run.rollBack();
    run.reopen();
    run.report(6, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
    run.decide({ type: 'give up rollback', note: 'later' });
    run.rollBack();
    expect(run.run.rollbacks[1]?.items['undo:c']).toMatchObject({ status: 'failed', reasons: [{ kind: 'blocked' }] });
    expect(reasonsOf(run.decide({ type: 'retry undo', itemId: 'undo:c' }))).toEqual(['still there']);
  });

  test('of a phase with a plan of its own is not taken for a run that is done', () => {
    const run = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, steps: [{ id: a, title: A, run: x }], rollback: [{ id: p, title: P, run: y }] }',
      ),
    );
    run.start('a');
    run.end(1);
    run.rollBack();
    run.end(2, 1);
    expect(run.state('a').status).toBe('succeeded');
    for (const limits of [{}, { phaseId: 'one' }]) expect(whyOf(run.runOn(limits))).toContain('rollback is under way');
    run.reopen();
    expect(whyOf(run.runOn())).toContain('rollback is under way');
  });

  test('lets steps of other phases be run, one by one and running on up to its own', () => {
    const run = doneRun();
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.end(6, 1);
    run.reopen();
    expect(run.start('out').kind).toBe('go');
    run.end(7);
    expect(run.runOn().kind === 'go' && run.run.runOn).toBeFalsy();
  });
});

test('the whole order of starting, backwards, is a law of the plan', () => {
  const run = doneRun();
  const started = run.run.attempts.flatMap((one) => (one.purpose.kind === 'step' ? [one.purpose.stepId] : []));
  const undone = items(run).map((id) => id.replace('undo:', ''));
  expect(undone).toEqual(started.filter((id) => id !== 'look').reverse());
});

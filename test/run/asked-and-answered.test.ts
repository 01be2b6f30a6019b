import { expect, test } from 'vitest';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf, whyOf } from '../support/decided-run.ts';

const held = { held: true, found: '' };
const head = 'vars: { V: { default: v1 } }';

test('an answer counts for the question that it belongs to, and for none that was asked later', () => {
  const run = new DecidedRun(
    bookOf(`
  - id: one
    title: One
    steps:
      - { id: z, title: Z, run: x, undo: y }
      - { id: a, title: A, run: x, unless: u, undo: y }
    checklist: [{ id: green, text: Green, run: g }]
`),
  );
  run.start('z');
  run.end(1);
  run.start('a');
  run.decide({ type: 'tick item', itemId: 'green', accepted: 'person' });
  const first = run.effects.flatMap((one) => ('asked' in one ? [one] : []));
  run.rollBack();
  run.settle();
  run.start('a');
  for (const effect of first) {
    if (effect.type === 'ask unless')
      run.decide({ type: 'unless answered', stepId: 'a', asked: effect.asked, answer: held });
    else run.decide({ type: 'item answered', itemId: 'green', asked: effect.asked, answer: held });
  }
  expect(run.state('a').status).toBe('asking');
  run.answerUnless('a', held);
  expect(run.state('a').status).toBe('satisfied');
});

test('a value is not changed while something is asked with the old one', () => {
  const run = new DecidedRun(
    bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, unless: u, verify: w, undo: y }] }', head),
    { V: 'v1' },
  );
  const set = () => whyOf(run.decide({ type: 'set variable', name: 'V', value: 'v2' }));
  run.start('a');
  expect(set()).toContain('asked with the old value');
  run.answerUnless('a', { held: false, found: '' });
  run.end(1);
  expect(set()).toContain('asked with the old value');
  run.settle();
  expect([run.state('a').status, set()]).toEqual(['succeeded', 'go']);
});

test('a gate that was opened for a later step asks again when its own phase goes on', () => {
  const run = new DecidedRun(
    bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x, undo: y }, { id: b, title: B, run: x, undo: y }]
    checklist: [{ id: green, text: Green, run: g }]
    gate: Go on?
  - id: two
    title: Two
    steps: [{ id: c, title: C, run: x, undo: y }, { id: d, title: D, run: x, undo: y }]
`),
  );
  run.start('c');
  run.end(1);
  const isOpen = () => run.run.confirmations.some(({ reason }) => reason === 'gate');
  expect(isOpen()).toBe(true);
  run.start('a');
  run.end(2);
  expect(isOpen()).toBe(false);
  run.decide({ type: 'skip step', stepId: 'b', reason: 'no' });
  run.runOn();
  run.answerItem('green', { held: false, found: 'red' });
  expect(run.run.runOnEnded).toContain('does not hold');
  expect(run.state('d').status).toBe('pending');
});

test('a gate that was opened after its phase stays open while a later phase goes on', () => {
  const run = new DecidedRun(
    bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: y }], gate: 'Go on?' }
  - { id: two, title: Two, steps: [{ id: c, title: C, run: x, undo: y }, { id: d, title: D, run: x, undo: y }] }
`),
  );
  run.start('a');
  run.end(1);
  run.decide({ type: 'open gate', phaseId: 'one', said: 'yes', accepted: 'person' });
  run.runOn();
  run.settle();
  expect(run.status()).toBe('succeeded');
});

test.each([
  ['b', [['refused'], '“B” needs “A” first.']],
  ['c', [['gate'], 'ask']],
])('what nobody knows the end of is run again only behind open gates and what it needs: %s', (stepId, expected) => {
  const run = new DecidedRun(
    bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: y }], gate: 'Go on?' }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: y, needs: [a] }, { id: c, title: C, run: x, undo: y }] }
`),
  );
  run.start('a');
  run.end(1);
  run.decide({ type: 'open gate', phaseId: 'one', said: 'yes', accepted: 'person' });
  run.start(stepId);
  run.report(2, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
  run.effects.length = 0;
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  run.settle();
  const decision = run.decide({ type: 'resolve unknown', stepId, choice: 'run again', note: 'looked', answers: [] });
  expect([reasonsOf(decision), whyOf(decision)]).toEqual(expected);
});

test.each<[string, (run: DecidedRun) => void]>([
  ['is skipped', (run) => run.decide({ type: 'skip step', stepId: 'a', reason: 'no' })],
  [
    'need not be done',
    (run) => {
      run.start('a');
      run.answerUnless('a', held);
    },
  ],
])('a gate that was opened for a later step asks again when the step before it %s', (_, goesOn) => {
  const run = new DecidedRun(
    bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, unless: u, undo: y }], gate: 'Go on?' }
  - { id: two, title: Two, steps: [{ id: c, title: C, run: x, undo: y }] }
`),
  );
  const isOpen = () => run.run.confirmations.some(({ reason }) => reason === 'gate');
  run.start('c');
  run.end(1);
  expect(isOpen()).toBe(true);
  goesOn(run);
  expect(isOpen()).toBe(false);
});

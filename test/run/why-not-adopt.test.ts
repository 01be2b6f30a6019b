import { describe, expect, test } from 'vitest';
import { whyNotAdopt } from '../../src/run/why-not-adopt.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

const phase = (step: string, more = '') => bookOf(`  - { id: one, title: One, steps: [${step}]${more} }`);
const keys = {
  run: 'run: x, undo: z',
  readonly: 'run: x, readonly: true',
  check: 'check: x',
  watch: 'watch: { check: x, every: 1s, for: 1m }',
  edit: 'edit: { file: f, replace: p, with: q }',
  service: 'service: x, undo: z',
  'bare service': 'service: x',
  'no undo': 'run: x',
  irreversible: 'run: x, irreversible: gone',
  manual: 'manual: x, undo: z',
} as const;
type Kind = keyof typeof keys;

const stepA = (kind: Kind) => `{ id: a, title: A, ${keys[kind]} }`;

function ended(kind: Kind, status = 0): DecidedRun {
  const run = new DecidedRun(phase(stepA(kind)));
  run.start('a');
  run.end(1, status);
  return run;
}

describe('a definition is not adopted in which a step that may have changed something', () => {
  test.each([
    ['run', 'readonly', /“A” \(a\) is readonly there/],
    ['run', 'check', /“A” \(a\) is readonly there/],
    ['run', 'watch', /“A” \(a\) is readonly there/],
    ['edit', 'check', /“A” \(a\) is readonly there/],
    ['irreversible', 'readonly', /“A” \(a\) is readonly there/],
    ['no undo', 'readonly', /“A” \(a\) is readonly there/],
    ['run', 'edit', /“A” \(a\) is an edit there, and was none when it ran/],
    ['edit', 'run', /“A” \(a\) is no edit there any more/],
    ['edit', 'manual', /“A” \(a\) is no edit there any more/],
    ['run', 'bare service', /“A” \(a\) is a service without an undo there/],
    ['service', 'bare service', /“A” \(a\) is a service without an undo there/],
  ] as const)('was %s and would be %s', (was, is, said) => {
    for (const status of [0, 1]) {
      const why = whyNotAdopt(ended(was, status).run, phase(stepA(is)));
      expect(why).toMatch(said);
      expect(why).toMatch(/Keep it as it was in the file, or roll it back first: r\.$/);
    }
  });

  test('is gone; all of it is told at once', () => {
    const run = new DecidedRun(phase(`${stepA('run')}, { id: b, title: B, run: x, undo: z }`));
    run.start('a');
    run.end(1);
    run.start('b');
    run.end(2);
    const why = whyNotAdopt(run.run, phase(stepA('check')));
    expect(why).toMatch(/Without “B” \(b\) its way back would be lost/);
    expect(why).toMatch(/“A” \(a\) is readonly there/);
  });

  test('would be readonly although it was skipped after it had failed', () => {
    const run = ended('run', 1);
    run.decide({ type: 'skip step', stepId: 'a', reason: 'later' });
    expect(whyNotAdopt(run.run, phase(stepA('readonly')))).toMatch(/is readonly there/);
  });

  test('would be readonly although its phase has a plan of its own, which would not be run then', () => {
    const plan = ', rollback: [{ id: back, title: Back, run: y }]';
    const run = new DecidedRun(phase(stepA('no undo'), plan));
    run.start('a');
    run.end(1);
    expect(whyNotAdopt(run.run, phase(stepA('readonly'), plan))).toMatch(/is readonly there/);
  });
});

describe('a definition is adopted in which a step', () => {
  test.each([
    ['run', 'run'],
    ['edit', 'edit'],
    ['run', 'manual'],
    ['run', 'service'],
    ['run', 'no undo'],
    ['run', 'irreversible'],
    ['bare service', 'bare service'],
    ['bare service', 'service'],
    ['check', 'edit'],
    ['readonly', 'check'],
    ['readonly', 'run'],
  ] as const)('was %s and is %s', (was, is) => {
    expect(whyNotAdopt(ended(was).run, phase(stepA(is)))).toBeUndefined();
  });

  test('is another after it was taken back, or before it was started', () => {
    const run = ended('run');
    run.effects.length = 0;
    run.rollBack();
    run.settle();
    expect(run.status()).toBe('rolled back');
    expect(whyNotAdopt(run.run, phase(stepA('check')))).toBeUndefined();
    expect(whyNotAdopt(new DecidedRun(phase(stepA('run'))).run, phase(stepA('edit')))).toBeUndefined();
  });
});

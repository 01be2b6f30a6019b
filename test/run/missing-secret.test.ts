import { describe, expect, test } from 'vitest';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf, whyOf } from '../support/decided-run.ts';

const vars = 'vars: { TOKEN: { secret: true }, OTHER: { secret: true } }';

/** Both secrets are held, until the run is opened again without them. */
function heldRun(phases: string): DecidedRun {
  const run = new DecidedRun(bookOf(phases, vars));
  return withSecrets(run, ['TOKEN', 'OTHER']);
}

function withSecrets(run: DecidedRun, secretsHeld: readonly string[]): DecidedRun {
  run.context = { ...run.context, secretsHeld };
  return run;
}

const reopenWithout = (run: DecidedRun) => withSecrets(run.reopen(), []);
const undoStates = (run: DecidedRun) =>
  Object.values(run.run.rollbacks.at(-1)?.items ?? {}).map((state) => state.status);

describe('a rollback that is gone on with without a secret that the next undo wants', () => {
  const byItself = (undo: string) => `
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, undo: ${undo} }
      - { id: b, title: B, run: x, undo: z }
`;

  /** The undo of b has failed, and that of a waits. */
  function stuck(undo = 'use $TOKEN'): DecidedRun {
    const run = heldRun(byItself(undo));
    run.start('a');
    run.end(1);
    run.start('b');
    run.end(2);
    run.rollBack();
    run.end(3, 1);
    return reopenWithout(run);
  }

  test.each(['use $TOKEN', '{ run: z, verify: ask $TOKEN }', '{ run: z, requires: ask $TOKEN }'])(
    'asks for it before the one that failed is tried again: %s',
    (undo) => {
      const run = stuck(undo);
      expect(reasonsOf(run.decide({ type: 'retry undo', itemId: 'undo:b' }))).toEqual(['TOKEN']);
      expect(undoStates(run)).toEqual(['failed', 'waiting']);
      withSecrets(run, ['TOKEN']);
      expect(run.decide({ type: 'retry undo', itemId: 'undo:b' }).kind).toBe('go');
    },
  );

  test.each(['marked done', 'skipped'] as const)('asks for it before the one that failed is %s', (choice) => {
    const run = stuck();
    const settle = { type: 'resolve undo', itemId: 'undo:b', choice, note: 'seen' } as const;
    expect(reasonsOf(run.decide(settle))).toEqual(['TOKEN']);
    expect(run.run.attempts).toHaveLength(3);
    withSecrets(run, ['TOKEN']).decide(settle);
    expect(undoStates(run)).toEqual([choice, 'running']);
  });

  test('does not ask for what only the one that is skipped would have wanted', () => {
    const run = heldRun(byItself('z'));
    run.start('a');
    run.end(1);
    run.rollBack();
    run.end(2, 1);
    reopenWithout(run);
    const skipped = { type: 'resolve undo', itemId: 'undo:a', choice: 'skipped', note: 'seen' } as const;
    expect(run.decide(skipped).kind).toBe('go');
  });

  test.each(['do: use $TOKEN', 'verify: ask $TOKEN'])('asks for it before what a person did is done: %s', (wanting) => {
    const [key, script = ''] = wanting.split(': ');
    const own = key === 'verify' ? `, verify: '${script}'` : '';
    const run = heldRun(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x }]
    rollback:
      - { id: hand, title: By hand, manual: Do it.${own} }
      - { id: next, title: Next, run: '${key === 'do' ? script : 'z'}' }
`);
    run.start('a');
    run.end(1);
    run.rollBack();
    reopenWithout(run);
    const finished = { type: 'finish manual undo', itemId: 'one/hand', note: '', accepted: 'person' } as const;
    expect(reasonsOf(run.decide(finished))).toEqual(['TOKEN']);
    expect(undoStates(run)).toEqual(['running', 'waiting']);
    withSecrets(run, ['TOKEN']);
    expect(run.decide(finished).kind).toBe('go');
  });
});

describe('a verify whose secret is not held since the run was opened again', () => {
  const proven = (more = '') => `
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, verify: ask $TOKEN, undo: { run: z, verify: look }${more} }
      - { id: b, title: B, run: x, undo: z }
`;
  const waits = 'The verify of “A” waits for TOKEN, OTHER. v: type it.';

  test('is not asked when its step ends then, and is asked when every value is there', () => {
    const run = heldRun(proven());
    run.start('a');
    reopenWithout(run).end(1);
    expect([run.state('a'), run.effects]).toEqual([{ status: 'verifying', attempt: 1 }, []]);
    const again = { type: 'verify again', attempt: 1 } as const;
    expect(reasonsOf(run.decide(again))).toEqual(['TOKEN', 'OTHER']);
    expect(reasonsOf(withSecrets(run, ['TOKEN']).decide(again))).toEqual(['OTHER']);
    withSecrets(run, ['TOKEN', 'OTHER']).decide(again);
    expect(run.effects).toEqual([{ type: 'ask verify', attempt: 1 }]);
  });

  test('is named by what it holds up, and holds up no rollback', () => {
    const run = heldRun(proven());
    run.start('a');
    reopenWithout(run).end(1);
    const decisions = [
      run.start('b'),
      run.runOn(),
      run.decide({ type: 'stop step', stepId: 'a' }),
      run.decide({ type: 'skip step', stepId: 'a', reason: 'no' }),
    ];
    expect(decisions.map(whyOf)).toEqual([waits, waits, waits, waits]);
    run.rollBack();
    run.settle();
    expect([run.statuses(), undoStates(run)]).toEqual([{ a: 'undone', b: 'pending' }, ['done']]);
  });

  test('is not asked of a service that is ready then', () => {
    const run = heldRun(`
  - id: one
    title: One
    steps: [{ id: a, title: A, service: x, ready: { tcp: 'h:1' }, verify: ask $TOKEN, undo: z }]
`);
    run.start('a');
    run.report(1, { type: 'started', at: 1 });
    reopenWithout(run).report(1, { type: 'ready', at: 2 });
    expect([run.state('a'), run.effects]).toEqual([{ status: 'verifying', attempt: 1 }, []]);
  });

  test('is not asked of an undo that ends then', () => {
    const run = heldRun(proven());
    run.start('a');
    run.settle();
    run.rollBack();
    reopenWithout(run).end(2);
    expect([undoStates(run), run.effects]).toEqual([['verifying'], []]);
    expect(reasonsOf(run.decide({ type: 'resume rollback' }))).toEqual(['TOKEN', 'OTHER']);
  });

  test('is asked of an undo that names no secret, where the rollback was begun without any', () => {
    const run = heldRun(proven());
    run.start('a');
    run.settle();
    reopenWithout(run).rollBack();
    run.end(2);
    expect(run.effects.at(-1)).toEqual({ type: 'ask verify', attempt: 2 });
  });

  test('is asked for before what a person did is done', () => {
    const run = heldRun(
      '  - { id: one, title: One, steps: [{ id: a, title: A, manual: Do it., verify: ask $TOKEN }] }',
    );
    run.start('a');
    reopenWithout(run);
    const finished = { type: 'finish manual', stepId: 'a', note: '', accepted: 'person' } as const;
    expect(reasonsOf(run.decide(finished))).toEqual(['TOKEN', 'OTHER']);
    expect(run.state('a').status).toBe('running');
  });

  test('begins no retry of a step that fails then', () => {
    const run = heldRun(proven(', retry: { times: 2, every: 1s }'));
    run.start('a');
    reopenWithout(run).end(1, 1);
    expect([run.state('a').status, run.effects]).toEqual(['failed', []]);
  });
});

describe('a checklist that asks its commands, without their secret', () => {
  const checked = `
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, readonly: true }
    checklist: [{ id: green, text: Green, run: ask $TOKEN }]
  - id: two
    title: Two
    steps: [{ id: b, title: B, run: x, readonly: true }]
`;
  const isAsked = (run: DecidedRun) => run.told().includes('ItemAsked');

  test.each([{}, { phaseId: 'one' }, { toStepId: 'b' }])('is not asked by running on: %o', (limits) => {
    const run = heldRun(checked);
    run.start('a');
    run.end(1);
    reopenWithout(run);
    expect(reasonsOf(run.runOn(limits))).toEqual(['TOKEN', 'OTHER']);
    expect([isAsked(run), run.run.runOn]).toEqual([false, undefined]);
    withSecrets(run, ['TOKEN', 'OTHER']).runOn(limits);
    expect(isAsked(run)).toBe(true);
  });

  test('ends running on that comes to it', () => {
    const run = heldRun(checked);
    run.runOn();
    withSecrets(run, ['OTHER']).end(1);
    expect([isAsked(run), run.run.runOn, run.run.runOnEnded]).toEqual([false, undefined, 'TOKEN has no value']);
  });

  test('holds up no running on to what is there already', () => {
    const run = heldRun(checked);
    run.start('a');
    run.end(1);
    reopenWithout(run).runOn({ toStepId: 'a' });
    expect(run.run.runOnEnded).toBe('“A” is done');
  });
});

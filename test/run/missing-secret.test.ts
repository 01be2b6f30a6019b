import { describe, expect, test } from 'vitest';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf } from '../support/decided-run.ts';

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

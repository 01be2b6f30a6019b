import { describe, expect, test } from 'vitest';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf, whyOf } from '../support/decided-run.ts';

const no = { held: false, found: 'no' } as const;

function up(run: DecidedRun, attempt: number): void {
  run.report(attempt, { type: 'started', at: run.context.now });
  run.report(attempt, { type: 'ready', at: run.context.now });
}

function lost(run: DecidedRun, attempt: number): void {
  run.report(attempt, { type: 'started', at: run.context.now });
  run.report(attempt, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
}

describe('nothing begins', () => {
  test.each(['undo: z', 'readonly: true'])('that was skipped while the services before it were ending: %s', (keys) => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: up, title: Up, service: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: a, title: A, run: x, ${keys} }] }
`),
    );
    run.start('up');
    up(run, 1);
    run.start('a');
    run.decide({ type: 'skip step', stepId: 'a', reason: 'not today' });
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.state('a').status).toBe('skipped');
    expect(run.run.attempts).toHaveLength(1);
  });

  test.each([
    ['a gate closed', 'gate: Go on?, ', 'Go on?'],
    ['a step failed', '', '1 step before it is not done'],
  ])('behind what changed while the services before it were ending: %s', (_, gate, why) => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, ${gate}steps: [{ id: up, title: Up, service: x }, { id: a, title: A, run: x, readonly: true }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z, confirm: true }] }
`),
    );
    run.start('up');
    up(run, 1);
    if (gate === '') {
      run.start('a');
      run.end(2);
    }
    run.start('b');
    run.start('a');
    const attempt = run.run.attempts.length;
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    run.end(attempt, 1);
    expect(run.state('b').status).toBe('pending');
    expect(run.run.runOnEnded).toContain(why);
  });

  test('by the retry of a service that was stopped while its verify was asked', () => {
    const run = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, steps: [{ id: up, title: Up, service: x, verify: y, retry: { times: 2, every: 1s }, undo: z }] }',
      ),
    );
    run.start('up');
    up(run, 1);
    run.decide({ type: 'stop step', stepId: 'up' });
    run.decide({ type: 'verify answered', attempt: 1, answer: no });
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.effects.some((effect) => effect.type === 'wake for retry')).toBe(false);
    expect(run.state('up')).not.toHaveProperty('retry');
  });

  test('by the retry of a service that went down, nor by a key on it, beside a step that runs', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: up, title: Up, service: x, ready: { tcp: "localhost:1", within: 1s }, retry: { times: 1, every: 1s } }
      - { id: a, title: A, run: x, undo: z }
`),
    );
    run.start('up');
    up(run, 1);
    run.runOn();
    run.report(2, { type: 'started', at: run.context.now });
    run.end(1, 1);
    const wake = run.effects.at(-1);
    if (wake?.type !== 'wake for retry') throw new Error('nobody is woken');
    expect(whyOf(run.start('up'))).toContain('“A” is under way');
    expect(whyOf(run.rollBack({ kind: 'step', stepId: 'up' }))).toContain('“A” is under way');
    run.later(1_000).decide({ type: 'retry due', stepId: 'up', dueAt: wake.dueAt });
    expect(run.events.at(-1)).toMatchObject({ type: 'RetryCancelled', why: '“A” is under way' });
    run.end(2);
    expect(run.run.runOnEnded).toBe('“Up”: failed');
    run.start('up');
    expect(run.state('up').status).toBe('starting');
  });

  test.each([
    ['a retry that is due', 'retry: { times: 2, every: 1s }'],
    ['an unless that says no', 'unless: y'],
  ])('by %s, where nobody knows how another step ended', (_, more) => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: soak, title: Soak, watch: { check: 'true', every: 1s, for: 1h } }
      - { id: a, title: A, run: x, undo: z, ${more} }
`),
    );
    run.start('soak');
    run.report(1, { type: 'started', at: 1 });
    run.start('a');
    if (more.startsWith('retry')) run.end(2, 1);
    lost(run, 1);
    const before = run.run.attempts.length;
    const { state } = { state: run.state('a') };
    if ('retry' in state && state.retry)
      run.later(1_000).decide({ type: 'retry due', stepId: 'a', dueAt: state.retry.dueAt });
    else run.answerUnless('a', no);
    expect(run.run.attempts).toHaveLength(before);
    expect(run.state('a')).not.toHaveProperty('retry');
    expect(['failed', 'pending']).toContain(run.state('a').status);
  });

  test('by a retry beside an undo that goes on in a rollback that was interrupted', () => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: up, title: Up, service: x, retry: { times: 1, every: 1s } }, { id: b, title: B, run: x }] }
`),
    );
    run.start('a');
    run.end(1);
    run.start('up');
    up(run, 2);
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.report(3, { type: 'started', at: run.context.now });
    run.reopen();
    run.later(1_000).end(2, 1);
    expect(run.state('up')).toHaveProperty('retry');
    run.settle();
    expect(run.run.active).toEqual([3]);
    expect(run.state('up')).not.toHaveProperty('retry');
  });

  describe('beside an undo whose end comes after all', () => {
    const late = (before = '') => {
      const run = new DecidedRun(
        bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: { run: z, verify: v } }] }
${before}
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, unless: y, undo: z }] }
`),
      );
      run.start('a');
      run.end(1);
      if (before !== '') {
        run.start('up');
        up(run, 2);
      }
      run.rollBack({ kind: 'phase', phaseId: 'one' });
      const undo = run.run.attempts.length;
      run.report(undo, { type: 'started', at: run.context.now });
      run.reopen();
      lost(run, undo);
      return run;
    };

    test('by running on, whose unless is not asked without end', () => {
      const run = late();
      run.runOn({ phaseId: 'two' });
      run.end(2);
      run.answerUnless('b', no);
      expect(run.state('b').status).toBe('pending');
      expect(run.run.runOnEnded).toBe('a rollback is not finished');
    });

    test('by a key that came before it, and waits for a service to end', () => {
      const run = late(
        '  - { id: mid, title: Mid, steps: [{ id: up, title: Up, service: x }, { id: n, title: N, run: x }] }',
      );
      run.start('b');
      run.end(3);
      run.end(2, { kind: 'stopped', signal: 'SIGINT' });
      expect(run.state('b').status).toBe('pending');
      expect(run.run.runOnEnded).toBe('a rollback is not finished');
    });
  });

  test('of any phase while a rollback of the whole run is not finished', () => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }] }
`),
    );
    run.start('a');
    run.end(1);
    run.rollBack({ kind: 'run' });
    run.end(2, 1);
    run.reopen();
    expect(whyOf(run.start('b'))).toContain('A rollback is under way');
    expect(whyOf(run.runOn({ phaseId: 'two' }))).toContain('A rollback is under way');
    // Nor where nothing of it is left to do.
    const skipped = new DecidedRun(run.runbook);
    skipped.decide({ type: 'skip step', stepId: 'b', reason: 'not today' });
    skipped.start('a');
    skipped.end(1);
    skipped.rollBack({ kind: 'run' });
    skipped.end(2, 1);
    skipped.reopen();
    expect(whyOf(skipped.runOn({ phaseId: 'two' }))).toContain('A rollback is under way');
  });

  test('beside an undo of the phase’s own plan that may still run', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: x }]
    rollback: [{ id: back, title: Back, run: z }]
`),
    );
    run.start('a');
    run.end(1);
    run.rollBack();
    lost(run, 2);
    run.decide({ type: 'resolve undo', itemId: 'one/back', choice: 'marked done', note: 'it looks so' });
    const asked = run.decide({ type: 'run step', stepId: 'a', answers: [], accepted: 'person' });
    expect(reasonsOf(asked)).toEqual(['still there']);
  });
});

describe('a retry that is due while a service comes back', () => {
  const failed = (needs: string) => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: up, title: Up, service: x, ready: { tcp: "localhost:1", within: 30s }, retry: { times: 1, every: 1m } }
      - { id: b, title: B, run: x, undo: z${needs}, retry: { times: 1, every: 0s } }
`),
    );
    run.runOn();
    up(run, 1);
    run.end(2, 1);
    run.end(1, 1);
    return run;
  };
  const wake = (run: DecidedRun, stepId: string) => {
    const effect = run.effects.findLast((one) => one.type === 'wake for retry' && one.stepId === stepId);
    if (effect?.type !== 'wake for retry') throw new Error('nobody is woken');
    run.later(effect.dueAt - run.context.now).decide({ ...effect, type: 'retry due' });
  };

  test.each(['', ', needs: [up]'])('is put off, and begins once that is up%s', (needs) => {
    const run = failed(needs);
    wake(run, 'b');
    const ofService = run.state('up');
    expect(run.state('b')).toMatchObject({
      retry: { number: 1, dueAt: 'retry' in ofService && ofService.retry?.dueAt },
    });
    wake(run, 'up');
    const told = run.told().length;
    wake(run, 'b');
    // However long that takes, nothing is said of it before it begins.
    expect([run.statuses(), run.told().length]).toEqual([{ up: 'starting', b: 'failed' }, told]);
    up(run.later(10_000), 3);
    expect(run.state('b')).toEqual({ status: 'starting', attempt: 4 });
    expect(run.run.attempts[3]?.retry).toBe(1);
    expect(run.run.runOn).toBeDefined();
  });

  test('is cancelled where it needs that service, which does not come back', () => {
    const run = failed(', needs: [up]');
    wake(run, 'b');
    wake(run, 'up');
    run.end(3, 1);
    wake(run, 'b');
    expect(run.told()).toContain('RetryCancelled');
    expect(run.statuses()).toEqual({ up: 'failed', b: 'failed' });
    expect(run.run.runOnEnded).toContain('failed');
  });
});

test('a service that is up is not skipped over', () => {
  const run = new DecidedRun(
    bookOf('  - { id: one, title: One, steps: [{ id: up, title: Up, service: x, verify: y, undo: z }] }'),
  );
  run.start('up');
  up(run, 1);
  run.decide({ type: 'verify answered', attempt: 1, answer: no });
  expect(whyOf(run.decide({ type: 'skip step', stepId: 'up', reason: 'no' }))).toContain('is up. Stop it first');
});

test('a rollback that goes on where an undo is to be proven asks for every secret, as its verify may want it', () => {
  const run = new DecidedRun(
    bookOf(
      '  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: { run: z, verify: y } }] }',
      'vars: { TOKEN: { secret: true } }',
    ),
  );
  run.context = { ...run.context, secretsHeld: ['TOKEN'] };
  run.start('a');
  run.end(1);
  run.rollBack();
  run.end(2);
  run.reopen();
  run.context = { ...run.context, secretsHeld: [] };
  expect(reasonsOf(run.decide({ type: 'resume rollback' }))).toEqual(['TOKEN']);
});

describe('a run of which something may still be there', () => {
  test('is put aside only by its name', () => {
    const run = new DecidedRun(bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }'));
    run.start('a');
    lost(run, 1);
    const asked = run.decide({ type: 'close run', note: 'again' });
    expect(reasonsOf(asked)).toEqual(['still there']);
    const answer = { reason: 'still there', phaseId: 'one', said: run.runbook.id } as const;
    expect(run.decide({ type: 'close run', note: 'again', answers: [{ ...answer, said: 'yes' }] }).kind).toBe('ask');
    run.decide({ type: 'close run', note: 'again', answers: [answer] });
    expect(run.status()).toBe('closed');
  });
});

test('what a rollback left is told by attempts, whatever the clock says', () => {
  const run = new DecidedRun(bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }'));
  run.start('a');
  run.end(1);
  run.rollBack();
  run.end(2, 1);
  run.decide({ type: 'give up rollback', note: 'by hand' });
  expect(run.status()).toBe('partly rolled back');
  run.later(-3_600_000).start('a');
  run.end(3);
  expect(run.status()).toBe('succeeded');
});

describe('running on', () => {
  test('in one phase leaves a service of another alone', () => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: up, title: Up, service: x, undo: z }, { id: b, title: B, run: x, undo: z }] }
`),
    );
    run.start('up');
    up(run, 1);
    run.runOn({ phaseId: 'one' });
    run.end(2);
    expect(run.run.runOn).toBeUndefined();
    expect(run.effects.some((effect) => effect.type === 'stop attempt')).toBe(false);
  });

  describe('in one phase, after another was rolled back,', () => {
    const undone = () => {
      const run = new DecidedRun(
        bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: x, undo: z }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }, { id: c, title: C, run: x, undo: z }] }
`),
      );
      run.start('a');
      run.end(1);
      run.start('b');
      run.end(2);
      run.rollBack({ kind: 'phase', phaseId: 'one' });
      return run;
    };

    test.each(['a', 'b'])('to what stands before all that is left there, ends: %s', (toStepId) => {
      const run = undone();
      run.settle();
      run.runOn({ phaseId: 'two', toStepId });
      expect(run.run.runOn).toBeUndefined();
      expect(run.run.runOnEnded).toContain('“Two” has nothing left to do');
      expect(run.state('c').status).toBe('pending');
    });

    test('is refused until that rollback is over, where nothing is left to do there', () => {
      const run = undone();
      run.decide({ type: 'skip step', stepId: 'c', reason: 'not today' });
      run.end(3, 1);
      expect(whyOf(run.runOn({ phaseId: 'two' }))).toContain('A rollback is under way');
    });
  });

  describe('goes by what was confirmed for the step it begins with, once the services before that have ended', () => {
    const beginning = () => {
      const run = new DecidedRun(
        bookOf(`
  - { id: one, title: One, steps: [{ id: up, title: Up, service: x }], checklist: [{ id: seen, text: Seen }] }
  - id: two
    title: Two
    steps: [{ id: a, title: A, run: x, confirm: true, undo: z }, { id: out, title: Out, run: x, irreversible: it is out }]
`),
      );
      run.start('up');
      up(run, 1);
      run.runOn();
      return run;
    };
    const ended = (run: DecidedRun) => run.end(1, { kind: 'stopped', signal: 'SIGINT' });

    test('and for no other', () => {
      const run = beginning();
      ended(run);
      expect(run.state('a').status).toBe('starting');
      run.end(2);
      expect(run.run.runOnEnded).toContain('Point of no return');
    });

    test('but not where it was held, or the screen was gone, before that', () => {
      for (const stops of [(run: DecidedRun) => run.decide({ type: 'hold' }), (run: DecidedRun) => run.reopen()]) {
        const run = beginning();
        stops(run);
        ended(run);
        expect(run.state('a').status).toBe('pending');
        expect(reasonsOf(run.decide({ type: 'run on', answers: [], accepted: 'person' }))).toEqual(['confirm']);
      }
    });
  });

  test('ends where a step fell out of its place that was in it when the order was confirmed', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: n, title: N, run: x }
      - { id: soak, title: Soak, watch: { check: x, every: 1s, for: 9s } }
      - { id: up, title: Up, service: x }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }] }
`),
    );
    run.start('soak');
    run.report(1, { type: 'started', at: 1 });
    run.start('up');
    up(run, 2);
    run.runOn({ phaseId: 'two' });
    run.end(1, { kind: 'not met', found: '3 failures' });
    run.end(2, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.state('b').status).toBe('pending');
    expect(run.run.runOnEnded).toContain('2 steps before it are not done');
    run.runOn({ phaseId: 'two' });
    expect(run.state('b').status).toBe('starting');
  });

  const soaking = (more = '') =>
    new DecidedRun(
      bookOf(`
  - id: one
    title: One
    gate: Go on?
    steps: [{ id: soak, title: Soak, watch: { check: 'true', every: 1s, for: 1h } }]
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }] }
${more}`),
    );
  const watching = () => {
    const run = soaking();
    run.start('soak');
    run.report(1, { type: 'started', at: 1 });
    return run;
  };

  test.each([[{}], [{ phaseId: 'one' }]])(
    'waits for a watch before its gate is asked for, opened again too: %j',
    (limits) => {
      const run = watching();
      run.reopen();
      expect(run.runOn(limits).kind).toBe('go');
      expect(run.run.confirmations).toEqual([]);
      run.end(1, { kind: 'done', found: 'held' });
      expect(run.run.runOnEnded).toBe('Gate: Go on?');
    },
  );

  test('in a later phase alone is refused while the watch before its gate goes on', () => {
    expect(whyOf(watching().runOn({ phaseId: 'two' }))).toContain('is still being watched');
  });

  test('to a watch waits for its end, and begins nothing behind it', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps:
      - { id: soak, title: Soak, watch: { check: 'true', every: 1s, for: 1h } }
      - { id: b, title: B, run: x, undo: z }
`),
    );
    run.runOn({ toStepId: 'soak' });
    run.report(1, { type: 'started', at: 1 });
    expect(run.statuses()).toEqual({ soak: 'running', b: 'pending' });
    run.reopen();
    run.runOn({ toStepId: 'soak' });
    run.end(1, { kind: 'done', found: 'held' });
    expect(run.statuses()).toEqual({ soak: 'succeeded', b: 'pending' });
    expect(run.run.runOn).toBeUndefined();
  });

  test('asks what did not hold of a finished phase again before the next begins', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    checklist: [{ id: green, text: Green, run: look }]
    steps: [{ id: a, title: A, run: x, undo: z }]
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, undo: z }] }
`),
    );
    run.runOn();
    run.end(1);
    run.answerItem('green', no);
    run.runOn();
    expect(run.effects.at(-1)).toMatchObject({ type: 'ask item', itemId: 'green' });
    run.answerItem('green', no);
    expect(run.state('b').status).toBe('pending');
    run.runOn();
    run.answerItem('green', { held: true, found: '' });
    expect(run.state('b').status).toBe('starting');
  });

  test('a run is not over while what its checklist asks does not hold', () => {
    const run = new DecidedRun(
      bookOf(
        '  - { id: one, title: One, checklist: [{ id: green, text: Green, run: look }], steps: [{ id: a, title: A, run: x, undo: z }] }',
      ),
    );
    run.runOn();
    run.end(1);
    run.answerItem('green', no);
    expect(run.status()).toBe('waiting');
    run.runOn();
    run.answerItem('green', { held: true, found: '' });
    expect(run.status()).toBe('succeeded');
  });
});

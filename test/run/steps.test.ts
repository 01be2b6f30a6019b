import { describe, expect, test } from 'vitest';
import type { Intent } from '../../src/run/intent.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf, whyOf } from '../support/decided-run.ts';

const twoSteps = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'true', readonly: true }
      - { id: b, title: B, run: 'true', undo: 'true' }
`);

function oneStep(step: string, phase = ''): DecidedRun {
  return new DecidedRun(bookOf(`  - id: one\n    title: One\n    ${phase}\n    steps:\n      - ${step}\n`));
}

const noAnswer = { held: false, found: 'no line', lineLost: true } as const;

describe('a step', () => {
  test('is announced before it is started, and its end is the state', () => {
    const run = new DecidedRun(twoSteps);
    const decision = run.start('a');
    expect(decision).toMatchObject({
      kind: 'go',
      events: [{ type: 'AttemptStarted', attempt: 1, purpose: { kind: 'step', stepId: 'a' } }],
      effects: [{ type: 'start attempt', attempt: 1 }],
    });
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 1 });
    run.report(1, { type: 'started', at: 7 });
    expect(run.state('a')).toEqual({ status: 'running', attempt: 1 });
    run.end(1);
    expect(run.state('a')).toMatchObject({ status: 'succeeded', attempt: 1, how: 'verified' });
  });

  test.each([
    ['an exit status that is not expected', 3, 'failed', 'unmet'],
    ['a signal', { kind: 'killed', signal: 'SIGSEGV' }, 'failed', 'killed'],
    ['a deadline', { kind: 'timed out', afterMs: 5 }, 'timed out', 'timed out'],
    ['a stop', { kind: 'stopped', signal: 'SIGTERM' }, 'stopped', 'stopped'],
    ['a program that is missing', { kind: 'could not start', message: 'gone' }, 'failed', 'could not start'],
    ['a check that does not hold', { kind: 'not met', found: 'refused' }, 'failed', 'not met'],
  ] as const)('ends by %s', (_, ending, status, reason) => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    run.end(1, ending);
    expect(run.state('a')).toMatchObject({ status, reasons: [{ kind: reason }] });
    expect(run.status()).toBe('failed');
  });

  test.each([
    { kind: 'stopped', signal: 'SIGKILL' },
    { kind: 'timed out', afterMs: 5 },
    { kind: 'not met', found: 'not ready within 5 s' },
  ] as const)('that was ended, $kind, without proof that it is gone is unknown', (ending) => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    run.end(1, ending, { groupGone: false });
    expect(run.state('a')).toMatchObject({ status: 'unknown' });
  });

  test('that did not start is pending again, and nothing of it can be undone', () => {
    const run = new DecidedRun(twoSteps);
    run.start('b');
    run.report(1, { type: 'did not start', message: 'disk full' });
    expect(run.state('b')).toEqual({ status: 'pending' });
    expect(whyOf(run.rollBack())).toContain('Nothing was started');
  });

  test.each([
    ['failed', 'run: x, retry: { times: 1, every: 1s }', 1, 'failed'],
    ['had proven that it holds', 'run: x, readonly: true', 0, 'succeeded'],
  ])('that %s says so still where it did not start again', (_, keys, exit, status) => {
    const run = oneStep(`{ id: a, title: A, ${keys} }`);
    run.start('a');
    run.end(1, exit);
    const before = run.state('a');
    run.start('a');
    run.report(2, { type: 'did not start', message: 'disk full' });
    const { retry: _due, ...rest } = { retry: undefined, ...before };
    expect(run.state('a')).toEqual(rest);
    expect(run.status()).toBe(status);
  });

  test('is not begun beside another', () => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    expect(whyOf(run.start('b'))).toContain('“A” is under way');
    expect(whyOf(run.runOn())).toContain('“A” is under way');
  });

  test('that is done is not run again, one that changes nothing is', () => {
    const run = new DecidedRun(twoSteps);
    run.runOn();
    run.settle();
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'succeeded' });
    expect(whyOf(run.start('b'))).toContain('roll it back first');
    run.start('a');
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 3 });
  });

  test('that is wanted out of order begins alone when the services before it have ended', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    checklist: [{ id: tick, text: Tick }]
    steps: [{ id: up, title: Up, service: x, undo: z }]
  - id: two
    title: Two
    steps:
      - { id: a, title: A, run: x, undo: z }
      - { id: b, title: B, run: x, undo: z }
      - { id: c, title: C, run: x, undo: z, confirm: true }
`),
    );
    run.start('up');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'ready', at: 2 });
    run.start('c');
    expect(run.effects.at(-1)).toEqual({ type: 'stop attempt', attempt: 1 });
    expect(run.run.attempts).toHaveLength(1);
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.statuses()).toMatchObject({ a: 'pending', b: 'pending', c: 'starting' });
    run.end(2);
    expect(run.run.attempts).toHaveLength(2);
    expect(run.run.runOn).toBeUndefined();
  });

  test('keeps what it captured for later commands', () => {
    const run = oneStep("{ id: a, title: A, run: 'true', capture: IMAGE, readonly: true }");
    run.start('a');
    run.end(1, 0, { captured: 'sha256:1' });
    expect(run.run.values).toEqual({ IMAGE: 'sha256:1' });
  });
});

describe('a verify', () => {
  const verified = () => oneStep("{ id: a, title: A, run: 'true', verify: test -e x, undo: 'true' }");

  test('is asked after the end, and only then is the step done', () => {
    const run = verified();
    run.start('a');
    run.end(1);
    expect(run.state('a')).toEqual({ status: 'verifying', attempt: 1 });
    expect(run.effects.at(-1)).toEqual({ type: 'ask verify', attempt: 1 });
    run.decide({ type: 'verify answered', attempt: 1, answer: { held: true, found: '' } });
    expect(run.state('a')).toMatchObject({ status: 'succeeded' });
  });

  test('that does not hold is a failure with what was found', () => {
    const run = verified();
    run.start('a');
    run.end(1);
    run.decide({ type: 'verify answered', attempt: 1, answer: { held: false, found: 'exit status 1' } });
    expect(run.state('a')).toMatchObject({ status: 'failed', reasons: [{ kind: 'verify', found: 'exit status 1' }] });
  });

  test('that was being asked when the screen was gone is asked again', () => {
    const run = verified();
    run.start('a');
    run.end(1);
    run.reopen();
    expect(run.decide({ type: 'verify again', attempt: 1 })).toMatchObject({
      kind: 'go',
      effects: [{ type: 'ask verify', attempt: 1 }],
    });
  });

  test('that has no answer leaves the step unknown, and it is not retried', () => {
    const run = oneStep("{ id: a, title: A, run: 'true', verify: x, retry: { times: 2, every: 1s }, undo: 'true' }");
    run.start('a');
    run.end(1);
    run.decide({ type: 'verify answered', attempt: 1, answer: noAnswer });
    expect(run.state('a')).toMatchObject({ status: 'unknown', why: expect.stringContaining('has no answer: no line') });
    expect(run.effects.some((effect) => effect.type === 'wake for retry')).toBe(false);
    expect(whyOf(run.start('a'))).toContain('Settle that first');
  });

  test('that has no answer is none for what a person did: they can look', () => {
    const run = oneStep('{ id: a, title: A, manual: Do it., verify: x }');
    run.start('a');
    run.decide({ type: 'finish manual', stepId: 'a', note: '', accepted: 'person' });
    run.decide({ type: 'verify answered', attempt: 1, answer: noAnswer });
    const reason = { kind: 'verify', found: 'no line', lineLost: true };
    expect(run.state('a')).toMatchObject({ status: 'failed', reasons: [reason] });
  });

  describe('of a service', () => {
    const up = (retry = '') => {
      const run = oneStep(`{ id: a, title: A, service: x, ready: { tcp: 'h:1' }, verify: y, undo: z ${retry} }`);
      run.start('a');
      run.report(1, { type: 'started', at: 1 });
      run.report(1, { type: 'ready', at: 2 });
      return run;
    };
    const no = { held: false, found: 'no' } as const;

    test('that does not hold begins none beside it', () => {
      const run = up();
      run.decide({ type: 'verify answered', attempt: 1, answer: no });
      expect(run.state('a')).toMatchObject({ status: 'failed' });
      for (const decision of [run.start('a'), run.runOn()]) expect(whyOf(decision)).toContain('is up. Stop it first');
      run.decide({ type: 'stop step', stepId: 'a' });
      run.end(1, { kind: 'stopped', signal: 'SIGINT' });
      run.start('a');
      expect(run.state('a')).toEqual({ status: 'starting', attempt: 2 });
    });

    test.each([
      ['after', 20_000],
      ['before', 1],
    ])('that does not hold is stopped and then tried again, with its end %s the time', (_, tookMs) => {
      const run = up(', retry: { times: 1, every: 10s }');
      run.decide({ type: 'verify answered', attempt: 1, answer: no });
      const dueAt = run.context.now + 10_000;
      expect(run.effects).toContainEqual({ type: 'stop attempt', attempt: 1 });
      expect(run.effects).toContainEqual({ type: 'wake for retry', stepId: 'a', dueAt });
      if (tookMs > 10_000) run.later(10_000).decide({ type: 'retry due', stepId: 'a', dueAt });
      expect(run.run.attempts).toHaveLength(1);
      run.later(tookMs).end(1, { kind: 'stopped', signal: 'SIGINT' });
      if (tookMs < 10_000) run.later(10_000).decide({ type: 'retry due', stepId: 'a', dueAt });
      expect(run.state('a')).toEqual({ status: 'starting', attempt: 2 });
      run.report(2, { type: 'started', at: 1 });
      run.report(2, { type: 'ready', at: 2 });
      run.decide({ type: 'verify answered', attempt: 2, answer: no });
      expect(run.state('a')).not.toHaveProperty('retry');
      expect(run.run.attempts[1]?.life.status).toBe('running');
    });

    test('that has no answer leaves it up and unknown, to be adopted', () => {
      const run = up(', retry: { times: 1, every: 10s }');
      run.decide({ type: 'verify answered', attempt: 1, answer: noAnswer });
      expect(run.state('a')).toMatchObject({
        status: 'unknown',
        why: 'it is up, but its verify has no answer: no line',
      });
      const again = { type: 'resolve unknown', stepId: 'a', choice: 'run again', note: 'no' } as const;
      expect(whyOf(run.decide(again))).toContain('is up. Stop it first');
      run.decide({ type: 'resolve unknown', stepId: 'a', choice: 'adopt as done', note: 'it answers' });
      expect(run.state('a')).toMatchObject({ status: 'succeeded', how: 'adopted' });
      expect(run.run.active).toEqual([1]);
    });
  });

  test('is not asked where the command failed', () => {
    const run = verified();
    run.start('a');
    run.end(1, 1);
    expect(run.state('a').status).toBe('failed');
    expect(run.effects.some((effect) => effect.type === 'ask verify')).toBe(false);
  });
});

describe('an unless', () => {
  const unless = () => oneStep("{ id: a, title: A, run: 'true', unless: test -e x, undo: 'true' }");

  test('that holds means that the step is not run', () => {
    const run = unless();
    run.start('a');
    expect(run.state('a')).toMatchObject({ status: 'asking' });
    run.answerUnless('a', { held: true, found: 'exit status 0' });
    expect(run.state('a')).toMatchObject({ status: 'satisfied', found: 'exit status 0' });
    expect(run.run.attempts).toEqual([]);
    expect(run.status()).toBe('succeeded');
  });

  test('that does not hold starts it', () => {
    const run = unless();
    run.start('a');
    run.answerUnless('a', { held: false, found: '' });
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 1 });
  });

  test('that has no answer begins nothing, and can be asked again', () => {
    const run = unless();
    run.runOn();
    run.answerUnless('a', noAnswer);
    expect(run.state('a')).toEqual({ status: 'pending', noAnswer: 'no line' });
    expect(run.run).toMatchObject({ attempts: [], runOnEnded: 'the unless of “A” has no answer: no line' });
    run.start('a');
    run.answerUnless('a', { held: false, found: '' });
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 1 });
  });

  test('whose answer nobody waited for leaves the step pending, and a late one changes nothing', () => {
    const run = unless();
    run.start('a');
    run.reopen();
    expect(run.state('a')).toEqual({ status: 'pending' });
    run.answerUnless('a', { held: true, found: '' });
    expect(run.state('a')).toEqual({ status: 'pending' });
  });

  test.each([
    ['did not start', (run: DecidedRun) => run.report(2, { type: 'did not start', message: 'disk full' })],
    [
      'was skipped',
      (run: DecidedRun) => {
        run.end(2, 1);
        run.decide({ type: 'skip step', stepId: 'a', reason: 'later' });
      },
    ],
  ])('is not asked of what an attempt left half done, also where it %s since', (_, then) => {
    const run = unless();
    run.start('a');
    run.answerUnless('a', { held: false, found: '' });
    run.end(1, 1);
    run.start('a');
    then(run);
    run.start('a');
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 3 });
  });

  test('is asked again of a satisfied step, and not of one that an attempt may have left half done', () => {
    const run = unless();
    run.start('a');
    run.answerUnless('a', { held: true, found: '' });
    run.start('a');
    expect(run.state('a').status).toBe('asking');
    run.answerUnless('a', { held: false, found: '' });
    run.end(1, 1);
    run.start('a');
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 2 });
  });
});

describe('a retry', () => {
  const tried = () => oneStep("{ id: a, title: A, run: 'true', retry: { times: 2, every: 10s }, undo: 'true' }");

  test('is a new attempt, as often as the definition says', () => {
    const run = tried();
    run.start('a');
    for (const number of [1, 2]) {
      run.end(number, 1);
      expect(run.state('a')).toMatchObject({ status: 'failed', attempt: number, retry: { number } });
      const wake = run.effects.at(-1);
      if (wake?.type !== 'wake for retry') throw new Error('nobody is woken');
      expect(wake.dueAt).toBe(run.context.now + 10_000);
      run.later(10_000).decide({ type: 'retry due', stepId: 'a', dueAt: wake.dueAt });
      expect(run.state('a')).toEqual({ status: 'starting', attempt: number + 1 });
    }
    run.end(3, 1);
    expect(run.state('a')).not.toHaveProperty('retry');
    expect(run.run.attempts.map((attempt) => attempt.retry)).toEqual([undefined, 1, 2]);
    expect(run.run.attempts.map((attempt) => attempt.life.status)).toEqual(['ended', 'ended', 'ended']);
  });

  test('is counted anew after a key', () => {
    const run = tried();
    run.start('a');
    run.end(1, 1);
    run.start('a');
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 2 });
    run.end(2, 1);
    expect(run.state('a')).toMatchObject({ retry: { number: 1 } });
  });

  test.each([
    ['x', (run: DecidedRun) => run.decide({ type: 'stop step', stepId: 'a' })],
    ['opening the run again', (run: DecidedRun) => run.reopen()],
    ['a skip', (run: DecidedRun) => run.decide({ type: 'skip step', stepId: 'a', reason: 'broken' })],
    ['a rollback', (run: DecidedRun) => run.rollBack()],
  ])('is cancelled by %s', (_, cancel) => {
    const run = tried();
    run.start('a');
    run.end(1, 1);
    const wake = run.effects.at(-1);
    if (wake?.type !== 'wake for retry') throw new Error('nobody is woken');
    cancel(run);
    const attempts = run.run.attempts.length;
    run.decide({ type: 'retry due', stepId: 'a', dueAt: wake.dueAt });
    expect(run.run.attempts).toHaveLength(attempts);
  });

  test('does not follow what the operator stopped', () => {
    const run = tried();
    run.start('a');
    run.report(1, { type: 'started', at: 1 });
    run.decide({ type: 'stop step', stepId: 'a' });
    run.end(1, 1);
    expect(run.state('a')).toMatchObject({ status: 'failed' });
    expect(run.state('a')).not.toHaveProperty('retry');
  });

  test('does not follow by itself what failed while no screen was there', () => {
    const run = tried();
    run.start('a');
    run.report(1, { type: 'started', at: run.context.now });
    const endedAt = run.context.now;
    run.later(60_000).reopen();
    run.end(1, 1, { endedAt });
    expect(run.state('a')).toMatchObject({ status: 'failed' });
    expect(run.state('a')).not.toHaveProperty('retry');
  });

  test('follows what timed out', () => {
    const run = tried();
    run.start('a');
    run.report(1, { type: 'started', at: run.context.now });
    run.report(1, { type: 'stopping', signal: 'SIGINT' });
    run.end(1, { kind: 'timed out', afterMs: 5 });
    expect(run.state('a')).toMatchObject({ status: 'timed out', retry: { number: 1 } });
  });
});

describe('stopping', () => {
  test('is asked for once and shown signal by signal', () => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    run.report(1, { type: 'started', at: 1 });
    expect(run.decide({ type: 'stop step', stepId: 'a' })).toMatchObject({
      effects: [{ type: 'stop attempt', attempt: 1 }],
    });
    expect(whyOf(run.decide({ type: 'stop step', stepId: 'a' }))).toContain('already');
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
      run.report(1, { type: 'stopping', signal });
      expect(run.run.attempts[0]?.life).toMatchObject({ status: 'stopping', signal });
    }
    run.report(1, { type: 'started', at: 1 });
    expect(run.run.attempts[0]?.life.status).toBe('stopping');
  });

  test('asked for before it was known to have started does not make it one that never did', () => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    run.decide({ type: 'stop step', stepId: 'a' });
    run.report(1, { type: 'started', at: 1 });
    expect(run.run.attempts[0]).toMatchObject({ isBegun: true, life: { status: 'stopping' } });
    run.reopen();
    run.report(1, { type: 'did not start', message: 'its files are gone' });
    expect(run.state('a').status).toBe('unknown');
  });

  test('ends running on', () => {
    const run = new DecidedRun(twoSteps);
    run.runOn();
    run.report(1, { type: 'started', at: 1 });
    run.decide({ type: 'stop step', stepId: 'a' });
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.statuses()).toEqual({ a: 'stopped', b: 'pending' });
    expect(run.run.runOn).toBeUndefined();
  });

  test.each([
    ['a step that is not running', (run: DecidedRun) => run.decide({ type: 'stop step', stepId: 'b' }), 'not running'],
  ])('is refused for %s', (_, act, why) => {
    expect(whyOf(act(new DecidedRun(twoSteps)))).toContain(why);
  });
});

describe('skipping', () => {
  test('needs a reason, which is kept', () => {
    const run = new DecidedRun(twoSteps);
    expect(whyOf(run.decide({ type: 'skip step', stepId: 'a', reason: ' ' }))).toContain('needs a reason');
    run.decide({ type: 'skip step', stepId: 'a', reason: 'done by Ann' });
    expect(run.state('a')).toMatchObject({ status: 'skipped', reason: 'done by Ann', by: 'rob@studio' });
  });

  test('is refused for a required step, one that runs and one that is done', () => {
    const required = oneStep("{ id: a, title: A, run: 'true', required: true, readonly: true }");
    const skip = (run: DecidedRun) => whyOf(run.decide({ type: 'skip step', stepId: 'a', reason: 'why not' }));
    expect(skip(required)).toContain('required');
    const run = new DecidedRun(twoSteps);
    run.start('a');
    expect(skip(run)).toContain('under way');
    run.end(1);
    expect(skip(run)).toContain('succeeded already');
  });

  test('a skipped step can be run after all', () => {
    const run = new DecidedRun(twoSteps);
    run.decide({ type: 'skip step', stepId: 'a', reason: 'later' });
    run.start('a');
    run.end(1);
    expect(run.state('a').status).toBe('succeeded');
  });
});

describe('a manual step', () => {
  const manual = () => oneStep("{ id: a, title: A, manual: Look at it, verify: test -e x, undo: 'true' }");

  test('runs in a person, is not stopped, and is done when it is said and verified', () => {
    const run = manual();
    run.start('a');
    expect(run.state('a')).toEqual({ status: 'running', attempt: 1 });
    expect(run.effects).toEqual([]);
    expect(whyOf(run.decide({ type: 'stop step', stepId: 'a' }))).toContain('done by a person');
    run.reopen();
    expect(run.state('a').status).toBe('running');
    run.decide({ type: 'finish manual', stepId: 'a', note: '', accepted: 'person' });
    expect(run.state('a').status).toBe('verifying');
    run.settle();
    expect(run.state('a').status).toBe('succeeded');
  });

  test('stops running on, and can be skipped while it waits', () => {
    const run = manual();
    run.runOn();
    expect(run.run.runOn).toBeUndefined();
    run.decide({ type: 'skip step', stepId: 'a', reason: 'not here' });
    expect(run.state('a').status).toBe('skipped');
    expect(run.run.attempts[0]?.life.status).toBe('withdrawn');
  });

  test('has to be begun before it is done', () => {
    expect(whyOf(manual().decide({ type: 'finish manual', stepId: 'a', note: '', accepted: 'person' }))).toContain(
      'has not begun',
    );
  });
});

describe('an unknown step', () => {
  const lost = () => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
    return run;
  };
  const resolve = (run: DecidedRun, choice: 'adopt as done' | 'run again' | 'mark failed', note = 'I looked') =>
    run.decide({ type: 'resolve unknown', stepId: 'a', choice, note });

  test('may be proven gone when its step is not in the definition any more', () => {
    const look = "{ id: look, title: Look, run: 'true', readonly: true }";
    const run = oneStep(look);
    run.start('look');
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
    run.decide({ type: 'resolve unknown', stepId: 'look', choice: 'mark failed', note: 'nothing' });
    run.runbook = oneStep(look.replaceAll('look', 'other')).runbook;
    run.record([
      { type: 'DefinitionAdopted', definition: 'e', file: 'e.yaml', changes: [] },
      { type: 'AttemptProvenGone', attempt: 1 },
    ]);
    expect(run.statuses()).toEqual({ other: 'pending' });
    expect(run.run.attempts[0]?.life).toMatchObject({ status: 'lost', groupGone: true });
  });

  test('holds every other and is never run again silently', () => {
    const run = lost();
    expect(run.state('a')).toMatchObject({ status: 'unknown', why: expect.stringContaining('runner gone') });
    expect(run.status()).toBe('unknown');
    for (const decision of [run.start('a'), run.start('b'), run.runOn()]) expect(whyOf(decision)).toContain('Settle');
    expect(whyOf(run.decide({ type: 'skip step', stepId: 'a', reason: 'x' }))).toContain('Nobody knows');
  });

  test('is settled only with a note', () => {
    expect(whyOf(resolve(lost(), 'adopt as done', ''))).toContain('note');
  });

  test.each([
    ['adopt as done', { status: 'succeeded', how: 'adopted', note: 'I looked' }, 1],
    ['mark failed', { status: 'failed', reasons: [{ kind: 'marked failed', note: 'I looked' }] }, 1],
    ['run again', { status: 'starting', attempt: 2 }, 2],
  ] as const)('%s', (choice, state, attempts) => {
    const run = lost();
    resolve(run, choice);
    expect(run.state('a')).toMatchObject(state);
    expect(run.run.attempts).toHaveLength(attempts);
    expect(run.run.attempts[0]?.life.status).toBe('lost');
  });

  test('is not what keeps a run from going on any more, once it is settled', () => {
    const run = new DecidedRun(twoSteps);
    run.runOn();
    run.report(1, { type: 'started', at: 1 });
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
    expect(run.run.runOnEnded).toContain('nobody knows how “A” ended');
    resolve(run, 'adopt as done');
    expect(run.run.runOnEnded).toBeUndefined();
  });

  test.each(['run again', 'mark failed'] as const)(
    'that may still run: after %s, none begins beside it unasked',
    (choice) => {
      const run = new DecidedRun(twoSteps);
      run.start('a');
      run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
      const again: Intent =
        choice === 'run again'
          ? { type: 'resolve unknown', stepId: 'a', choice, note: 'I looked' }
          : { type: 'run step', stepId: 'a', answers: [], accepted: 'person' };
      if (choice === 'mark failed') resolve(run, choice);
      expect(reasonsOf(run.decide(again))).toEqual(['still there']);
      expect(run.run.attempts).toHaveLength(1);
      const wrong = {
        ...again,
        answers: [{ reason: 'still there', phaseId: 'one', stepId: 'a', said: 'yes' }],
      } as const;
      expect(reasonsOf(run.decide(wrong))).toEqual(['still there']);
      run.accept(again);
      expect(run.run.attempts).toHaveLength(2);
      expect(run.events.find((event) => event.type === 'Confirmed')).toMatchObject({
        reason: 'still there',
        said: 'a',
      });
    },
  );

  test('that is proven gone later is run again without a question', () => {
    const run = new DecidedRun(twoSteps);
    run.start('a');
    run.report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'running' } });
    run.record([{ type: 'AttemptProvenGone', attempt: 1 }]);
    resolve(run, 'run again');
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 2 });
  });

  test('is not run again while a secret is missing', () => {
    const run = new DecidedRun(
      bookOf(
        "  - { id: one, title: One, steps: [{ id: a, title: A, run: 'echo $TOKEN', readonly: true }] }",
        'vars: { TOKEN: { secret: true } }',
      ),
    );
    run.context = { ...run.context, secretsHeld: ['TOKEN'] };
    run.start('a');
    run.context = { ...run.context, secretsHeld: [] };
    run.reopen().report(1, { type: 'lost', evidence: { kind: 'lost', why: 'runner gone', command: 'gone' } });
    expect(reasonsOf(resolve(run, 'run again'))).toEqual(['TOKEN']);
    expect(run.state('a').status).toBe('unknown');
  });

  test('is adopted where its result comes after all', () => {
    const run = lost();
    run.end(1, 2);
    expect(run.state('a')).toMatchObject({ status: 'failed', attempt: 1 });
  });

  test('ends running on', () => {
    const run = new DecidedRun(twoSteps);
    run.runOn();
    run.report(1, {
      type: 'lost',
      evidence: { kind: 'lost', why: 'machine restarted', command: 'gone' },
    });
    expect(run.run.runOnEnded).toContain('nobody knows');
    expect(run.state('b').status).toBe('pending');
  });
});

import { describe, expect, test } from 'vitest';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf, whyOf } from '../support/decided-run.ts';

const yes = (run: DecidedRun, stepId: string) =>
  run.decide({ type: 'run step', stepId, answers: [], accepted: 'person' });

describe('a confirmation', () => {
  const asked = (step: string, phase = '') =>
    new DecidedRun(
      bookOf(
        `  - id: one\n    title: One\n    ${phase}\n    steps:\n      - ${step}\n      - { id: z, title: Z, run: 'true', readonly: true }`,
        'hosts: { studio: { about: the Studio, hostname: studio } }',
      ),
    );

  test.each([
    ['confirm', "{ id: a, title: A, run: 'true', confirm: true, undo: 'true' }", '', 'yes'],
    ['danger', "{ id: a, title: A, run: 'true', danger: true, undo: 'true' }", '', 'a'],
    ['danger', "{ id: a, title: A, run: 'true', undo: 'true' }", 'danger: true', 'one'],
    ['irreversible', "{ id: a, title: A, run: 'true', irreversible: it is out }", '', 'yes'],
    ['other host', "{ id: a, title: A, run: 'true', undo: 'true' }", 'host: studio', 'yes'],
    ['other host', "{ id: a, title: A, run: 'true', host: studio, undo: 'true' }", '', 'yes'],
  ])('%s is asked, journaled, and nothing begins before', (reason, step, phase, said) => {
    const run = asked(step, phase);
    expect(reasonsOf(yes(run, 'a'))).toEqual([reason]);
    expect(run.events).toHaveLength(1);
    run.start('a');
    expect(run.told()).toEqual(['Confirmed', 'AttemptStarted']);
    expect(run.run.confirmations).toMatchObject([{ reason, phaseId: 'one', accepted: 'person', said }]);
  });

  test('of danger wants the name typed exactly', () => {
    const run = asked("{ id: a, title: A, run: 'true', danger: true, undo: 'true' }");
    const answers = [{ reason: 'danger', phaseId: 'one', stepId: 'a', said: 'yes' }] as const;
    expect(reasonsOf(run.decide({ type: 'run step', stepId: 'a', answers, accepted: 'person' }))).toEqual(['danger']);
  });

  test('of a phase and of its host counts for the whole phase, of a step each time', () => {
    const run = asked("{ id: a, title: A, run: 'true', confirm: true, readonly: true }", 'host: studio');
    expect(reasonsOf(yes(run, 'a'))).toEqual(['other host', 'confirm']);
    run.start('a');
    run.end(1);
    expect(reasonsOf(yes(run, 'a'))).toEqual(['confirm']);
    expect(reasonsOf(yes(run, 'z'))).toEqual(['go']);
  });

  test('is not wanted on the host itself', () => {
    const run = asked("{ id: a, title: A, run: 'true', undo: 'true' }", 'host: studio');
    run.context = { ...run.context, hostsHere: ['studio'] };
    expect(reasonsOf(yes(run, 'a'))).toEqual(['go']);
  });

  test('of the order names what is left before it', () => {
    const decision = yes(asked("{ id: a, title: A, run: 'true', undo: 'true' }"), 'z');
    expect(decision).toMatchObject({
      kind: 'ask',
      questions: [{ reason: 'out of order', details: ['not done: A'] }],
    });
  });

  test('comes with the variables that have no value; a secret counts while it is held', () => {
    const book = bookOf(
      "  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true', readonly: true }] }",
      'vars: { NAME: { }, TOKEN: { secret: true }, EXTRA: { optional: true } }',
    );
    const run = new DecidedRun(book);
    expect(reasonsOf(yes(run, 'a'))).toEqual(['NAME', 'TOKEN']);
    run.decide({ type: 'set variable', name: 'NAME', value: 'x' });
    run.context = { ...run.context, secretsHeld: ['TOKEN'] };
    expect(reasonsOf(yes(run, 'a'))).toEqual(['go']);
    expect(JSON.stringify(run.events)).not.toContain('TOKEN');
    expect(whyOf(run.decide({ type: 'set variable', name: 'TOKEN', value: 'abcdef' }))).toContain('secret');
  });

  test('a path that is typed may begin with ~', () => {
    const book = bookOf(
      "  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true', readonly: true }] }",
      'vars: { WS: { type: directory }, NAME: { } }',
    );
    const run = new DecidedRun(book);
    for (const name of ['WS', 'NAME']) run.decide({ type: 'set variable', name, value: '~/x' });
    expect(run.run.values).toEqual({ WS: '/home/rob/x', NAME: '~/x' });
  });
});

describe('needs', () => {
  const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: soak, title: Soak, watch: { check: 'true', every: 1s, for: 10s } }
      - { id: free, title: Free, run: 'true', readonly: true }
      - { id: bound, title: Bound, run: 'true', readonly: true, needs: [soak] }
`);
  const watched = () => {
    const run = new DecidedRun(book);
    run.start('soak');
    run.report(1, { type: 'started', at: 1 });
    return run;
  };

  test('hold a step back that was not waited for', () => {
    expect(whyOf(yes(watched(), 'bound'))).toContain('“Bound” needs “Soak” first');
  });

  test('let running on wait for a watch in the background, and go on after it', () => {
    const run = watched();
    run.runOn();
    run.end(2);
    expect(run.statuses()).toEqual({ soak: 'running', free: 'succeeded', bound: 'pending' });
    expect(run.run.runOn).toBeDefined();
    run.end(1, { kind: 'done', found: 'held' });
    expect(run.state('bound')).toEqual({ status: 'starting', attempt: 3 });
  });

  test('are waited for too where running on begins with such a step', () => {
    const run = watched();
    run.start('free');
    run.end(2);
    expect(run.runOn().kind).toBe('go');
    expect(run.state('bound').status).toBe('pending');
    run.end(1, { kind: 'done', found: 'held' });
    expect(run.state('bound').status).toBe('starting');
  });

  test('are not met by a watch that failed', () => {
    const run = watched();
    run.runOn();
    run.end(2);
    run.end(1, { kind: 'not met', found: '3 failures' });
    expect(run.run.runOnEnded).toContain('“Soak”: failed');
    expect(run.state('bound').status).toBe('pending');
  });

  const up = (run: DecidedRun, attempt: number) => {
    run.report(attempt, { type: 'started', at: run.context.now });
    run.report(attempt, { type: 'ready', at: run.context.now });
  };

  test.each([
    ['its unless was asked', 'unless: y'],
    ['it waited for its retry', 'retry: { times: 1, every: 1s }'],
  ])('hold a step back of which one failed while %s', (_, more) => {
    const run = new DecidedRun(
      bookOf(`  - id: one
    title: One
    steps: [{ id: up, title: Up, service: x }, { id: b, title: B, run: x, needs: [up], ${more} }]
`),
    );
    run.runOn();
    up(run, 1);
    if (more.startsWith('retry')) run.end(2, 1);
    const attempts = run.run.attempts.length;
    run.end(1, 1);
    const wake = run.effects.find((effect) => effect.type === 'wake for retry');
    if (wake) run.later(1_000).decide({ ...wake, type: 'retry due' });
    else run.answerUnless('b', { held: false, found: '' });
    expect(run.run.attempts).toHaveLength(attempts);
    expect(run.state('b')).not.toHaveProperty('retry');
  });

  test('hold a step back of which one failed while the services before it were ending', () => {
    const run = new DecidedRun(
      bookOf(`
  - id: one
    title: One
    steps: [{ id: n, title: N, run: x, readonly: true }, { id: up, title: Up, service: x }]
    checklist: [{ id: i, text: I }]
  - { id: two, title: Two, steps: [{ id: b, title: B, run: x, needs: [n] }] }
`),
    );
    run.start('n');
    run.end(1);
    run.start('up');
    up(run, 2);
    run.start('b');
    run.start('n');
    run.end(2, { kind: 'stopped', signal: 'SIGINT' });
    run.end(3, 1);
    expect(run.statuses()).toEqual({ n: 'failed', up: 'succeeded', b: 'pending' });
    expect(run.run.runOnEnded).toContain('“B” needs “N” first');
  });
});

describe('running on', () => {
  test('does step after step, to the end', () => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true', readonly: true }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: 'true', readonly: true }] }
`),
    );
    run.runOn();
    run.settle();
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'succeeded' });
    expect(run.run.runOnEnded).toBe('every step is done');
    expect(run.status()).toBe('succeeded');
  });

  const three = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'true', readonly: true }
      - { id: b, title: B, run: 'true', readonly: true }
  - { id: two, title: Two, steps: [{ id: c, title: C, run: 'true', readonly: true }] }
`);

  test.each([
    [{ phaseId: 'one' }, ['succeeded', 'succeeded', 'pending'], 'every step of the phase is done'],
    [{ toStepId: 'a' }, ['succeeded', 'pending', 'pending'], '“A” is done'],
  ])('to a limit: %o', (limits, statuses, why) => {
    const run = new DecidedRun(three);
    run.runOn(limits);
    run.settle();
    expect(Object.values(run.statuses())).toEqual(statuses);
    expect(run.run.runOnEnded).toBe(why);
  });

  test('stops at a failure, and begins there again', () => {
    const run = new DecidedRun(three);
    run.runOn();
    run.end(1, 1);
    expect(run.run.runOnEnded).toContain('“A”: failed');
    run.runOn();
    expect(run.state('a')).toEqual({ status: 'starting', attempt: 2 });
  });

  test('is held after the step that runs', () => {
    const run = new DecidedRun(three);
    run.runOn();
    run.decide({ type: 'hold' });
    run.end(1);
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'pending', c: 'pending' });
  });

  test('is over when the screen is gone', () => {
    const run = new DecidedRun(three);
    run.runOn();
    run.reopen();
    run.end(1);
    expect(run.state('b').status).toBe('pending');
    expect(run.run.runOnEnded).toContain('screen was gone');
  });

  test.each([
    ['a confirmation', "{ id: b, title: B, run: 'true', confirm: true, readonly: true }"],
    ['a point of no return', "{ id: b, title: B, run: 'true', irreversible: gone }"],
    ['a step on another host', "{ id: b, title: B, run: 'true', readonly: true, host: studio }"],
  ])('stops before %s', (_, step) => {
    const run = new DecidedRun(
      bookOf(
        `  - id: one\n    title: One\n    steps:\n      - { id: a, title: A, run: 'true', readonly: true }\n      - ${step}`,
        'hosts: { studio: { about: the Studio, hostname: studio } }',
      ),
    );
    run.runOn();
    run.end(1);
    expect(run.statuses()).toEqual({ a: 'succeeded', b: 'pending' });
    expect(run.run.runOn).toBeUndefined();
  });

  test('does not give an interactive step a terminal that is not there', () => {
    const run = new DecidedRun(
      bookOf("  - { id: one, title: One, steps: [{ id: a, title: A, interactive: 'true', readonly: true }] }"),
    );
    run.context = { ...run.context, attended: false };
    run.runOn();
    expect(run.run.attempts).toEqual([]);
    expect(run.run.runOnEnded).toContain('wants a person');
  });
});

describe('a gate', () => {
  const book = bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: 'true', readonly: true }]
    checklist:
      - { id: seen, text: Seen }
      - { id: green, text: Green, run: 'true' }
    gate: Go on?
  - { id: two, title: Two, steps: [{ id: b, title: B, run: 'true', readonly: true }] }
`);

  test('stops running on after the items that tick themselves, and says what is not ticked', () => {
    const run = new DecidedRun(book);
    run.runOn();
    run.settle();
    expect(run.run.items).toMatchObject({ seen: { status: 'open' }, green: { status: 'ticked', how: 'command' } });
    expect(run.run.runOnEnded).toBe('Gate: Go on?');
    const decision = yes(run, 'b');
    expect(decision).toMatchObject({ questions: [{ reason: 'gate', phaseId: 'one', details: ['not ticked: Seen'] }] });
    run.runOn();
    run.settle();
    expect(run.status()).toBe('succeeded');
  });

  test('is opened only when the steps of its phase are done', () => {
    const run = new DecidedRun(book);
    const open = () => run.decide({ type: 'open gate', phaseId: 'one', said: 'yes', accepted: 'person' });
    expect(whyOf(open())).toContain('“A” is not done yet');
    run.start('a');
    run.end(1);
    open();
    expect(whyOf(open())).toContain('open already');
    expect(reasonsOf(yes(run, 'b'))).toEqual(['go']);
  });

  test('does not open where an item that asks itself does not hold', () => {
    const run = new DecidedRun(book);
    run.runOn();
    run.end(1);
    run.answerItem('green', { held: false, found: 'exit status 1' });
    expect(run.run.items.green).toEqual({ status: 'open', notMet: 'exit status 1' });
    expect(run.run.runOnEnded).toContain('“Green” does not hold: exit status 1');
    run.runOn();
    expect(run.run.items.green).toMatchObject({ status: 'asking' });
  });

  test('a person opened holds nothing up any more: what does not hold is not asked again', () => {
    const run = new DecidedRun(book);
    run.start('a');
    run.end(1);
    run.decide({ type: 'tick item', itemId: 'green', accepted: 'person' });
    run.answerItem('green', { held: false, found: 'exit status 1' });
    run.decide({ type: 'open gate', phaseId: 'one', said: 'yes', accepted: 'person' });
    run.runOn();
    run.settle();
    expect(run.status()).toBe('succeeded');
    expect(run.run.items.green).toMatchObject({ status: 'open' });
  });
});

describe('an item', () => {
  const book = bookOf(`
  - id: one
    title: One
    steps: [{ id: a, title: A, run: 'true', readonly: true }]
    checklist: [{ id: seen, text: Seen }, { id: green, text: Green, run: 'true' }]
`);
  const tick = (run: DecidedRun, itemId: string) => run.decide({ type: 'tick item', itemId, accepted: 'person' });

  test('is ticked and unticked by a person, and says by whom', () => {
    const run = new DecidedRun(book);
    tick(run, 'seen');
    expect(run.run.items.seen).toMatchObject({ status: 'ticked', how: 'person', by: 'rob@studio' });
    tick(run, 'seen');
    expect(run.run.items.seen).toEqual({ status: 'open' });
    expect(run.told()).toEqual(['ItemTicked', 'ItemUnticked']);
  });

  test('with a command is ticked only by it, and not when nobody waits for the answer', () => {
    const run = new DecidedRun(book);
    tick(run, 'green');
    expect(whyOf(tick(run, 'green'))).toContain('being asked');
    run.reopen();
    run.answerItem('green', { held: true, found: '' });
    expect(run.run.items.green).toEqual({ status: 'open' });
  });
});

describe('a service', () => {
  const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: up, title: Up, service: sleep 60, ready: { tcp: 'localhost:1', within: 1s } }
      - { id: a, title: A, run: 'true', readonly: true }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: 'true', readonly: true }] }
`);
  const ready = () => {
    const run = new DecidedRun(book);
    run.start('up');
    run.report(1, { type: 'started', at: 1 });
    expect(run.state('up').status).toBe('running');
    run.report(1, { type: 'ready', at: 2 });
    return run;
  };

  test('is done when it is ready, and goes on beside later steps', () => {
    const run = ready();
    expect(run.state('up')).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(run.run.attempts[0]?.life.status).toBe('running');
    expect(whyOf(yes(run, 'up'))).toContain('is running');
    run.start('a');
    expect(run.state('a').status).toBe('starting');
  });

  test('ends with its phase, and its step stays what it was', () => {
    const run = ready();
    run.start('a');
    run.end(2);
    expect(run.effects.at(-1)).toEqual({ type: 'stop attempt', attempt: 1 });
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    expect(run.state('up').status).toBe('succeeded');
    expect(run.status()).toBe('waiting');
  });

  test('is stopped before a step of a later phase begins', () => {
    const run = ready();
    run.start('b');
    expect(run.state('b').status).toBe('pending');
    expect(run.effects.at(-1)).toEqual({ type: 'stop attempt', attempt: 1 });
    run.end(1, { kind: 'stopped', signal: 'SIGINT' });
    // That A is not done was answered when B was wanted.
    expect(run.statuses()).toMatchObject({ a: 'pending', b: 'starting' });
    expect(run.run.runOn).toBeUndefined();
  });

  test('is told to be ready once, also where its runner is reached again while it stops', () => {
    const run = ready();
    run.decide({ type: 'stop step', stepId: 'up' });
    run.report(1, { type: 'ready', at: 2 });
    expect(run.events.filter(({ type }) => type === 'AttemptReady')).toHaveLength(1);
  });

  test('that ends by itself after it was ready has failed', () => {
    const run = ready();
    run.end(1, 0);
    expect(run.state('up')).toMatchObject({
      status: 'failed',
      reasons: [{ kind: 'ended early', found: 'exit status 0' }],
    });
  });

  test('that was never ready has failed', () => {
    const run = new DecidedRun(book);
    run.start('up');
    run.end(1, { kind: 'not met', found: 'not ready' });
    expect(run.state('up').status).toBe('failed');
  });
});

describe('a watch', () => {
  test('in the background is waited for at the end of the run, wherever it stands', () => {
    const run = new DecidedRun(
      bookOf(`
  - { id: one, title: One, steps: [{ id: soak, title: Soak, watch: { check: 'true', every: 1s, for: 10s } }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: 'true', readonly: true }] }
`),
    );
    run.runOn();
    run.report(1, { type: 'started', at: 1 });
    run.end(2);
    expect(run.statuses()).toEqual({ soak: 'running', b: 'succeeded' });
    expect(run.run.runOn).toBeDefined();
    expect(run.status()).toBe('running');
    run.end(1, { kind: 'done', found: 'held' });
    expect(run.run.runOnEnded).toBe('every step is done');
    expect(run.status()).toBe('succeeded');
  });
});

describe('a run that was put aside', () => {
  test('takes only notes', () => {
    const run = new DecidedRun(bookOf("  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true' }] }"));
    run.decide({ type: 'close run', note: 'wrong file' });
    expect(run.status()).toBe('closed');
    expect(whyOf(run.start('a'))).toContain('put aside');
    expect(run.decide({ type: 'add note', text: 'see the new one' }).kind).toBe('go');
  });

  test.each<[string, string, (run: DecidedRun) => void, (run: DecidedRun) => void]>([
    ['an unless', 'unless: y', () => {}, (run) => run.answerUnless('a', { held: false, found: '' })],
    ['a retry', 'retry: { times: 1, every: 1s }', (run) => run.end(1, 1), () => {}],
    [
      'a verify',
      'verify: y, retry: { times: 1, every: 1s }',
      (run) => run.end(1),
      (run) => run.decide({ type: 'verify answered', attempt: 1, answer: { held: false, found: '' } }),
    ],
  ])('begins nothing any more after %s', (_, keys, before, after) => {
    const run = new DecidedRun(
      bookOf(`  - { id: one, title: One, steps: [{ id: a, title: A, run: x, ${keys} }, { id: b, title: B, run: x }] }`),
    );
    run.runOn();
    before(run);
    const attempts = run.run.attempts.length;
    expect(run.decide({ type: 'close run', note: 'wrong file' }).kind).toBe('go');
    after(run);
    run.settle();
    expect(run.run.attempts).toHaveLength(attempts);
    expect(run.state('a')).not.toHaveProperty('retry');
  });

  test('is not put aside while something runs', () => {
    const run = new DecidedRun(bookOf("  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true' }] }"));
    run.start('a');
    expect(whyOf(run.decide({ type: 'close run', note: '' }))).toContain('still running');
  });
});

import { describe, expect, test } from 'vitest';
import { recover } from '../../src/engine/recover.ts';
import { switchable } from '../../src/engine/switchable.ts';
import { createViewer } from '../../src/engine/viewer.ts';
import { isComplete, type UnknownEvidence } from '../../src/run/attempt-sighting.ts';
import type { Intent } from '../../src/run/intent.ts';
import { replay } from '../../src/run/reduce.ts';
import { stateOf } from '../../src/run/select.ts';
import type { Ending } from '../../src/runner/spec.ts';
import { bookOf } from '../support/book.ts';
import { type EngineLab, engineLab, manualClock } from '../support/engine-lab.ts';
import { aResult } from '../support/run-builder.ts';
import { waitFor } from '../support/wait-for.ts';

const well: Ending = { kind: 'exited', status: 0 };
const book = bookOf(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: x, verify: y, undo: z, retry: { times: 1, every: 5s } }
      - { id: b, title: B, run: x, undo: z }
`);

const run = (stepId: string): Intent => ({ type: 'run step', stepId, answers: [], accepted: 'person' });
const status = ({ engine }: EngineLab, stepId: string) => stateOf(engine.run(), stepId).status;

describe('the engine', () => {
  test('journals before it does, and publishes what it journaled', async () => {
    const lab = engineLab(book, { '0001-a': well });
    const seen: string[] = [];
    lab.engine.subscribe(() => seen.push(status(lab, 'a')));
    expect(await lab.engine.send(run('a'))).toEqual({ kind: 'done' });
    await lab.engine.idle();
    expect(lab.log).toEqual([
      'write AttemptStarted',
      'start 0001-a',
      'write AttemptSpawned',
      'write AttemptEnded',
      'ask verify',
      'write AttemptVerified',
    ]);
    expect(seen).toEqual(['starting', 'running', 'verifying', 'succeeded']);
    expect(replay('r1', lab.events, () => book)).toEqual(lab.engine.run());
    lab.nothingLeft();
  });

  test('starts nothing that it could not write down, and says so', async () => {
    const lab = engineLab(book, { '0001-a': well });
    lab.disk.isFull = true;
    const reply = await lab.engine.send(run('a'));
    expect(reply).toEqual({ kind: 'refused', why: expect.stringContaining('nothing has begun') });
    expect(lab.engine.trouble()).toContain('ENOSPC');
    expect([lab.log, status(lab, 'a')]).toEqual([['fail'], 'pending']);
    lab.disk.isFull = false;
    await lab.engine.send(run('a'));
    await lab.engine.idle();
    expect([lab.engine.trouble(), status(lab, 'a')]).toEqual([undefined, 'succeeded']);
  });

  test('writes down nothing that could not be read again', async () => {
    const lab = engineLab(book);
    const before = lab.events.length;
    expect(await lab.engine.record([{ type: 'ItemUnticked', itemId: 'no such item', why: '' }])).toBe(false);
    expect(lab.engine.trouble()).toContain('no such item');
    expect(lab.events).toHaveLength(before);
  });

  test('keeps what happened while nothing could be written, and writes it later', async () => {
    const lab = engineLab(book, { '0001-b': 'stubborn' });
    await lab.engine.send({
      ...run('b'),
      answers: [{ reason: 'out of order', phaseId: 'one', stepId: 'b', said: 'yes' }],
    } as Intent);
    await lab.engine.idle();
    lab.disk.isFull = true;
    lab.report('0001-b', {
      type: 'ended',
      result: aResult(well, 1),
    });
    await lab.engine.idle();
    expect(status(lab, 'b')).toBe('running');
    lab.clock.go(2_000);
    await lab.engine.idle();
    expect(status(lab, 'b')).toBe('running');
    lab.disk.isFull = false;
    lab.clock.go(2_000);
    await lab.engine.idle();
    expect([status(lab, 'b'), lab.engine.trouble()]).toEqual(['succeeded', undefined]);
  });

  test('takes in what happened in its order, whatever of it could not be written at first', async () => {
    const lab = engineLab(book, { '0001-a': 'stubborn' });
    await lab.engine.send(run('a'));
    await lab.engine.idle();
    lab.disk.isFull = true;
    lab.report('0001-a', { type: 'stopping', signal: 'SIGINT' });
    await lab.engine.idle();
    lab.disk.isFull = false;
    lab.report('0001-a', { type: 'ended', result: aResult({ kind: 'stopped', signal: 'SIGINT' }, 1) });
    await lab.engine.idle();
    expect(lab.events.map(({ type }) => type).slice(-3)).toEqual(['StopRequested', 'StopEscalated', 'AttemptEnded']);
  });

  test('takes one intent at a time: Enter twice starts once', async () => {
    const lab = engineLab(book, { '0001-a': 'until stopped' });
    const replies = await Promise.all([lab.engine.send(run('a')), lab.engine.send(run('a'))]);
    await lab.engine.idle();
    expect(replies.map((reply) => reply.kind)).toEqual(['done', 'refused']);
    expect(lab.log.filter((line) => line.startsWith('start'))).toEqual(['start 0001-a']);
  });

  test('begins nothing once it lets go, neither what waits for its turn nor what was just announced', async () => {
    const waiting = engineLab(book);
    const reply = waiting.engine.send(run('a'));
    await waiting.engine.close();
    expect((await reply).kind).toBe('refused');
    expect(waiting.log).toEqual(['detach']);
    const announced = engineLab(book);
    let closing: Promise<void> | undefined;
    announced.engine.subscribe(() => {
      closing ??= announced.engine.close();
    });
    await announced.engine.send(run('a'));
    await closing;
    expect(announced.log).toEqual(['write AttemptStarted', 'detach']);
  });

  test('wakes for a retry when it is due, and not after it let go', async () => {
    const lab = engineLab(book, {
      '0001-a': { kind: 'killed', signal: 'SIGSEGV' },
      '0002-a': { kind: 'killed', signal: 'SIGSEGV' },
    });
    await lab.engine.send(run('a'));
    await lab.engine.idle();
    lab.clock.go(4_999);
    await lab.engine.idle();
    expect(lab.log.filter((line) => line.startsWith('start'))).toHaveLength(1);
    lab.clock.go(1);
    await lab.engine.idle();
    expect(status(lab, 'a')).toBe('failed');
    lab.nothingLeft();
    const other = engineLab(book, { '0001-a': { kind: 'killed', signal: 'SIGSEGV' } });
    await other.engine.send(run('a'));
    await other.engine.idle();
    await other.engine.close();
    other.clock.go(9_000);
    await other.engine.idle();
    expect(other.log.at(-1)).toBe('detach');
    expect((await other.engine.send(run('a'))).kind).toBe('refused');
  });

  test('a stubborn command stays asked to stop, and nothing is begun beside it', async () => {
    const lab = engineLab(book, { '0001-a': 'stubborn' });
    await lab.engine.send(run('a'));
    await lab.engine.idle();
    await lab.engine.send({ type: 'stop step', stepId: 'a' });
    await lab.engine.idle();
    expect(lab.log.at(-1)).toBe('stop 0001-a');
    expect(lab.engine.refusal(run('b'))).toContain('under way');
    expect(lab.engine.run().attempts[0]?.life.status).toBe('stopping');
  });

  test('tells what it does not start', async () => {
    const lab = engineLab(book, { '0001-a': 'does not start' });
    await lab.engine.send({ type: 'run on', answers: [], accepted: 'person' });
    await lab.engine.idle();
    expect(status(lab, 'a')).toBe('pending');
    expect(lab.engine.run().runOnEnded).toContain('did not start: no space left');
  });

  test('keeps a secret out of everything it writes', async () => {
    const secret = bookOf(
      '  - { id: one, title: One, steps: [{ id: a, title: A, run: use $TOKEN, readonly: true }] }',
      'vars: { TOKEN: { secret: true } }',
    );
    const lab = engineLab(secret, { '0001-a': well });
    expect(await lab.engine.send(run('a'))).toMatchObject({ kind: 'ask', questions: [{ name: 'TOKEN' }] });
    expect(lab.engine.setSecret('TOKEN', 'abc').kind).toBe('refused');
    lab.engine.setSecret('TOKEN', 'hunter2');
    await lab.engine.send(run('a'));
    await lab.engine.idle();
    expect(JSON.stringify([lab.events, lab.specs, lab.engine.describeStep('a')])).not.toContain('hunter2');
    expect(lab.specs[0]?.secretNames).toEqual(['TOKEN']);
  });
});

describe('opening a run again', () => {
  const left = async (script: Parameters<typeof engineLab>[1], ...intents: readonly Intent[]) => {
    const lab = engineLab(book, script);
    for (const intent of intents) await lab.engine.send(intent);
    await lab.engine.idle();
    return lab;
  };
  const opened = async (lab: EngineLab, evidence: Parameters<EngineLab['reopen']>[0], script = {}) => {
    const next = lab.reopen(evidence, script);
    await next.engine.record([{ type: 'RunOpened', host: 'studio', pid: 2, screen: true }]);
    const news = await recover(next.engine, next.runners, () => next.clock.now());
    await next.engine.idle();
    return { next, news };
  };
  const result = {
    version: 1,
    startedAt: 1,
    endedAt: 2,
    durationMs: 1,
    ending: well,
    unmet: [],
    groupGone: true,
    output: { bytes: 0, cutBytes: 0, on: 'pty' },
    notices: [],
  } as const;

  test('adopts a result, proves it, and tells it in a line', async () => {
    const lab = await left({ '0001-a': 'stubborn' }, run('a'));
    const { next, news } = await opened(lab, { '0001-a': { kind: 'ended', result } });
    expect([status(next, 'a'), next.log.at(-2)]).toEqual(['succeeded', 'ask verify']);
    expect(news.join('\n')).toContain('“A” ended: exit status 0');
  });

  test('asks the verify of a result that it adopts once', async () => {
    const lab = await left({ '0001-a': 'stubborn' }, run('a'));
    const next = lab.reopen({ '0001-a': { kind: 'ended', result } });
    const answer = next.holdAnswer();
    await next.engine.record([{ type: 'RunOpened', host: 'studio', pid: 2, screen: true }]);
    await recover(next.engine, next.runners, () => next.clock.now());
    answer({ held: true, found: '' });
    await next.engine.idle();
    expect(next.log.filter((line) => line === 'ask verify')).toHaveLength(1);
    expect(status(next, 'a')).toBe('succeeded');
  });

  test('reattaches to what runs, whose end comes as ever', async () => {
    const lab = await left({ '0001-a': 'stubborn' }, run('a'));
    const { next, news } = await opened(lab, { '0001-a': { kind: 'running', startedAt: 1 } });
    expect(news.join('\n')).toContain('“A” is still running');
    expect(next.log).toContain('attach 0001-a');
    next.report('0001-a', { type: 'ended', result });
    await next.engine.idle();
    expect(status(next, 'a')).toBe('succeeded');
  });

  test('stops what was asked to stop when the screen was gone', async () => {
    const lab = await left({ '0001-a': 'stubborn' }, run('a'), { type: 'stop step', stepId: 'a' });
    const { next } = await opened(lab, { '0001-a': { kind: 'running', startedAt: 1 } });
    expect(next.log.slice(-2)).toEqual(['attach 0001-a', 'stop 0001-a']);
  });

  test('takes back what did not start, also what a person was to do', async () => {
    const byHand = bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, manual: Look, readonly: true }] }');
    for (const of of [book, byHand]) {
      const lab = engineLab(of, { '0001-a': 'stubborn' });
      await lab.engine.send(run('a'));
      await lab.engine.idle();
      // The journal was cut between the announcement and what follows from it.
      const announced = lab.events.findIndex(({ type }) => type === 'AttemptStarted') + 1;
      const evidence = { '0001-a': { kind: 'did not start' } } as const;
      const cut = engineLab(of, {}, { events: lab.events.slice(0, announced), evidence });
      await recover(cut.engine, cut.runners, () => cut.clock.now());
      expect(status(cut, 'a')).toBe('pending');
    }
  });

  test('does not believe that what the journal saw running never started', async () => {
    const lab = await left({ '0001-a': 'stubborn' }, run('a'));
    const { next } = await opened(lab, { '0001-a': { kind: 'did not start' } });
    expect(status(next, 'a')).toBe('unknown');
  });

  test('calls unknown what nobody can tell, with the evidence, and begins nothing', async () => {
    const lab = await left({ '0001-a': 'stubborn' }, { type: 'run on', answers: [], accepted: 'person' });
    const lost = { kind: 'lost', why: 'runner gone', command: 'gone' } as const;
    const { next } = await opened(lab, { '0001-a': lost });
    expect(status(next, 'a')).toBe('unknown');
    const pieces: UnknownEvidence[] = [];
    const stop = next.engine.askEvidence(1, (evidence) => pieces.push(evidence));
    await waitFor(() => pieces.some(isComplete));
    stop();
    expect(pieces[0]).toEqual({ attempt: 1, patienceMs: 20_000, verify: { kind: 'asking' } });
    expect(pieces.at(-1)).toMatchObject({
      seen: {
        runner: { kind: 'gone', why: 'ended' },
        command: { kind: 'gone', why: 'ended' },
        record: { kind: 'none' },
      },
      verify: { kind: 'answered', held: true, found: '' },
    });
    expect(next.log.some((line) => line.startsWith('start'))).toBe(false);
    expect(next.engine.run().runOn).toBeUndefined();
  });

  test('goes on with a rollback only when it is told to, at the undo it had reached', async () => {
    const lab = engineLab(book, { '0001-a': well, '0002-b': well, '0003-undo-b': 'stubborn' });
    await lab.engine.send({ type: 'run on', answers: [], accepted: 'person' });
    await lab.engine.idle();
    await lab.engine.send({
      type: 'start rollback',
      plan: lab.engine.rollbackPlan({ kind: 'run' }),
      accepted: '--yes',
    });
    await lab.engine.idle();
    const { next } = await opened(lab, { '0003-undo-b': { kind: 'ended', result } }, { '0004-undo-a': well });
    expect(next.engine.run().rollbacks[0]?.paused).toBe(true);
    await next.engine.send({ type: 'resume rollback' });
    await next.engine.idle();
    expect(next.engine.run().rollbacks[0]?.ending?.kind).toBe('rolled back');
    next.nothingLeft();
  });
});

describe('a viewer', () => {
  test('follows what another writes, refuses to write, says who does, and can take over', async () => {
    const writer = engineLab(book, { '0001-a': well });
    const clock = manualClock();
    let taken = 0;
    let isAway = false;
    const holding = { kind: 'viewer', holder: 'ann', host: 'studio', pid: 7, since: 0, provenDead: false } as const;
    const viewer = createViewer({
      run: writer.engine.run(),
      events: writer.engine.events(),
      holding,
      place: { home: '/', definitionDir: '/', runDir: '/run', node: '/node' },
      hostsHere: [],
      clock,
      runners: writer.runners,
      tails: { lastLines: async () => [] },
      probes: { ask: async () => ({ held: true, found: '' }) },
      secrets: { TOKEN: 'hunter2!' },
      look: async () => {
        if (isAway) throw new Error('ENOENT: no such file');
        return { run: writer.engine.run(), events: writer.engine.events(), holding };
      },
      takeOver: async () => {
        taken += 1;
        session.switchTo(writer.engine);
        return { kind: 'done' };
      },
    });
    const session = switchable(viewer);
    let told = 0;
    session.api.subscribe(() => {
      told += 1;
    });
    expect(await session.api.send(run('a'))).toEqual({
      kind: 'refused',
      why: expect.stringContaining('ann writes this run'),
    });
    expect(session.api.refusal(run('a'))).toContain('Read-only');
    expect(session.api.maskedLine('token hunter2! seen')).not.toContain('hunter2!');
    await writer.engine.send(run('a'));
    await writer.engine.idle();
    clock.go(300);
    await Promise.resolve();
    await Promise.resolve();
    expect([told > 0, stateOf(session.api.run(), 'a').status]).toEqual([true, 'succeeded']);
    for (const [away, says] of [
      [true, expect.stringContaining('ENOENT: no such file): what stands here is from before')],
      [false, undefined],
    ] as const) {
      isAway = away;
      clock.go(300);
      for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      expect(session.api.trouble()).toEqual(says);
    }
    await session.api.takeOver(holding);
    expect([taken, session.api.holding().kind]).toEqual([1, 'writer']);
    await viewer.close();
  });
});

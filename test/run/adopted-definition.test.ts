import { describe, expect, test } from 'vitest';
import { replay } from '../../src/run/reduce.ts';
import { hasStarted, planRollback } from '../../src/run/rollback.ts';
import { isConfirmed } from '../../src/run/select.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun, reasonsOf } from '../support/decided-run.ts';

const step = (id: string) => `{ id: ${id}, title: ${id.toUpperCase()}, run: x, undo: z }`;
const steps = (...ids: readonly string[]) => `steps: [${ids.map(step).join(', ')}]`;

describe('a gate that was opened', () => {
  const first =
    'id: one, title: One, gate: Go?, danger: true, checklist: [{ id: i, text: I }, { id: j, text: J, run: c }]';
  const book = (one: string, two = 'id: two, title: Two') => bookOf(`  - { ${one} }\n  - { ${two}, ${steps('c')} }\n`);

  function opened(): DecidedRun {
    const run = new DecidedRun(book(`${first}, ${steps('a', 'b')}`));
    run.runOn({ phaseId: 'one' });
    run.settle();
    run.decide({ type: 'open gate', phaseId: 'one', said: 'y', accepted: 'person' });
    expect(isConfirmed(run.run, 'gate', 'one')).toBe(true);
    return run;
  }

  test.each([
    ['its question', `${first.replace('Go?', 'Is the new check green too?')}, ${steps('a', 'b')}`],
    ['a step more', `${first}, ${steps('a', 'b', 'd')}`],
    ['a step less', `${first}, ${steps('a')}`],
    ['an item more', `${first.replace('[', '[{ id: k, text: K }, ')}, ${steps('a', 'b')}`],
    ['an item less', `${first.replace('{ id: i, text: I }, ', '')}, ${steps('a', 'b')}`],
    ['what an item says', `${first.replace('text: I', 'text: Other')}, ${steps('a', 'b')}`],
    ['what an item asks', `${first.replace('run: c', 'run: d')}, ${steps('a', 'b')}`],
    ['its phase', `${first.replace('id: one', 'id: uno')}, ${steps('a', 'b')}`],
  ])('is asked again where a definition is adopted that changes %s', (_, changed) => {
    const run = opened().adopt(book(changed));
    expect(isConfirmed(run.run, 'gate', 'one')).toBe(false);
    expect(isConfirmed(run.run, 'danger', 'one')).toBe(true);
    expect(reasonsOf(run.decide({ type: 'run step', stepId: 'c', answers: [], accepted: 'person' }))).toContain('gate');
  });

  test('is not open again when what it asked about comes back', () => {
    const run = opened().adopt(book(`id: one, title: One, ${steps('a', 'b')}`));
    run.adopt(book(`${first}, ${steps('a', 'b')}`));
    expect(isConfirmed(run.run, 'gate', 'one')).toBe(false);
  });

  test('stays open where a definition is adopted that asks the same about the same', () => {
    const run = opened().adopt(
      book(`about: Changed, ${first}, ${steps('b', 'a')}`, 'id: two, title: Other, danger: true'),
    );
    expect(isConfirmed(run.run, 'gate', 'one')).toBe(true);
  });
});

describe('a host that was passed over', () => {
  const book = (phase: string, own: string) =>
    bookOf(
      `  - { id: one, title: One, host: ${phase}, steps: [${step('a')}, ${step('b')}, ${step('c').replace(' }', `, host: ${own} }`)}] }\n`,
      'hosts: { studio: { about: S }, db: { about: D }, web: { about: W } }',
    );

  test.each([
    ['studio', 'db', ['one', 'one/c']],
    ['web', 'db', ['one/c']],
    ['studio', 'web', ['one']],
    ['db', 'web', []],
  ])('stays so only while the definition names the same: %s and %s', (phase, own, kept) => {
    const run = new DecidedRun(book('studio', 'db'));
    for (const id of ['a', 'c']) {
      run.start(id);
      run.settle();
    }
    run.adopt(book(phase, own));
    const given = run.run.confirmations.filter(({ reason }) => reason === 'other host');
    expect(given.map(({ phaseId, stepId }) => (stepId === undefined ? phaseId : `${phaseId}/${stepId}`))).toEqual(kept);
  });
});

describe('a ticked item', () => {
  const book = (item: string) => bookOf(`  - { id: one, title: One, ${steps('a')}, checklist: [${item}] }\n`);

  test.each([
    ['{ id: i, text: I, run: c }', 'ticked'],
    ['{ id: i, text: I, run: other }', 'open'],
    ['{ id: i, text: Other, run: c }', 'open'],
    ['{ id: i, text: I }', 'open'],
  ])('says of %s that it is %s', (item, status) => {
    const run = new DecidedRun(book('{ id: i, text: I, run: c }'));
    run.runOn();
    run.settle();
    expect([run.run.items['i']?.status, run.status()]).toEqual(['ticked', 'succeeded']);
    run.adopt(book(item));
    expect(run.run.items['i']?.status).toBe(status);
  });
});

describe('what an earlier rollback took back', () => {
  const items = (run: DecidedRun) => planRollback(run.run, { kind: 'run' }).items.map((item) => item.id);
  const done = (run: DecidedRun, ...ids: readonly string[]) => {
    for (const id of ids) {
      run.start(id);
      run.settle();
    }
    return run;
  };

  test('is not more after a step moved to a phase that was wholly undone', () => {
    const book = (one: readonly string[], two: readonly string[]) =>
      bookOf(`  - { id: one, title: One, ${steps(...one)} }\n  - { id: two, title: Two, ${steps(...two)} }\n`);
    const [old, now] = [book(['a', 'a2'], ['b']), book(['a2'], ['a', 'b'])];
    const run = done(new DecidedRun(old), 'a', 'a2', 'b');
    run.rollBack();
    run.end(4);
    run.end(5);
    run.end(6, 1);
    run.decide({ type: 'resolve undo', itemId: 'undo:a', choice: 'skipped', note: 'later' });
    run.effects.length = 0;
    expect(run.statuses()).toEqual({ a: 'undo failed', a2: 'undone', b: 'undone' });
    run.adopt(now);
    expect(items(run)).toEqual(['undo:a']);
    done(run, 'a2');
    run.rollBack();
    run.settle();
    expect([run.status(), run.statuses()]).toEqual(['rolled back', { a: 'undone', a2: 'undone', b: 'undone' }]);
    expect(replay('r1', run.events, (digest) => (digest === 'd' ? old : now))).toEqual(run.run);
  });

  test('is not undone again after its phase was renamed', () => {
    const book = (id: string) =>
      bookOf(`  - { id: ${id}, title: One, steps: [{ id: a, title: A, run: x }], rollback: [{ id: back, title: Back, run: y }] }
  - { id: two, title: Two, ${steps('b')} }\n`);
    const run = done(new DecidedRun(book('one')), 'a', 'b');
    run.rollBack({ kind: 'phase', phaseId: 'one' });
    run.settle();
    run.adopt(book('uno'));
    run.decide({ type: 'skip step', stepId: 'a', reason: 'not this time' });
    expect(items(run)).toEqual(['undo:b']);
    done(run, 'a');
    expect(items(run)).toEqual(['undo:b', 'uno/back']);
  });

  test('lacks what was left running, also after its phase was renamed, until that is proven gone', () => {
    const book = (id: string) =>
      bookOf(`  - { id: ${id}, title: One, steps: [{ id: up, title: Up, service: x }, ${step('a')}, ${step('b')}] }\n`);
    const run = done(new DecidedRun(book('one')), 'up', 'a');
    run.rollBack();
    run.effects.length = 0;
    run.end(1, { kind: 'stopped', signal: 'SIGKILL' }, { groupGone: false });
    run.retryUndo('undo:a');
    run.settle();
    run.decide({ type: 'resolve unknown', stepId: 'up', choice: 'mark failed', note: 'it is not there' });
    expect(run.statuses()).toEqual({ up: 'failed', a: 'undone', b: 'pending' });
    run.adopt(book('uno'));
    expect(hasStarted(run.run, 'up')).toBe(true);
    run.record([{ type: 'AttemptProvenGone', attempt: 1 }]);
    expect(hasStarted(run.run, 'up')).toBe(false);
  });
});

import { expect, test } from 'vitest';
import { phaseStatus, runStatus } from '../../src/run/status.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

const lists = `  - id: list
    title: Nothing but a list
    checklist: [{ id: first, text: First }, { id: second, text: Second }]`;
const work = `  - id: work
    title: Work
    steps: [{ id: a, title: A, run: 'true', undo: 'true' }]`;

const tick = (run: DecidedRun, itemId: string) => run.decide({ type: 'tick item', itemId, accepted: 'person' });

test('a phase that is nothing but a checklist is as far as that, and holds nothing up', () => {
  const run = new DecidedRun(bookOf(`${lists}\n${work}`));
  expect([phaseStatus(run.run, 'list'), runStatus(run.run)]).toEqual(['pending', 'not started']);
  run.start('a');
  run.end(1);
  expect([phaseStatus(run.run, 'list'), runStatus(run.run)]).toEqual(['pending', 'succeeded']);
  tick(run, 'first');
  expect(phaseStatus(run.run, 'list')).toBe('waiting');
  tick(run, 'second');
  expect([phaseStatus(run.run, 'list'), runStatus(run.run)]).toEqual(['done', 'succeeded']);
});

test('where there are only checklists, they are what succeeds', () => {
  const run = new DecidedRun(bookOf(lists));
  expect(runStatus(run.run)).toBe('not started');
  tick(run, 'first');
  expect(runStatus(run.run)).toBe('waiting');
  tick(run, 'second');
  expect(runStatus(run.run)).toBe('succeeded');
});

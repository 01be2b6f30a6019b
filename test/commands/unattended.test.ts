import { expect, test } from 'vitest';
import { runUnattended } from '../../src/commands/unattended.ts';
import { bookOf } from '../support/book.ts';
import { engineLab } from '../support/engine-lab.ts';

test('what a person does, and can not be written down, ends a pipeline instead of being tried for ever', async () => {
  const lab = engineLab(bookOf('  - { id: one, title: One, steps: [{ id: a, title: A, manual: Do it. }] }'));
  await lab.engine.send({ type: 'run step', stepId: 'a', answers: [], accepted: '--yes' });
  lab.disk.isFull = true;
  const outcome = await runUnattended(lab.engine, { yes: true });
  expect(outcome).toEqual({ status: 1, why: expect.stringContaining('ENOSPC') });
});

test('one phase alone accepts nothing of what a person began in another', async () => {
  const book = bookOf(`
  - { id: one, title: One, steps: [{ id: a, title: A, manual: Do it. }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: 'true', readonly: true }] }
`);
  const lab = engineLab(book);
  await lab.engine.send({ type: 'run step', stepId: 'a', answers: [], accepted: 'person' });
  await runUnattended(lab.engine, { yes: true, phaseId: 'two' });
  expect(lab.events.filter(({ type }) => type === 'ManualDone')).toEqual([]);
});

test('one phase alone is run although an item before its gate is open that could tick itself', async () => {
  const book = bookOf(`
  - id: one
    title: One
    gate: Go on?
    checklist: [{ id: green, text: It is green, run: 'true' }]
    steps: [{ id: a, title: A, run: 'true', readonly: true }]
  - { id: two, title: Two, steps: [{ id: b, title: B, run: 'true', readonly: true }] }
`);
  const lab = engineLab(book, { '0001-a': { kind: 'exited', status: 0 }, '0002-b': { kind: 'exited', status: 0 } });
  await runUnattended(lab.engine, { yes: true, toStepId: 'a' });
  expect(await runUnattended(lab.engine, { yes: true, phaseId: 'two' })).toMatchObject({ status: 0 });
  lab.nothingLeft();
});

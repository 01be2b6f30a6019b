import { describe, expect, test } from 'vitest';
import type { Intent } from '../../src/run/intent.ts';
import { stepById } from '../../src/run/select.ts';
import type { Ending } from '../../src/runner/spec.ts';
import { bookText } from '../support/book.ts';
import { offerLab } from '../support/offer-lab.ts';

const well: Ending = { kind: 'exited', status: 0 };
/** Runs a step; out of order where it is said so. */
const run = (stepId: string, reason?: 'out of order'): Intent => {
  const answers = reason === undefined ? [] : [{ reason, phaseId: 'one', stepId, said: 'yes' }];
  return { type: 'run step', stepId, answers, accepted: 'person' };
};
const book = (more = '', step = ', undo: z', head = '') =>
  bookText(
    `  - { id: begin, title: Begin, steps: [{ id: b, title: B, run: x, undo: z }] }
  - { id: one, title: One${more}, steps: [{ id: a, title: A, run: x${step} }] }
  - { id: end, title: End, steps: [{ id: c, title: C, run: x, undo: z }] }`,
    head,
  );

describe('a changed definition', () => {
  test('is offered with what is asked about a phase, then with its steps', async (context) => {
    const lab = offerLab(context, book(', gate: Go?, danger: true, checklist: [{ id: i, text: I, run: c }]'), {
      '0001-b': well,
    });
    await lab.engine.send(run('b'));
    await lab.engine.idle();
    await lab.offer(book(", checklist: [{ id: i, text: I, run: 'true' }]", ', undo: y'));
    expect(lab.engine.definitionChange()?.changes).toEqual([
      'changed one: One (gate: "Go?" → nothing, danger: true → false, item i, run: "c" → "true")',
      'changed one/a: A (undo: {"script":"z"} → {"script":"y"})',
    ]);
  });

  test('is taken at once by a run that has done nothing', async (context) => {
    const lab = offerLab(context, book());
    await lab.offer(book('', ', undo: y'));
    expect(lab.log).toEqual(['write DefinitionAdopted']);
    expect(lab.engine.definitionChange()).toBeUndefined();
    expect(stepById(lab.engine.run(), 'a').undo?.script).toBe('y');
  });

  test('is offered, not taken, while a step is asked whether it is needed; and what it asks before the step is asked', async (context) => {
    const lab = offerLab(context, book('', ', unless: u, undo: z'));
    const answer = lab.holdAnswer();
    await lab.engine.send(run('a', 'out of order'));
    expect(lab.engine.run().steps['a']?.status).toBe('asking');
    await lab.offer(book(', danger: true', ', irreversible: gone for ever, danger: true'));
    expect(lab.engine.definitionChange()?.changes).toContain('changed one: One (danger: false → true)');
    expect(await lab.engine.answerDefinitionChange('adopt')).toEqual({
      kind: 'refused',
      why: expect.stringContaining('running by the stored definition'),
    });
    expect(stepById(lab.engine.run(), 'a').irreversible).toBeUndefined();
    answer({ held: true, found: '' });
    await lab.engine.idle();
    expect(lab.engine.run().steps['a']?.status).toBe('satisfied');
    expect(await lab.engine.answerDefinitionChange('adopt')).toEqual({ kind: 'done' });
    expect(stepById(lab.engine.run(), 'a').irreversible).toBe('gone for ever');
  });

  test('is offered, not taken, where a step was asked about while it was being kept', async (context) => {
    const lab = offerLab(context, book('', ', unless: u, undo: z'));
    const answer = lab.holdAnswer();
    const begun = lab.engine.send(run('a', 'out of order'));
    await lab.offer(book('', ', irreversible: gone for ever'));
    await begun;
    expect(lab.engine.definitionChange()).toBeDefined();
    expect(lab.log).not.toContain('write DefinitionAdopted');
    answer({ held: true, found: '' });
    await lab.engine.idle();
  });

  test('is not adopted while an item is asked: the answer would be one to another question', async (context) => {
    const items = (command: string) => `, checklist: [{ id: i, text: Is it up, run: ${command} }]`;
    const lab = offerLab(context, book(items('old')), { '0001-b': well });
    await lab.engine.send(run('b'));
    await lab.engine.idle();
    await lab.offer(book(items('new')));
    const answer = lab.holdAnswer();
    await lab.engine.send({ type: 'tick item', itemId: 'i', accepted: 'person' });
    const why = '“Is it up” is being asked. Wait for the answer.';
    expect(await lab.engine.answerDefinitionChange('adopt')).toEqual({ kind: 'refused', why });
    answer({ held: true, found: '' });
    await lab.engine.idle();
    expect(lab.engine.run().items['i']?.status).toBe('ticked');
    expect(await lab.engine.answerDefinitionChange('adopt')).toEqual({ kind: 'done' });
    expect(lab.engine.run().items['i']?.status).toBe('open');
  });

  test('leaves a value that was typed since it was offered', async (context) => {
    const vars = (more: string) => `vars:\n  OPT: { optional: true${more} }\n  NEW: { optional: true${more} }\n`;
    const lab = offerLab(context, book('', '', vars('')), { '0001-b': well });
    await lab.engine.send(run('b'));
    await lab.engine.idle();
    await lab.offer(book('', '', vars(', default: from the file')));
    await lab.engine.send({ type: 'set variable', name: 'OPT', value: 'typed by a person' });
    expect(await lab.engine.answerDefinitionChange('adopt')).toEqual({ kind: 'done' });
    expect(lab.engine.run().values).toEqual({ OPT: 'typed by a person', NEW: 'from the file' });
  });

  test('that can not be kept is told, and offered', async (context) => {
    const lab = offerLab(context, book());
    lab.disk.isFull = true;
    await lab.offer(book('', ', undo: y'));
    expect(lab.engine.trouble()).toMatch(/^The stored definition holds: .*ENOSPC/);
    expect(stepById(lab.engine.run(), 'a').undo?.script).toBe('z');
    lab.disk.isFull = false;
    expect(await lab.engine.answerDefinitionChange('adopt')).toEqual({ kind: 'done' });
    expect(lab.engine.trouble()).toBeUndefined();
  });
});

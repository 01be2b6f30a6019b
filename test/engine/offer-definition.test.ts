import { describe, expect, test } from 'vitest';
import type { Intent } from '../../src/run/intent.ts';
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
});

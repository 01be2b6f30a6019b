import { expect, test } from 'vitest';
import { diffPhases } from '../../src/definition/phase-diff.ts';
import { bookOf } from '../support/book.ts';

const book = (first: string) =>
  bookOf(
    `  - { ${first}, steps: [{ title: a, check: x }] }\n  - { id: last, title: Last, steps: [{ title: b, check: x }] }\n`,
  );
const lines = (old: string, now: string) =>
  diffPhases(book(`id: one, title: One${old}`), book(`id: one, title: One${now}`)).flatMap(({ changes }) => changes);

test.each([
  ['', ', about: It is long', []],
  ['', ', gate: Go?', ['gate: nothing → "Go?"']],
  [', gate: Go?', '', ['gate: "Go?" → nothing']],
  [', gate: Go?', ', gate: Is it green?', ['gate: "Go?" → "Is it green?"']],
  [', danger: true', '', ['danger: true → false']],
  ['', ', checklist: [{ id: i, text: I }]', ['item i added: I']],
  [', checklist: [{ id: i, text: I }]', '', ['item i removed: I']],
  [
    ', checklist: [{ id: i, text: I, run: c }]',
    ", checklist: [{ id: i, text: J, run: 'true' }]",
    ['item i, text: "I" → "J"', 'item i, run: "c" → "true"'],
  ],
  [', checklist: [{ id: i, text: I, run: c }]', ', checklist: [{ id: i, text: I }]', ['item i, run: "c" → nothing']],
])('%j to %j', (old, now, changes) => {
  expect(lines(old, now)).toEqual(changes);
});

test('a phase that came or went is told by what it asks', () => {
  const old = book('id: gone, title: Gone, gate: Go?');
  const now = book('id: new, title: New, danger: true');
  expect(diffPhases(old, now)).toEqual([
    { phaseId: 'new', title: 'New', changes: ['danger: false → true'] },
    { phaseId: 'gone', title: 'Gone', changes: ['gate: "Go?" → nothing'] },
  ]);
});

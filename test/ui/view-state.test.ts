import { expect, test } from 'vitest';
import { firstView, reduceView, topOverlay, type ViewAction, type ViewState } from '../../src/ui/view-state.ts';

const help = { type: 'open', overlay: { kind: 'help' }, burst: 3 } as const;
const note = { type: 'open', overlay: { kind: 'field', purpose: { kind: 'note' } }, burst: 4, text: 'ab' } as const;

test.each<[string, readonly ViewAction[], Partial<ViewState>]>([
  ['focus', [{ type: 'focus', pane: 'output' }], { focus: 'output' }],
  ['zoom', [{ type: 'zoom', on: true }], { zoom: true }],
  [
    'a selection begins at the first row of details',
    [
      { type: 'detail at', at: 4 },
      { type: 'select', phaseId: 'p', rowId: 'step:s' },
    ],
    { selection: { kind: 'row', phaseId: 'p', rowId: 'step:s' }, detailAt: 0 },
  ],
  [
    'following forgets the selection',
    [{ type: 'select', phaseId: 'p', rowId: 'step:s' }, { type: 'follow' }],
    { selection: { kind: 'follow' } },
  ],
  ['an attempt begins at the first row of details', [{ type: 'attempt', number: 2 }], { attempt: 2, detailAt: 0 }],
  ['details begin at their first row', [{ type: 'detail at', at: -5 }], { detailAt: 0 }],
  ['typing takes the focus to the output', [{ type: 'typing', attempt: 7 }], { typing: 7, focus: 'output' }],
  ['a message', [{ type: 'say', text: 'No.', tone: 'refused' }], { message: { text: 'No.', tone: 'refused' } }],
  ['the burst that set something going', [{ type: 'ran', burst: 9 }], { ranIn: 9 }],
  ['closing all', [help, note, { type: 'close all' }], { overlays: [] }],
])('%s', (_, actions, expected) => {
  expect(actions.reduce(reduceView, firstView)).toMatchObject(expected);
});

test.each<ViewAction>([{ type: 'attempt' }, { type: 'select', phaseId: 'p', rowId: 'step:s' }, { type: 'follow' }])(
  'after $type the latest attempt is followed again',
  (action) => {
    expect([{ type: 'attempt', number: 2 } as const, action].reduce(reduceView, firstView)).not.toHaveProperty(
      'attempt',
    );
  },
);

test('overlays lie on each other, and only the one on top moves', () => {
  const view = [help, note, { type: 'edit', edit: { kind: 'insert', text: 'c' } } as const].reduce<ViewState>(
    reduceView,
    firstView,
  );
  expect(view.overlays).toHaveLength(2);
  expect(topOverlay(view)).toMatchObject({ burst: 4, field: { text: 'abc', at: 3 } });
  const below = reduceView(view, { type: 'close' });
  expect(topOverlay(reduceView(below, { type: 'at', at: 5 }))).toMatchObject({ overlay: { kind: 'help' }, at: 5 });
  const replaced = reduceView(below, { ...note, type: 'replace' });
  expect(replaced.overlays.map((one) => one.overlay.kind)).toEqual(['field']);
});

test('what ended leaves nothing behind', () => {
  const typing = reduceView(firstView, { type: 'typing', attempt: 1 });
  expect(reduceView(typing, { type: 'typing ended' })).not.toHaveProperty('typing');
  const said = reduceView(firstView, { type: 'say', text: 'x', tone: 'plain' });
  expect(reduceView(said, { type: 'hush' })).not.toHaveProperty('message');
  expect(reduceView(firstView, { type: 'hush' })).toBe(firstView);
});

test('nothing on top: nothing to move', () => {
  expect(reduceView(firstView, { type: 'at', at: 3 })).toBe(firstView);
  expect(reduceView(firstView, { type: 'edit', edit: { kind: 'end' } })).toBe(firstView);
});

test('what was sent is not changed until it was answered', () => {
  const more = { type: 'edit', edit: { kind: 'insert', text: 'c' } } as const;
  const textAfter = (...actions: readonly ViewAction[]) =>
    topOverlay(actions.reduce(reduceView, firstView))?.field.text;
  expect(textAfter(note, { type: 'sent' }, more)).toBe('ab');
  expect(textAfter(note, { type: 'sent' }, { type: 'answered' }, more)).toBe('abc');
});

import { expect, test } from 'vitest';
import { effectsOfKey } from '../../src/ui/keymap.ts';
import { afterReply } from '../../src/ui/perform.ts';
import type { Scene } from '../../src/ui/scene.ts';
import { drawScreen } from '../../src/ui/screen-frame.ts';
import { plainText } from '../../src/ui/spans.ts';
import type { ViewAction } from '../../src/ui/view-state.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';
import { sceneWith } from './scene-with.ts';

const undos = 30;
const sentences = Array.from({ length: 40 }, (_, index) => `- Sentence ${index} of what has to be done by hand.`);

/** A rollback by hand, at the last of many undos, which is described at length. */
function byHand(): DecidedRun {
  const plan = Array.from({ length: undos }, (_, index) => {
    const last = index === undos - 1;
    const work = last ? `|\n            ${sentences.join('\n            ')}` : 'Look';
    return `      - id: u${index}\n        title: Undo number ${index}\n        manual: ${work}`;
  });
  const run = new DecidedRun(
    bookOf(
      `  - id: one\n    title: One\n    steps: [{ id: a, title: A, run: 'true', undo: 'true' }]\n    rollback:\n${plan.join('\n')}`,
    ),
  );
  run.start('a');
  run.end(1);
  run.rollBack({ kind: 'phase', phaseId: 'one' });
  for (let index = 0; index < undos - 1; index += 1) {
    run.decide({ type: 'finish manual undo', itemId: `one/u${index}`, note: '', accepted: 'person' });
  }
  return run;
}

const open: ViewAction = { type: 'open', overlay: { kind: 'rollback' }, burst: -1 };

function frameOf(run: DecidedRun, actions: readonly ViewAction[], size: readonly [number, number]) {
  const scene = sceneWith(run.run, actions);
  const frame = drawScreen(scene, { columns: size[0], rows: size[1], trouble: undefined });
  const text = frame.parts.find(({ id }) => id.startsWith('overlay'))?.rows.map(plainText) ?? [];
  return { scene: { ...scene, reach: frame.reach } satisfies Scene, text: text.join('\n') };
}

test.each([
  [80, 24],
  [60, 16],
  [160, 48],
] as const)('what a person has to do stands below the undo, and can be read to its end, at %i×%i', (...size) => {
  const run = byHand();
  const actions: ViewAction[] = [open];
  const read = new Set<string>();
  const first = frameOf(run, actions, size);
  expect(first.text).toMatch(/▸ . Undo number 29 .*\n.*Sentence 0 of/);
  for (let pages = 0; pages < sentences.length; pages += 1) {
    const { scene, text } = frameOf(run, actions, size);
    expect(text).toContain('▸ ▶ Undo number 29');
    for (const [found] of text.matchAll(/Sentence \d+ of/g)) read.add(found);
    const next = effectsOfKey(scene, 'pagedown').flatMap((effect) => (effect.type === 'view' ? [effect.action] : []));
    if (!text.includes('PgDn shows more')) break;
    actions.push(...next);
  }
  expect(read.size).toBe(sentences.length);
});

test('an undo that could be settled only with a secret leaves no field behind that would settle it again', () => {
  const settle = { type: 'resolve undo', itemId: 'undo:a', choice: 'skipped', note: 'gone' } as const;
  const questions = [{ kind: 'variable', name: 'TOKEN', secret: true, about: '' }] as const;
  expect(afterReply(settle, { kind: 'ask', questions }, 3)).toMatchObject([
    { action: { type: 'open', overlay: { kind: 'questions', intent: settle, questions } } },
  ]);
  expect(afterReply(settle, { kind: 'done' }, 3)).toMatchObject([
    { action: { type: 'close all' } },
    { action: { type: 'open', overlay: { kind: 'rollback' } } },
  ]);
});

test('an undo whose verify waits for a secret says so, and how it is given', () => {
  const run = new DecidedRun(
    bookOf(
      "  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true', undo: { run: x, verify: ask $TOKEN } }] }",
      'vars: { TOKEN: { secret: true } }',
    ),
  );
  run.context = { ...run.context, secretsHeld: ['TOKEN'] };
  run.start('a');
  run.end(1);
  run.rollBack();
  run.context = { ...run.context, secretsHeld: [] };
  run.reopen().end(2);
  expect(frameOf(run, [open], [100, 30]).text).toMatch(/Undo: A +verifying.*\n.*waits for TOKEN\. ⏎ asks for it\./);
});

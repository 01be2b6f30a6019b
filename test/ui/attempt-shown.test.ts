import { expect, test } from 'vitest';
import { effectsOfKey } from '../../src/ui/keymap.ts';
import type { Scene } from '../../src/ui/scene.ts';
import type { ViewAction } from '../../src/ui/view-state.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';
import { sceneWith } from './scene-with.ts';

function press(scene: Scene, key: string): readonly ViewAction[] {
  return effectsOfKey(scene, key).flatMap((effect) => (effect.type === 'view' ? [effect.action] : []));
}

test('who looks at an earlier attempt goes on seeing it, who looks at the latest sees the next', () => {
  const run = new DecidedRun(
    bookOf("  - id: one\n    title: One\n    steps: [{ id: a, title: A, run: 'true', undo: 'true' }]"),
  );
  const fail = (attempt: number) => {
    run.start('a');
    run.end(attempt, 1);
  };
  fail(1);
  fail(2);
  const earlier = press(sceneWith(run.run), '[');
  const latest = [...earlier, ...press(sceneWith(run.run, earlier), ']')];
  expect([sceneWith(run.run, earlier).shown?.number, sceneWith(run.run, latest).shown?.number]).toEqual([1, 2]);
  fail(3);
  expect([sceneWith(run.run, earlier).shown?.number, sceneWith(run.run, latest).shown?.number]).toEqual([1, 3]);
});

test('a desk of a step that is known by now has no choices any more', () => {
  const run = new DecidedRun(
    bookOf("  - id: one\n    title: One\n    steps: [{ id: a, title: A, run: 'true', undo: 'true' }]"),
  );
  run.start('a');
  run.end(1);
  const scene = sceneWith(run.run, [{ type: 'open', overlay: { kind: 'unknown', stepId: 'a' }, burst: -1 }]);
  expect(effectsOfKey(scene, 'enter')).toMatchObject([{ action: { type: 'say', tone: 'refused' } }]);
});

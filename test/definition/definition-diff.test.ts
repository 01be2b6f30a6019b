import { expect, test } from 'vitest';
import { diffDefinitions } from '../../src/definition/definition-diff.ts';
import type { Runbook } from '../../src/definition/runbook.ts';
import { loaded } from './support-runbook.ts';

/** Phases of steps, each a check named by one letter; `a=x` gives the command. */
function runbook(...phases: readonly string[]): Runbook {
  const written = phases.map((steps, index) => {
    const list = steps
      .split(' ')
      .filter(Boolean)
      .map((step) => step.split('='));
    return `{ title: P${index}, checklist: [{ text: i${index} }], steps: [${list.map(([id, run = 'true']) => `{ title: ${id}, check: "${run}" }`).join(', ')}] }`;
  });
  return loaded(`version: 1\ntitle: T\nphases: [${written.join(', ')}]`);
}

const brief = (old: Runbook, now: Runbook) =>
  diffDefinitions(old, now).map(({ kind, stepId, phaseId }) => `${kind} ${stepId} ${phaseId}`);

test.each([
  [['a b', 'c'], ['a b', 'c'], []],
  [['a b'], ['a x b'], ['added x p0']],
  [['a b', 'c'], ['a', 'c'], ['removed b p0']],
  [['a b c d'], ['b c d a'], ['moved a p0']],
  [['a b', 'c'], ['a', 'b c'], ['moved b p1']],
  [['a b'], ['a b=false'], ['changed b p0']],
  [['a b', 'c'], ['a', 'c b=false'], ['changed b p1']],
  [[''], ['a'], ['added a p0']],
])('%j to %j', (old, now, differences) => {
  expect(brief(runbook(...old), runbook(...now))).toEqual(differences);
});

test('what changed is told by field, before and after', () => {
  const [difference] = diffDefinitions(runbook('a=x', ''), runbook('', 'a=y'));
  expect(difference?.title).toBe('a');
  expect(difference?.changes[0]).toBe('moved from p0 to p1');
  expect(difference?.changes[1]).toMatch(/^action: .*"script":"x".* → .*"script":"y".*$/);
});

test('a step that only stands elsewhere in the file has not changed', () => {
  const old = loaded('version: 1\ntitle: T\nphases: [{ title: P, steps: [{ title: a, check: x }] }]');
  const now = loaded('version: 1\n\n# later\ntitle: T\nphases: [{ title: P, steps: [{ check: x, title: a }] }]');
  expect(diffDefinitions(old, now)).toEqual([]);
});

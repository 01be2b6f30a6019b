import { expect, test } from 'vitest';
import { resolveValues, valueProblem } from '../../src/run/values.ts';
import { bookOf } from '../support/book.ts';

const phases = "  - { id: one, title: One, steps: [{ id: a, title: A, run: 'true' }] }";
const book = bookOf(
  phases,
  `vars:
  BASE: { default: ~/work, type: directory }
  SUB: { default: '\${BASE}/sub' }
  MODE: { default: slow, choices: [slow, fast] }
  TAG: { pattern: 'v\\d+' }
  COUNT: { type: number, optional: true }
  TOKEN: { secret: true }
`,
);
const nothing = { flags: {}, environment: {}, project: {} };

test('the strongest source wins, and is named', () => {
  const all = {
    flags: { MODE: 'fast' },
    environment: { MODE: 'slow', TAG: 'v2' },
    project: { MODE: 'slow', TAG: 'v1', BASE: '/srv' },
  };
  const { values, origins, problems } = resolveValues(book, all, '/home/rob');
  expect(values).toEqual({ BASE: '/srv', SUB: '/srv/sub', MODE: 'fast', TAG: 'v2' });
  expect(origins).toEqual({ BASE: 'runbook.yaml', SUB: 'default', MODE: '--var', TAG: 'environment' });
  expect(problems).toEqual([]);
});

test('a default may name those before it, a folder begins at home, what has no value is absent', () => {
  expect(resolveValues(book, nothing, '/home/rob').values).toEqual({
    BASE: '/home/rob/work',
    SUB: '/home/rob/work/sub',
    MODE: 'slow',
  });
});

test('a secret comes from the environment, never from an argument or the project file, and is no value', () => {
  expect(resolveValues(book, { ...nothing, project: { TOKEN: 'abcdef' } }, '/').secrets).toEqual({});
  const { secrets, values } = resolveValues(book, { ...nothing, environment: { TOKEN: 'abcdef' } }, '/');
  expect([secrets, JSON.stringify(values).includes('abcdef')]).toEqual([{ TOKEN: 'abcdef' }, false]);
  const ofFlag = resolveValues(book, { ...nothing, flags: { TOKEN: 'abcdef' } }, '/');
  expect([ofFlag.secrets, ofFlag.problems.length, ofFlag.problems.join().includes('abcdef')]).toEqual([{}, 1, false]);
});

test('a secret has to fit its pattern, and is not shown where it does not', () => {
  const patterned = bookOf(phases, "vars: { TOK: { secret: true, pattern: '^tok-[a-z]+$' } }");
  const problems = (TOK: string) => resolveValues(patterned, { ...nothing, environment: { TOK } }, '/').problems;
  expect(problems('tok-abc')).toEqual([]);
  expect(problems('mistyped')).toEqual([expect.stringContaining('it has to match ^tok-[a-z]+$')]);
  expect(problems('mistyped').join()).not.toContain('mistyped');
});

test('every value that can’t be is told, with where it came from, and without a secret’s text', () => {
  const { problems } = resolveValues(
    book,
    { flags: { TGA: 'v1' }, environment: { MODE: 'warp', TAG: 'v1x', COUNT: 'many', TOKEN: 'xyz' }, project: {} },
    '/',
  );
  expect(problems).toEqual([
    'MODE is "warp"; it is one of slow, fast (from environment)',
    'TAG is "v1x"; it has to match v\\d+ (from environment)',
    'COUNT is "many"; it is a number (from environment)',
    'TOKEN has fewer than 4 characters: it could not be masked (from environment)',
    'The runbook has no variable TGA; it has BASE, SUB, MODE, TAG, COUNT, TOKEN (from --var)',
  ]);
});

test('an optional variable may be empty, another may not', () => {
  const of = (name: string) => book.vars.find((one) => one.name === name) ?? expect.fail(name);
  expect([valueProblem(of('COUNT'), ''), valueProblem(of('TAG'), '')]).toEqual([undefined, 'TAG needs a value']);
});

import { describe, expect, test } from 'vitest';
import { attemptFolderName, attemptName, environmentOf, planAttempt, planItemQuestion } from '../../src/run/plan.ts';
import { stepById } from '../../src/run/select.ts';
import { bookOf } from '../support/book.ts';
import { DecidedRun } from '../support/decided-run.ts';

const place = { home: '/home/rob', definitionDir: '/srv/app', runDir: '/data/run', node: '/bin/node' };
const book = bookOf(
  `
  - id: one
    title: One
    cwd: \${DIR}
    before: cd x
    env: { LEVEL: 'l-\${NAME}' }
    steps:
      - { id: a, title: 'A \${NAME}', run: echo "$NAME", timeout: 5s, expect: { exit: [0, 3] }, undo: { run: back, timeout: 7s } }
      - { id: plain, title: Plain, run: x, before: '', cwd: ., terminal: false, undo: back }
      - { id: file, title: File, edit: { file: '\${NAME}.txt', replace: 'a\${NAME}', with: '$\${NAME}' } }
      - { id: check, title: Check, check: { http: 'http://localhost:1/\${NAME}', json: { v: '\${NAME}' } } }
      - { id: secret, title: S, run: x, env: { AUTH: 'Bearer \${TOKEN}' }, readonly: true }
    checklist: [{ id: seen, text: Seen, run: look }]
`,
  'vars: { NAME: {}, DIR: {}, TOKEN: { secret: true }, EXTRA: { optional: true } }',
);
const run = new DecidedRun(book, { NAME: 'n', DIR: '~/d' });
const planned = (stepId: string) =>
  planAttempt(run.run, place, { number: 1, purpose: { kind: 'step', stepId }, title: 't' });

describe('an attempt', () => {
  test('sees every variable in its environment, and values are not pasted into shell text', () => {
    expect(planned('a')).toMatchObject({
      cwd: '/home/rob/d',
      env: { NAME: 'n', EXTRA: '', LEVEL: 'l-n', RUNBOOK_DIR: '/srv/app', RUNBOOK_RUN_DIR: '/data/run' },
      work: { kind: 'command', argv: ['bash', '-euo', 'pipefail', '-c', 'cd x\necho "$NAME"'], on: 'pty' },
      timeoutMs: 5_000,
      expect: { exit: [0, 3] },
    });
  });

  test('has what its step overrides', () => {
    expect(planned('plain')).toMatchObject({
      cwd: '/srv/app',
      work: { argv: ['bash', '-euo', 'pipefail', '-c', 'x'], on: 'pipes' },
    });
    expect(planned('plain')).not.toHaveProperty('timeoutMs');
  });

  test('has names expanded where no shell reads, and written as they are where they are escaped', () => {
    expect(planned('file').work).toMatchObject({ file: '/home/rob/d/n.txt', replace: 'an', with: '${NAME}' });
    expect(planned('check').work).toMatchObject({
      poll: { probe: { url: 'http://localhost:1/n', json: { v: 'n' } } },
    });
  });

  test('has a secret by its name only', () => {
    const attempt = planned('secret');
    expect(attempt.secretNames).toEqual(['TOKEN']);
    expect(attempt.env).toMatchObject({ AUTH: 'Bearer ${TOKEN}' });
    expect(environmentOf({ ...run.run, values: { TOKEN: 'leaked' } }, place)).not.toHaveProperty('TOKEN');
  });

  test('of an undo has a deadline of its own, never the step’s', () => {
    const undone = new DecidedRun(book, { NAME: 'n', DIR: '/d' });
    undone.context = { ...undone.context, secretsHeld: ['TOKEN'] };
    for (const [index, stepId] of ['a', 'plain'].entries()) {
      undone.start(stepId);
      undone.end(index + 1);
    }
    undone.rollBack();
    const of = (itemId: string) =>
      planAttempt(undone.run, place, { number: 3, purpose: { kind: 'undo', rollback: 1, itemId }, title: 't' });
    expect(of('undo:a')).toMatchObject({ timeoutMs: 7_000, work: { argv: expect.arrayContaining(['cd x\nback']) } });
    expect(of('undo:plain').timeoutMs).toBe(30 * 60_000);
  });
});

test('an item asks in the surroundings of its phase', () => {
  expect(planItemQuestion(run.run, place, 'one', 'look')).toMatchObject({
    cwd: '/home/rob/d',
    argv: ['bash', '-euo', 'pipefail', '-c', 'cd x\nlook'],
  });
});

test('a manual step has nothing to execute', () => {
  const manual = new DecidedRun(bookOf('  - { id: one, title: One, steps: [{ id: m, title: M, manual: x }] }'));
  expect(stepById(manual.run, 'm').action.kind).toBe('manual');
  const purpose = { kind: 'step', stepId: 'm' } as const;
  expect(() => planAttempt(manual.run, place, { number: 1, purpose, title: '' })).toThrow(/done by a person/);
});

test.each([
  [{ kind: 'step', stepId: 'restart' }, 'attempts/0007-restart'],
  [{ kind: 'undo', rollback: 1, itemId: 'undo:restart' }, 'attempts/0007-undo-restart'],
  [{ kind: 'undo', rollback: 1, itemId: 'one/old' }, 'attempts/0007-undo-one-old'],
] as const)('the folder of %o is %s', (purpose, folder) => {
  expect(attemptFolderName(7, attemptName(purpose))).toBe(folder);
});

import { expect, test } from 'vitest';
import { loadProjectFile } from '../../src/definition/project-file.ts';
import { tell } from './support-runbook.ts';

test('an empty file is good and leaves everything at its default', () => {
  const empty = { runbooks: ['runbooks'], vars: {}, preferences: { ascii: false, color: 'auto' } };
  expect(loadProjectFile('')).toEqual({ project: empty, problems: [] });
  expect(loadProjectFile('# nothing yet\n').project).toEqual(empty);
});

test('everything it can say', () => {
  const text = [
    'default: practice',
    'runbooks: [ops, docs/a.yaml]',
    'vars: { A: 1.10, B: "${A}" }',
    'monitor: { docker: { all: true } }',
    'preferences: { ascii: true, color: never }',
  ].join('\n');
  const { project, problems } = loadProjectFile(text);
  expect(project).toEqual({
    default: 'practice',
    runbooks: ['ops', 'docs/a.yaml'],
    vars: { A: '1.10', B: '${A}' },
    monitor: { docker: { all: true }, logs: [] },
    preferences: { ascii: true, color: 'never' },
  });
  expect(tell(problems)).toEqual([]);
});

test.each([
  ['defualt: x', ['unknown-key 1:1']],
  ['- a', ['wrong-type 1:1']],
  ['runbooks: []', ['wrong-value 1:11']],
  ['runbooks: 5', ['wrong-type 1:11']],
  ['vars: { A: [x] }', ['wrong-type 1:12']],
  ['vars: { A-B: x }', ['wrong-value 1:9']],
  ['vars: { PATH: x }', ['wrong-value 1:9']],
  ['preferences: { color: always, ascii: 1 }', ['wrong-value 1:23', 'wrong-type 1:38']],
  ['monitor: { docker: {}, x: 1 }', ['missing-key 1:20', 'unknown-key 1:24']],
  ['a: [', ['yaml-syntax 1:5']],
])('%s', (text, problems) => {
  const found = loadProjectFile(text);
  expect(found.project).toBeUndefined();
  expect(tell(found.problems)).toEqual(problems);
});

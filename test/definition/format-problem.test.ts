import { expect, test } from 'vitest';
import { loadRunbook } from '../../src/definition/load-runbook.ts';
import { formatProblem, type Problem } from '../../src/definition/problem.ts';
import { withStep } from './support-runbook.ts';

function shown(text: string, color = false): string {
  const { problems } = loadRunbook(text);
  return problems.map((problem) => formatProblem(problem, { file: 'deploy.yaml', text, color })).join('\n');
}

test.each([
  [
    withStep('check: x', 'verfy: x'),
    [
      'deploy.yaml:8:9 unknown-key: there is no key "verfy" here; did you mean `verify`?',
      '  at phases[0].steps[0].verfy',
      '    8 |         verfy: x',
      '      |         ^^^^^',
    ],
  ],
  [
    withStep('check: x', 'needs: [drian]').concat('      - { title: Drain, check: y }\n'),
    [
      'deploy.yaml:8:17 unknown-step: there is no step "drian"; did you mean "drain"?',
      '  at phases[0].steps[0].needs[0]',
      '    8 |         needs: [drian]',
      '      |                 ^^^^^',
    ],
  ],
  [
    withStep('check: x', 'about: für ${NAME}\t${NAMF}').concat('vars: { NAME: x }\n'),
    [
      'deploy.yaml:8:28 unknown-name: there is no variable NAMF; did you mean ${NAME}?',
      '  at phases[0].steps[0].about',
      '    8 |         about: für ${NAME} ${NAMF}',
      '      |                            ^^^^^^^',
    ],
  ],
  [
    withStep('run: x'),
    [
      'deploy.yaml:6:16 warning no-way-back: "S" may change something and has no way back; give it `undo`, or say `irreversible: why` or `readonly: true`',
      '  at phases[0].steps[0].title',
      '    6 |       - title: S',
      '      |                ^',
    ],
  ],
  [
    'a: [',
    [
      'deploy.yaml:1:5 yaml-syntax: Flow sequence in block collection must be sufficiently indented and end with a ]',
      '    1 | a: [',
      '      |     ^',
    ],
  ],
])('shows the place and the mend (%#)', (text, lines) => {
  expect(shown(text).split('\n')).toEqual(lines);
});

const problem = (column: number, length: number): Problem => ({
  code: 'wrong-value',
  severity: 'error',
  message: 'm\u001b[2J\u202e',
  path: '',
  position: { line: 1, column },
  length,
});

test('text of the file can do nothing to the terminal', () => {
  const text = 'a\u001b]0;x\u0007 \u202eb\u200d';
  const output = formatProblem(problem(1, 1), { file: 'f\u0000', text, color: false });
  expect(output).toBe(
    'f<U+0000>:1:1 wrong-value: m<U+001B>[2J<U+202E>\n    1 | a<U+001B>]0;x<U+0007> <U+202E>b<U+200D>\n      | ^',
  );
});

test('a long line is cut around the caret', () => {
  const text = `${'a'.repeat(5_000)}X${'b'.repeat(5_000)}`;
  const [, source = '', carets = ''] = formatProblem(problem(5_001, 1), { file: 'f', text, color: false }).split('\n');
  expect(source.length).toBeLessThan(120);
  expect(source[carets.indexOf('^')]).toBe('X');
});

test('carets stand under wide characters', () => {
  const output = formatProblem(problem(3, 2), { file: 'f', text: '日本中文', color: false });
  expect(output.split('\n')[2]).toBe('      |     ^^^^');
});

test('a place beyond the text shows no line', () => {
  const far = { ...problem(1, 1), position: { line: 9, column: 1 } };
  expect(formatProblem(far, { file: 'f', text: 'a', color: false })).toBe('f:9:1 wrong-value: m<U+001B>[2J<U+202E>');
});

test('colour only where it is wanted', () => {
  const text = withStep('run: x');
  expect(shown(text)).not.toContain('\u001b');
  expect(shown(text, true)).toContain('\u001b[33m^\u001b[0m');
});

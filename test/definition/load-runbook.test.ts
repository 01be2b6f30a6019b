import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadRunbook } from '../../src/definition/load-runbook.ts';
import { formatProblem } from '../../src/definition/problem.ts';
import type { Step } from '../../src/definition/runbook.ts';
import { loaded, withStep, withTop } from './support-runbook.ts';

const everyPart = readFileSync(new URL('../fixtures/runbooks/every-part.yaml', import.meta.url), 'utf8');

function step(...lines: readonly string[]): Step {
  const [found] = loaded(withStep(...lines)).phases[0]?.steps ?? [];
  if (found === undefined) throw new Error('no step');
  return found;
}

test('a runbook with every part of the format is right', () => {
  const runbook = loaded(everyPart);
  expect(loadRunbook(everyPart).problems.filter((problem) => problem.severity === 'error')).toEqual([]);
  expect(runbook).toMatchObject({ id: 'python-3.12-migration', estimate: { minMs: 7_200_000, maxMs: 10_800_000 } });
  expect(runbook.phases.map(({ id, steps, rollback }) => [id, steps.length, rollback?.length])).toEqual([
    ['development', 4, undefined],
    ['production', 6, 3],
  ]);
  expect(runbook.monitor?.alert).toEqual({
    pattern: '\\b500\\b|error|exception',
    ignore: 'ERROR_REPORTING',
    max: 5,
    withinMs: 60_000,
  });
  expect(runbook.vars[0]).toEqual({
    name: 'NEW_VERSION',
    default: 'v2.2.0',
    pattern: '^v\\d+\\.\\d+\\.\\d+$',
    about: 'Version to release',
    type: 'string',
    secret: false,
    optional: false,
  });
});

test('what a step says nothing about has its default', () => {
  expect(step('run: x', 'irreversible: y')).toEqual({
    id: 's',
    title: 'S',
    action: { kind: 'run', script: 'x' },
    position: { line: 6, column: 9 },
    env: {},
    shell: ['bash', '-euo', 'pipefail'],
    terminal: true,
    before: '',
    irreversible: 'y',
    readonly: false,
    confirm: false,
    danger: false,
    required: false,
    expect: { exit: [0] },
    tags: [],
    needs: [],
  });
});

test.each([
  [
    ['check: x'],
    {
      readonly: true,
      action: {
        kind: 'check',
        poll: { probe: { kind: 'command', script: 'x', timeoutMs: 60_000 }, withinMs: 60_000, everyMs: 2_000 },
      },
    },
  ],
  [
    ['check: { tcp: "[::1]:80", timeout: 1s }', 'within: 3s', 'every: 500ms'],
    {
      action: {
        poll: { probe: { kind: 'tcp', host: '::1', port: '80', timeoutMs: 1_000 }, withinMs: 3_000, everyMs: 500 },
      },
    },
  ],
  [
    ['check: { http: "http://x", body: "{}", headers: { A: 1.0 } }'],
    {
      action: {
        poll: {
          probe: {
            kind: 'http',
            url: 'http://x',
            method: 'POST',
            headers: { A: '1.0' },
            body: '{}',
            timeoutMs: 10_000,
          },
        },
      },
    },
  ],
  [
    ['watch: { check: x, for: 2w }'],
    { readonly: true, action: { kind: 'watch', everyMs: 60_000, forMs: 1_209_600_000, maxFailures: 3 } },
  ],
  [
    ['service: x', 'ready: { run: y, within: 1m, every: 1s }'],
    { readonly: false, action: { kind: 'service', ready: { withinMs: 60_000, everyMs: 1_000 } } },
  ],
  [['edit: { file: a, replace: b, with: "" }'], { action: { edit: { file: 'a', replace: 'b', with: '', times: 1 } } }],
  [['run: x', 'readonly: true', 'capture: A'], { terminal: false, capture: 'A' }],
  [['run: x', 'readonly: true', 'capture: A', 'terminal: true'], { terminal: true }],
  [['run: x', 'readonly: true', 'expect: { exit: 3, no-match: e }'], { expect: { exit: [3], noMatch: 'e' } }],
  [['run: x', 'readonly: true', 'expect: { exit: [0, 1] }'], { expect: { exit: [0, 1] } }],
  [['run: x', 'undo: y', 'unless: z'], { undo: { script: 'y' }, unless: { script: 'z', safe: false } }],
  [
    ['run: x', 'undo: { run: y, requires: { run: z, safe: true }, timeout: 1m }', 'unless: { run: z, safe: true }'],
    { undo: { script: 'y', requires: { script: 'z', safe: true }, timeoutMs: 60_000 }, unless: { safe: true } },
  ],
  [
    ['run: x', 'readonly: true', 'retry: { times: 2 }', 'timeout: 1.5m'],
    { retry: { times: 2, everyMs: 5_000 }, timeoutMs: 90_000 },
  ],
  [['run: x', 'readonly: true', 'shell: zsh -e'], { shell: ['zsh', '-e'] }],
  [
    ['run: x', 'readonly: true', 'env: { PORT: 05050, ON: true, V: 1.10 }'],
    { env: { PORT: '05050', ON: 'true', V: '1.10' } },
  ],
])('%j', (lines, part) => {
  expect(step(...lines)).toMatchObject(part);
});

test('a step takes over what its phase sets, and takes it off with an empty text', () => {
  const { phases } = loaded(
    [
      'version: 1',
      'title: T',
      'hosts: { h: {} }',
      'phases:',
      '  - { title: P, host: h, cwd: c, env: { A: a, B: b }, shell: sh -e, before: x, steps: [',
      '      { title: One, check: y },',
      '      { title: Two, check: y, host: "", cwd: "", before: "", shell: "", env: { B: "" } } ] }',
    ].join('\n'),
  );
  const [one, two] = phases[0]?.steps ?? [];
  expect(one).toMatchObject({ host: 'h', cwd: 'c', env: { A: 'a', B: 'b' }, shell: ['sh', '-e'], before: 'x' });
  expect(two).toMatchObject({ env: { A: 'a', B: '' }, shell: ['bash', '-euo', 'pipefail'], before: '' });
  expect([two?.host, two?.cwd]).toEqual([undefined, undefined]);
});

test('variables keep the order and the writing of the file', () => {
  const { vars } = loaded(
    withTop(
      'vars:',
      '  B: 1.10',
      '  A: { default: yes, choices: [yes, 1.0], type: string }',
      '  C: { optional: true }',
    ),
  );
  expect(vars.map((one) => [one.name, one.default, one.choices])).toEqual([
    ['B', '1.10', undefined],
    ['A', 'yes', ['yes', '1.0']],
    ['C', undefined, undefined],
  ]);
});

test('ids are derived from titles, folded to ASCII', () => {
  const { id, phases } = loaded(
    'version: 1\ntitle: Größe & Ärger 3.12 — “Łódź”\nphases: [{ title: P, checklist: [{ text: Ça va? }] }]',
  );
  expect([id, phases[0]?.checklist[0]?.id]).toEqual(['grosse-arger-3-12-lodz', 'ca-va']);
});

const bounded = { numRuns: 300 };

/** Loading and printing take any text. */
function survives(text: string): void {
  const { runbook, problems } = loadRunbook(text);
  expect(runbook === undefined).toBe(problems.some((problem) => problem.severity === 'error'));
  for (const problem of problems) {
    expect(problem.length).toBeGreaterThan(0);
    expect(formatProblem(problem, { file: 'f', text, color: false })).not.toMatch(/[^\P{Cc}\n]/u);
  }
}

test('no text makes it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom(...Array.from('abc:-[]{}&*!|>\'"#%@ \n\t,?~')) }),
      ),
      survives,
    ),
    bounded,
  );
});

test('no structure makes it throw', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => survives(stringify(value))),
    bounded,
  );
});

const words = [
  'version',
  'title',
  'phases',
  'steps',
  'run',
  'check',
  'undo',
  'vars',
  'hosts',
  'needs',
  'http',
  'x',
  '${A}',
  '1s',
  'true',
  '5',
];

test('no runbook made of the right words makes it throw', () => {
  const leaf = fc.oneof(fc.constantFrom(...words), fc.integer(), fc.boolean(), fc.constant(null));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) =>
      survives(stringify({ version: 1, title: 'T', phases: [{ title: 'P', steps: [value] }], vars: value })),
    ),
    bounded,
  );
});

test('the example with any line missing, doubled or cut does not make it throw', () => {
  const lines = everyPart.split('\n');
  const at = fc.nat({ max: lines.length - 1 });
  const damage = fc.constantFrom('missing', 'doubled', 'cut', 'indented');
  const damaged = fc.tuple(at, damage).map(([index, how]) => {
    const line = lines[index] ?? '';
    const cut = line.slice(0, line.length / 2);
    const instead = { missing: [], doubled: [line, line], cut: [cut], indented: [`  ${line}`] }[how];
    return lines.toSpliced(index, 1, ...instead).join('\n');
  });
  fc.assert(fc.property(damaged, survives), { numRuns: 200 });
});

const hostile: readonly [name: string, text: string][] = [
  ['steps with a wrong key', withStep('check: x').concat('      - { title: S, run: x, verfy: x }\n'.repeat(5_000))],
  ['unknown names in one text', withStep('check: x', `about: ${'${X}'.repeat(200_000)}`)],
  ['commands in one script', withStep('readonly: true', 'run: |').concat('          curl x\n'.repeat(50_000))],
  [
    'wrong names beside many right ones',
    withTop('vars:', ...Array.from({ length: 9_000 }, (_, index) => `  NAME_${index}: "\${NAMX_${index}}"`)),
  ],
  ['needs that are unknown', withStep('check: x', `needs: [${'s1,'.repeat(20_000)}]`)],
  ['quotes that never close', withStep('readonly: true', `run: "echo ${"'".repeat(100_001)}"`)],
];

test.each(hostile)('a file of very many %s is answered in bounded time', (_name, text) => {
  const startedAt = performance.now();
  const { problems } = loadRunbook(text);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  expect(problems.length).toBeLessThan(2_000);
  for (const problem of problems.slice(0, 50)) formatProblem(problem, { file: 'f', text, color: false });
});

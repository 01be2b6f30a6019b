import { expect, test } from 'vitest';
import { loadRunbook } from '../../src/definition/load-runbook.ts';
import { told, withStep, withTop } from './support-runbook.ts';

const cases: readonly [name: string, text: string, problems: readonly string[]][] = [
  ['an empty file', '', ['wrong-type 1:1']],
  ['a text for a file', 'hello', ['wrong-type 1:1']],
  ['a list for a file', '- a', ['wrong-type 1:1']],
  [
    'another version',
    'version: 2\ntitle: T\nphases: [{ title: P, steps: [{ title: S, check: x }] }]',
    ['wrong-value 1:10'],
  ],
  ['no title, no phases, no version', 'id: a', ['missing-key 1:1', 'missing-key 1:1', 'missing-key 1:1']],
  ['no phase', 'version: 1\ntitle: T\nphases: []', ['wrong-value 3:9']],
  ['an unknown key at the top', withTop('phasess: 1'), ['unknown-key 8:1']],
  ['an unknown key of a step', withStep('check: x', 'verfy: x'), ['unknown-key 8:9']],
  ['an unknown key of a probe', withStep('check: { http: "http://x", stats: 200 }'), ['unknown-key 7:36']],
  ['an unknown key of an undo', withStep('run: x', 'undo: { run: y, requirs: z }'), ['unknown-key 8:25']],
  ['an unknown key of a variable', withTop('vars:', '  A: { defaut: x }'), ['unknown-key 9:8']],
  ['a list for a script', withStep('check: x', 'verify: [a]'), ['wrong-type 8:17']],
  ['nothing for a script', withStep('run:'), ['wrong-type 7:9']],
  ['an empty script', withStep('run: " "'), ['wrong-value 7:14']],
  [
    'a number for a title',
    'version: 1\ntitle: T\nphases:\n  - title: 3\n    steps: [{ title: S, check: x }]',
    ['wrong-type 4:12'],
  ],
  ['a text for a flag', withStep('check: x', 'required: yes'), ['wrong-type 8:19']],
  ['a list for an undo', withStep('run: x', 'undo: [a]'), ['wrong-type 8:15']],
  ['an undo without a command', withStep('run: x', 'undo: { about: y }'), ['missing-key 8:15']],
  ['a bad duration', withStep('check: x', 'within: 5 minutes'), ['bad-duration 8:17']],
  ['a number for a duration', withStep('check: x', 'within: 5'), ['wrong-type 8:17']],
  ['a duration of zero', withStep('check: x', 'within: 0s'), ['bad-duration 8:17']],
  ['a duration beyond a year', withStep('check: x', 'within: 60w'), ['bad-duration 8:17']],
  ['a range that runs backwards', withStep('check: x', 'estimate: 2h-1h'), ['bad-duration 8:19']],
  ['an id that is not kebab-case', withStep('id: Do_It', 'check: x'), ['wrong-value 7:13']],
  ['an id that is too long', withStep(`id: ${'a'.repeat(65)}`, 'check: x'), ['wrong-value 7:13']],
  ['a runbook id that leaves its folder', withTop('id: ../x'), ['wrong-value 8:5']],
  ['a name no variable can have', withTop('vars:', '  A-B: x'), ['wrong-value 9:3']],
  ['a choice of types', withTop('vars:', '  A: { type: folder }'), ['wrong-value 9:14']],
  ['an unknown method', withStep('check: { http: "http://x", method: get }'), ['wrong-value 7:44']],
  ['a status out of range', withStep('check: { http: "http://x", status: 20 }'), ['wrong-value 7:44']],
  ['half a retry', withStep('run: x', 'readonly: true', 'retry: { times: 1.5 }'), ['wrong-type 9:25']],
  ['too small a number', withStep('run: x', 'readonly: true', 'retry: { times: 0 }'), ['wrong-value 9:25']],
  [
    'a bad exit status in a list',
    withStep('run: x', 'readonly: true', 'expect: { exit: [0, 256] }'),
    ['wrong-value 9:29'],
  ],
  ['an empty shell', withStep('check: x', 'shell: []'), ['wrong-value 8:16']],
  ['a tag that is no text', withStep('check: x', 'tags: [a, 1, b]'), ['wrong-type 8:19']],
  ['a watch without its length', withStep('watch: { check: x }'), ['missing-key 7:16']],
  ['the same key twice', withStep('check: x', 'check: y'), ['duplicate-key 8:9']],
];

test.each(cases)('%s', (_name, text, problems) => {
  expect(told(text)).toEqual(problems);
});

test('all errors of shape and rules come in one go, in the order of the text', () => {
  const text = [
    'version: 1',
    'titel: T',
    'vars: { PATH: x }',
    'phases:',
    '  - title: P',
    '    host: nowhere',
    '    steps:',
    '      - title: One',
    '        run: 5',
    '      - title: Two',
    '        needs: [thre]',
    '        check: x',
    '        within: soon',
    '      - title: Three',
    '        run: "true"',
    '        readonly: true',
    "        expect: { match: '(' }",
    '      - title: Three',
    '        check: { tcp: x }',
    'troubleshooting:',
    '  - { title: X, advice: "${NOPE}", phases: [q] }',
  ].join('\n');
  expect(told(text)).toEqual([
    'missing-key 1:1',
    'unknown-key 2:1',
    'wrong-value 3:9',
    'unknown-host 6:11',
    'wrong-type 9:14',
    'unknown-step 11:17',
    'bad-duration 13:17',
    'bad-pattern 17:26',
    'duplicate-id 18:16',
    'wrong-value 19:23',
    'unknown-name 21:26',
    'unknown-phase 21:45',
  ]);
});

test('an error in a step does not make the names it declares unknown', () => {
  const text = withStep('id: first', 'run: 5', 'capture: GOT', 'readonly: true').concat(
    ['      - title: Say ${GOT}', '        needs: [first]', '        check: x', ''].join('\n'),
  );
  expect(told(text)).toEqual(['wrong-type 8:14']);
});

test('thousands of problems are counted, not listed', () => {
  const keys = Array.from({ length: 3_000 }, (_, index) => `key-${index}: 1`);
  const { problems } = loadRunbook(withTop(...keys));
  expect(problems).toHaveLength(501);
  expect(problems.some((problem) => problem.message.startsWith('2500 more'))).toBe(true);
});

test.each([
  [
    withStep('check: x', 'verfy: x'),
    'there is no key "verfy" here; did you mean `verify`?',
    'phases[0].steps[0].verfy',
  ],
  [withStep('run: [a]'), '`run` has to be a text; found a list', 'phases[0].steps[0].run'],
  [withStep('run: x', 'undo: 5'), '`undo` has to be a text or a map; found 5', 'phases[0].steps[0].undo'],
  [withStep('check: x', 'tags: a'), '`tags` has to be a list; found "a"', 'phases[0].steps[0].tags'],
  [
    withTop('estimate: 2 h'),
    '`estimate` has to be a duration such as 30m, or a range such as 1h-2h, the smaller first; found "2 h"',
    'estimate',
  ],
  [
    withTop('hosts: { a: { about: one, two } }'),
    'there is no key "two" here; allowed here: about, hostname, ssh',
    'hosts.a.two',
  ],
  [
    withTop('hosts: { a: { about: one, and two } }'),
    'there is no key "and two" here; is the comma before it part of a text? then put the text in quotes',
    'hosts.a["and two"]',
  ],
  [withTop('project:'), '`project` has to be a text; found nothing', 'project'],
])('says what was found and what is allowed (%#)', (text, message, path) => {
  const [problem] = loadRunbook(text).problems;
  expect(problem?.message).toBe(message);
  expect(problem?.path).toBe(path);
});

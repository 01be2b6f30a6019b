import { expect, test } from 'vitest';
import { loadRunbook } from '../../src/definition/load-runbook.ts';
import { tell, told, withStep, withTop } from './support-runbook.ts';

const rollback = (...lines: readonly string[]) =>
  withTop('    rollback:', '      - title: R', ...lines.map((line) => `        ${line}`));

const errors: readonly [name: string, text: string, problems: readonly string[]][] = [
  ['two steps of one id', withStep('check: x').concat('      - { title: s, check: y }\n'), ['duplicate-id 8:18']],
  ['a step and a checklist item of one id', withTop('    checklist: [{ id: s, text: x }]'), ['duplicate-id 8:23']],
  ['a step and a rollback step of one id', rollback('id: s', 'check: x'), ['duplicate-id 10:13']],
  [
    'a phase and a troubleshooting entry of one id',
    withTop('troubleshooting: [{ id: p, title: X, advice: y }]'),
    ['duplicate-id 8:25'],
  ],
  ['a title that gives no id', withTop('    checklist: [{ text: 日本 }]'), ['missing-key 8:25']],
  ['a step without a kind', withStep('about: x'), ['missing-key 6:9']],
  ['a step of two kinds', withStep('check: x', 'manual: y'), ['wrong-kind 8:9']],
  ['a phase with nothing to do', 'version: 1\ntitle: T\nphases:\n  - title: P', ['missing-key 4:5']],
  ['a rollback that waits for a service', rollback('service: x'), ['wrong-kind 10:9']],
  ['a rollback that is to be undone', rollback('run: x', 'undo: y'), ['wrong-kind 11:9']],
  ['a rollback that needs', rollback('check: x', 'needs: [s]'), ['wrong-kind 11:9']],
  ['within on a run', withStep('run: x', 'readonly: true', 'within: 5s'), ['wrong-kind 9:9']],
  ['capture on a check', withStep('check: x', 'capture: A'), ['wrong-kind 8:9']],
  ['ready on a run', withStep('run: x', 'readonly: true', 'ready: y'), ['wrong-kind 9:9']],
  ['terminal on a manual step', withStep('manual: x', 'readonly: true', 'terminal: false'), ['wrong-kind 9:9']],
  ['timeout on a service', withStep('service: x', 'timeout: 5s'), ['wrong-kind 8:9']],
  ['undo on an edit', withStep('edit: { file: a, replace: b, with: c }', 'undo: x'), ['wrong-kind 8:9']],
  ['before on a step without a command', withStep('check: { tcp: "a:1" }', 'before: x'), ['wrong-kind 8:9']],
  ['readonly with an undo', withStep('run: x', 'undo: y', 'readonly: true'), ['wrong-value 9:19']],
  ['a check that is not readonly', withStep('check: x', 'readonly: false'), ['wrong-value 8:19']],
  ['undo and irreversible', withStep('run: x', 'undo: y', 'irreversible: z'), ['wrong-value 9:9']],
  ['an edit that changes nothing', withStep('edit: { file: a, replace: b, with: b }'), ['wrong-value 7:44']],
  ['a gate that nothing follows', withTop('    gate: Go on?'), ['wrong-value 8:5']],
  ['a probe that asks two ways', withStep('check: { http: "http://x", tcp: "a:1" }'), ['wrong-kind 7:36']],
  ['a probe that asks no way', withStep('check: { timeout: 1s }'), ['missing-key 7:16']],
  ['a body for a tcp probe', withStep('check: { tcp: "a:1", body: x }'), ['wrong-kind 7:30']],
  ['an address without its scheme', withStep('check: { http: localhost }'), ['wrong-value 7:24']],
  ['a port out of range', withStep('check: { tcp: "a:70000" }'), ['wrong-value 7:23']],
  ['a GET with a body', withStep('check: { http: "http://x", method: GET, body: x }'), ['wrong-value 7:49']],
  ['an unknown host of a step', withStep('check: x', 'host: h'), ['unknown-host 8:15']],
  ['an unknown phase', withTop('troubleshooting: [{ title: X, advice: y, phases: [q] }]'), ['unknown-phase 8:51']],
  ['a need that is unknown', withStep('check: x', 'needs: [y]'), ['unknown-step 8:17']],
  ['a need of itself', withStep('check: x', 'needs: [s]'), ['wrong-value 8:17']],
  [
    'a need that comes later',
    withStep('check: x', 'needs: [t]')
      .concat('      - { title: t, check: y, id: tt }\n      - { title: u, id: t, check: z }\n')
      .replace('title: t, check', 'title: tt, check'),
    ['wrong-value 8:17'],
  ],
  [
    'a need of a rollback step',
    rollback('id: r', 'check: x').replace('check: "true"', 'check: "true"\n        needs: [r]'),
    ['unknown-step 8:17'],
  ],
  ['a reserved variable', withTop('vars: { HOME: x }'), ['wrong-value 8:9']],
  ['a name this program keeps', withTop('vars: { RUNBOOK_X: x }'), ['wrong-value 8:9']],
  ['a secret in the file', withTop('vars: { A: { secret: true, default: x } }'), ['wrong-value 8:28']],
  ['a mask for what is no secret', withTop('vars: { A: { mask: encoded } }'), ['wrong-value 8:14']],
  ['a default that names a secret', withTop('vars: { A: { secret: true }, B: "x-${A}" }'), ['wrong-value 8:36']],
  ['a default that names a later one', withTop('vars: { A: "${B}", B: x }'), ['unknown-name 8:13']],
  ['a default that names itself', withTop('vars: { A: "${A}" }'), ['unknown-name 8:13']],
  ['a default that names nothing', withTop('vars: { A: { default: "x${B}" } }'), ['unknown-name 8:25']],
  ['a default off its pattern', withTop("vars: { A: { default: xy, pattern: 'x' } }"), ['wrong-value 8:23']],
  ['a default off its choices', withTop('vars: { A: { default: 1.10, choices: [1.1] } }'), ['wrong-value 8:23']],
  ['a default that is no number', withTop('vars: { A: { default: x, type: number } }'), ['wrong-value 8:23']],
  ['a default that is no address', withTop('vars: { A: { default: x, type: url } }'), ['wrong-value 8:23']],
  [
    'a capture that hides a variable',
    withStep('run: x', 'readonly: true', 'capture: A').concat('vars: { A: x }\n'),
    ['duplicate-id 9:18'],
  ],
  ['a capture of a reserved name', withStep('run: x', 'readonly: true', 'capture: PATH'), ['wrong-value 9:18']],
  [
    'two captures of one name',
    withStep('run: x', 'readonly: true', 'capture: A').concat(
      '      - { title: t, run: x, readonly: true, capture: A }\n',
    ),
    ['duplicate-id 10:54'],
  ],
  ['a bad pattern of a variable', withTop("vars: { A: { pattern: '[' } }"), ['bad-pattern 8:23']],
  ['a bad pattern of a probe', withStep("check: { http: 'http://x', match: '(' }"), ['bad-pattern 7:43']],
  [
    'a bad pattern of troubleshooting',
    withTop("troubleshooting: [{ title: X, advice: y, match: '*' }]"),
    ['bad-pattern 8:49'],
  ],
  [
    'a variable in a pattern',
    withStep('run: x', 'readonly: true', "expect: { no-match: 'v${A}' }").concat('vars: { A: x }\n'),
    ['bad-pattern 9:29'],
  ],
];

test.each(errors)('%s is an error', (_name, text, problems) => {
  const found = loadRunbook(text);
  expect(found.runbook).toBeUndefined();
  expect(tell(found.problems)).toEqual(problems);
});

test.each([
  ['title of the runbook', withTop().replace('title: T', 'title: "${X}"'), '2:9'],
  ['about', withTop('about: |', '  one', '    two ${X}'), '10:9'],
  ['reference', withTop('references: [{ title: a, url: "http://${X}" }]'), '8:39'],
  ['cwd', withStep('check: x', 'cwd: a/${X}'), '8:16'],
  ['env', withStep('check: x', 'env: { A: "${X}" }'), '8:20'],
  ['edited file', withStep('edit: { file: "${X}", replace: a, with: b }'), '7:24'],
  ['replacement', withStep('edit: { file: a, replace: a, with: "${X}" }'), '7:45'],
  ['address', withStep('check: { http: "http://${X}/" }'), '7:32'],
  ['header', withStep('check: { http: "http://x", headers: { A: "${X}" } }'), '7:51'],
  ['body', withStep('check: { http: "http://x", body: "${X}" }'), '7:43'],
  ['json', withStep('check: { http: "http://x", json: { a: [{ b: "${X}" }] } }'), '7:54'],
  ['tcp', withStep('check: { tcp: "${X}:1" }'), '7:24'],
  ['port', withStep('check: { tcp: "a:${X}" }'), '7:26'],
  ['manual', withStep('manual: Look at ${X}', 'readonly: true'), '7:25'],
  ['ready', withStep('service: x', 'ready: { http: "http://${X}" }'), '8:32'],
  ['irreversible', withStep('run: x', 'irreversible: "${X}"'), '8:24'],
  ['gate and item', withTop('    checklist: [{ text: "${X}", id: i }]'), '8:26'],
  ['host', withTop('hosts: { h: { hostname: "${X}" } }'), '8:26'],
  ['cheat sheet', withTop('cheatsheet: [{ title: a, commands: [{ run: "$X ${X}", cwd: "${X}" }] }]'), '8:61'],
  ['the second of two', withTop('vars: { Y: a }', 'about: "${Y} $${X} \\" ${X}"'), '9:23'],
])('an unknown name in %s is an error at its place', (_name, text, place) => {
  expect(told(text)).toEqual([`unknown-name ${place}`]);
});

test.each([
  ['variables', withStep('check: x', 'about: ${A}').concat('vars: { A: x }\n')],
  ['captures', withStep('run: x', 'readonly: true', 'capture: A').concat('      - { title: "t ${A}", check: x }\n')],
  ['names the program gives', withStep('check: x', 'cwd: ${RUNBOOK_RUN_DIR}/${RUNBOOK_DIR}/${RUNBOOK_NODE}')],
  ['literals', withStep('check: x', 'about: $${A} $A ${} ${1}')],
  ['shell text', withStep('check: echo "${NOT_OURS:-x}" ${ANY}')],
  ['earlier variables in defaults', withTop('vars: { A: x, B: "${A}/${RUNBOOK_DIR}" }')],
  [
    'a secret in a header',
    withStep('check: { http: "http://x", headers: { A: "${S}" } }').concat('vars: { S: { secret: true } }\n'),
  ],
  ['a phase of a checklist alone', 'version: 1\ntitle: T\nphases: [{ title: P, checklist: [{ text: x }] }]'],
])('%s are no problem', (_name, text) => {
  expect(loadRunbook(text).problems).toEqual([]);
});

test('a secret in a text that is shown is an error', () => {
  expect(told(withStep('check: x', 'about: "${S}"').concat('vars: { S: { secret: true } }\n'))).toEqual([
    'wrong-value 8:17',
  ]);
});

const warnings: readonly [name: string, lines: readonly string[], problems: readonly string[]][] = [
  ['a run without a way back', ['run: x'], ['no-way-back 6:16']],
  ['an interactive step without a way back', ['interactive: x'], ['no-way-back 6:16']],
  ['a manual step without a way back', ['manual: x'], ['no-way-back 6:16']],
  ['an edit, which has one', ['edit: { file: a, replace: b, with: c }'], []],
  ['a service, which ends', ['service: x'], []],
  ['a step that may change but says it was thought of', ['run: x', 'readonly: false'], []],
  ['conda activate at the end', ['readonly: true', 'run: cd x && conda activate y'], ['trap 8:22']],
  ['conda activate before something', ['readonly: true', 'run: conda activate y && python z'], []],
  ['source activate', ['readonly: true', 'run: source .venv/bin/activate'], ['trap 8:14']],
  ['cd only', ['readonly: true', 'run: cd /tmp'], ['trap 8:14']],
  ['export only', ['readonly: true', 'run: |', '  export A=1', '  export B=2'], ['trap 9:11']],
  ['logs -f', ['readonly: true', 'run: docker compose logs -f --tail=50'], ['trap 8:14']],
  ['tail -f', ['readonly: true', 'run: tail -f x.log'], ['trap 8:14']],
  ['tail -F behind other things', ['readonly: true', 'run: |', '  echo a', '  tail -n 5 -F x.log'], ['trap 10:11']],
  ['tail -f in a service', ['service: tail -f x.log'], []],
  ['tail -n', ['readonly: true', 'run: tail -n 5 x.log'], []],
  ['docker run -it', ['readonly: true', 'run: docker run --rm -it a'], ['trap 8:14']],
  ['docker exec -i -t', ['readonly: true', 'run: docker exec -i -t a sh'], ['trap 8:14']],
  ['docker run -it, interactive', ['readonly: true', 'interactive: docker run --rm -it a'], []],
  ['HEAD~1 in an undo', ['run: x', 'undo: git checkout HEAD~1 -- a'], ['trap 8:15']],
  ['HEAD~1 in a run', ['readonly: true', 'run: git show HEAD~1'], []],
  ['latest in an undo', ['run: x', 'undo: docker pull a:latest'], ['trap 8:15']],
  ['sed -i for macOS', ['run: "sed -i \'\' s/a/b/ f"', 'undo: y'], ['trap 7:15']],
  ['not ssh in a verify', ['run: x', 'undo: y', "verify: '! ssh host test -e z'"], ['trap 9:18']],
  ['ssh not in a verify', ['run: x', 'undo: y', "verify: ssh host '! test -e z'"], []],
  ['not ssh in a step', ['readonly: true', "run: '! ssh host test -e z'"], []],
  ['curl without -f', ['readonly: true', 'run: curl -sS localhost'], ['trap 8:14']],
  ['curl -fsS', ['readonly: true', 'run: curl -fsS localhost'], []],
  ['curl in a comment or a text', ['readonly: true', 'run: |', '  # curl x', '  echo "curl x"'], []],
  ['compose pull of everything', ['run: docker compose -f a.yml pull', 'undo: y'], ['trap 7:14']],
  ['compose pull of one', ['run: docker compose pull app', 'undo: y'], []],
  ['up -d', ['run: docker compose up -d app', 'undo: y'], ['trap 7:14']],
  ['up -d --wait', ['run: docker compose up -d --wait app', 'undo: y'], []],
  ['retry of what is irreversible', ['run: x', 'irreversible: y', 'retry: { times: 1 }'], ['trap 9:9']],
];

test.each(warnings)('%s', (_name, lines, problems) => {
  const found = loadRunbook(withStep(...lines));
  expect(found.runbook).toBeDefined();
  expect(tell(found.problems)).toEqual(problems);
  expect(found.problems.every((problem) => problem.severity === 'warning')).toBe(true);
});

test('a phase with a rollback plan of its own asks no step for its way back', () => {
  expect(told(withStep('run: x').concat('    rollback: [{ title: R, run: y }]\n'))).toEqual([]);
});

test('latest and the like in a rollback plan are traps', () => {
  expect(told(withTop('    rollback: [{ title: R, run: git reset HEAD~1 }]'))).toEqual(['trap 8:33']);
});

test('ssh is told not to be used yet', () => {
  const text = withTop('hosts: { h: { ssh: a@b } }', 'monitor: { docker: { all: true } }');
  expect(told(text)).toEqual(['not-used-yet 8:15']);
});

test.each([
  ['monitor: { docker: { all: true, compose: x } }', ['wrong-kind 8:33']],
  ['monitor: { docker: {} }', ['missing-key 8:20']],
  ['monitor: { logs: [{ docker: { services: [a] } }] }', ['missing-key 8:31']],
  ['monitor: { logs: [{ docker: { tail: 5 } }] }', ['missing-key 8:29']],
  ['monitor: { logs: [{ file: a, docker: { compose: x } }] }', ['wrong-kind 8:30']],
  ["monitor: { alert: { pattern: '(', max: 1, within: 1s } }", ['bad-pattern 8:30']],
])('%s', (line, problems) => {
  expect(told(withTop(line))).toEqual(problems);
});

test('ids that collide name both lines', () => {
  const [problem] = loadRunbook(withStep('check: x').concat('      - { title: s, check: y }\n')).problems;
  expect(problem?.message).toBe(
    'the id "s" of this step is already that of the step on line 6; an id that is not given is derived from the title: give one',
  );
});

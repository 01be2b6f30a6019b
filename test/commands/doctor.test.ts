import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type CommandAnswer, createAskCommand } from '../../src/adapters/ask-command.ts';
import { freeBytes, lookAtFolder } from '../../src/adapters/look-at-folder.ts';
import { processGroup } from '../../src/adapters/process-group.ts';
import { tryTerminal } from '../../src/adapters/try-terminal.ts';
import { askDocker, dockerFindings } from '../../src/commands/doctor/check-docker.ts';
import { folderFinding, folderNeeds } from '../../src/commands/doctor/check-folders.ts';
import { hostFindings, sshHosts } from '../../src/commands/doctor/check-hosts.ts';
import { type MachineFacts, machineFindings } from '../../src/commands/doctor/check-machine.ts';
import { askProgram, isAskable, type ProgramAnswer, programFinding } from '../../src/commands/doctor/check-programs.ts';
import { terminalFindings } from '../../src/commands/doctor/check-terminal.ts';
import { variableFindings } from '../../src/commands/doctor/check-variables.ts';
import { type Finding, isFailure, isWarning } from '../../src/commands/doctor/finding.ts';
import { inTurns } from '../../src/commands/doctor/in-turns.ts';
import { bash4Feature, leastVersion, programMend } from '../../src/commands/doctor/program-facts.ts';
import { dockerNeeds, type ProgramNeed, programNeeds, terminalSteps } from '../../src/commands/doctor/program-needs.ts';
import { reportLines } from '../../src/commands/doctor/report.ts';
import type { Scope } from '../../src/commands/doctor/scope.ts';
import { isOlder, versionIn } from '../../src/commands/doctor/version.ts';
import { resolveValues } from '../../src/run/values.ts';
import { bookOf } from '../support/book.ts';
import { waitFor } from '../support/wait-for.ts';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync('/tmp/rb-doctor-');
  folders.push(made);
  return made;
}

const HOSTS = "hosts: { mac: { hostname: 'mac*' }, studio: { hostname: 'studio*', ssh: rob@studio }, lab: {} }";

function scopeOf(phases: string, head = '', hostsHere: readonly string[] = ['mac']): Scope {
  const runbook = bookOf(phases, `${HOSTS}\n${head}`);
  const { values } = resolveValues(runbook, { flags: {}, environment: {}, project: {} }, '/home/rob');
  return {
    runbook,
    hostsHere,
    values: { ...values, RUNBOOK_NODE: '/opt/node' },
    definitionDir: '/books',
    home: '/home/rob',
  };
}

const phase = (steps: string, more = '') => `  - { id: one, title: One, ${more} steps: [${steps}] }`;
const step = (id: string, rest: string) => `{ id: ${id}, title: ${id}, readonly: true, ${rest} }`;

describe('what a runbook needs: programs', () => {
  const brief = (needs: readonly ProgramNeed[]) =>
    needs.map(({ name, users, perhaps }) => [
      name,
      [...users.here, ...users.hosts.map((host) => `@${host}`)].join(' '),
      perhaps,
    ]);

  test('every script counts, each program once, with who needs it and where', () => {
    const scope = scopeOf(`
  - id: one
    title: One
    host: mac
    before: 'helper() { sed x; }'
    steps:
      - { id: a, title: A, run: helper; make, unless: cmp x y, verify: jq ., undo: { run: tar x, requires: git log, verify: wc x } }
      - { id: b, title: B, check: { run: curl x }, host: studio }
      - { id: c, title: C, service: '"$RUNBOOK_NODE" x', ready: { run: nc x }, shell: [zsh, -e] }
      - { id: d, title: D, watch: { check: make, every: 1s, for: 2s } }
    checklist: [{ id: i, text: I, run: make test }]
    rollback: [{ id: r, title: R, run: rsync a b }]
`);
    expect(brief(programNeeds(scope))).toEqual([
      ['bash', 'a d r i @studio', undefined],
      ['sed', 'a c d r i @studio', undefined],
      ['cmp', 'a', undefined],
      ['make', 'a d i', undefined],
      ['jq', 'a', undefined],
      ['git', 'a', undefined],
      ['tar', 'a', undefined],
      ['wc', 'a', undefined],
      ['curl', '@studio', undefined],
      ['zsh', 'c', undefined],
      ['nc', 'c', undefined],
      ['rsync', 'r', undefined],
    ]);
    expect(terminalSteps(scope)).toEqual(['a', 'c', 'r']);
  });

  test.each([
    ['nothing speaks for it', phase(step('a', 'run: ruff')), undefined],
    ['its phase activates something', phase(step('a', 'run: ruff'), 'before: \'eval "$(x)"\','), /before/],
    ['a before that only defines a function', phase(step('a', 'run: ruff'), "before: 'f() { ls; }',"), undefined],
    ['its script looks for it', phase(step('a', "run: 'if command -v ruff; then ruff; fi'")), /looks/],
    [
      'an earlier step installs it',
      phase(`${step('a', 'run: pip install ruff')}, ${step('b', 'run: ruff')}`),
      /installs/,
    ],
    ['a later step installs it', phase(`${step('b', 'run: ruff')}, ${step('a', 'run: pip install ruff')}`), undefined],
    [
      'one use without is enough',
      phase(`${step('a', "run: ruff, before: '. ./x'")}, ${step('b', 'run: ruff')}`),
      undefined,
    ],
    [
      'the same in the other order',
      phase(`${step('b', 'run: ruff')}, ${step('a', "run: ruff, before: '. ./x'")}`),
      undefined,
    ],
    [
      'what another host lacks does not count',
      phase(`${step('b', 'run: ruff, host: studio')}, ${step('a', "run: ruff, before: '. ./x'")}`),
      /before/,
    ],
  ])('perhaps there later: %s', (_, phases, expected) => {
    const need = programNeeds(scopeOf(phases)).find(({ name }) => name === 'ruff');
    if (expected === undefined) expect(need?.perhaps).toBeUndefined();
    else expect(need?.perhaps).toMatch(expected);
  });

  test('names that are variables, paths, and a PATH of the step', () => {
    const scope = scopeOf(
      phase(
        `${step('a', 'run: \'"$TOOL" x; "$LATER"; ./here; /abs/x\', cwd: sub')}, ${step('b', 'run: make, env: { PATH: "${BIN}:/bin" }')}`,
      ),
      'vars: { TOOL: { default: ./scripts/x.sh }, BIN: { default: /opt/bin }, LATER: {} }',
    );
    const needs = programNeeds(scope);
    expect(needs.map(({ name, cwd, searchPath, isKnown }) => [name, cwd, searchPath, isKnown])).toEqual([
      ['bash', undefined, undefined, true],
      ['./scripts/x.sh', '/books/sub', undefined, true],
      ['$LATER', undefined, undefined, false],
      ['./here', '/books/sub', undefined, true],
      ['/abs/x', '/books/sub', undefined, true],
      ['bash', undefined, '/opt/bin:/bin', true],
      ['make', undefined, '/opt/bin:/bin', true],
    ]);
    expect(needs.filter((need) => !isAskable(need)).map(({ name }) => name)).toEqual(['$LATER']);
  });

  test.each([
    ['git restore x', 'git', '2.23'],
    ['git switch x', 'git', '2.23'],
    ['git checkout x', 'git', undefined],
    ['docker-compose up', 'docker-compose', '2.0'],
    ['declare -A x', 'bash', '4.0'],
    ['mapfile -t x < y', 'bash', '4.0'],
    ['echo "${x,,}"', 'bash', '4.0'],
    ['make &>> log', 'bash', '4.0'],
    ['declare -a x; echo "${x%,}"', 'bash', undefined],
  ])('the least version: %s', (script, name, version) => {
    const need = programNeeds(scopeOf(phase(step('a', `run: ${JSON.stringify(script)}`)))).find(
      (one) => one.name === name,
    );
    expect(need?.atLeast?.version).toBe(version);
  });

  test('Docker’s engine and Compose, apart from asking the client for its version', () => {
    const scope = scopeOf(
      phase(
        `${step('a', 'run: docker --version; docker context ls')}, ${step('b', 'run: docker compose version')}, ${step('c', 'run: docker ps')}, ${step('d', 'run: docker compose up')}, ${step('e', 'run: docker pull x, host: studio')}`,
      ),
    );
    expect(dockerNeeds(scope)).toEqual({
      engine: { here: ['c', 'd'], hosts: ['studio'] },
      compose: { here: ['b', 'd'], hosts: [] },
    });
  });
});

describe('verdicts', () => {
  const need: ProgramNeed = { name: 'git', isKnown: true, users: { here: ['a'], hosts: [] } };
  const here = (version?: string): ProgramAnswer => ({
    kind: 'there',
    path: '/bin/git',
    ...(version ? { version } : {}),
  });
  const atLeast = { atLeast: { version: '2.23', why: 'git restore' } };

  test.each<[string, Partial<ProgramNeed>, ProgramAnswer | undefined, string, string]>([
    ['there', {}, here('2.39.5'), 'found', 'fine'],
    ['there, no version', atLeast, here(), 'found', 'fine'],
    ['new enough', atLeast, here('2.23'), 'found', 'fine'],
    ['too old', atLeast, here('2.9.1'), 'too old', 'failure'],
    ['missing', {}, { kind: 'absent' }, 'missing', 'failure'],
    ['missing, perhaps', { perhaps: 'before' }, { kind: 'absent' }, 'missing', 'warning'],
    ['hangs', {}, { kind: 'there', path: '/bin/git', trouble: 'does not answer within 5 s' }, 'unusable', 'failure'],
    ['elsewhere', { users: { here: [], hosts: ['studio'] } }, undefined, 'not checked', 'fine'],
    ['computed', { isKnown: false }, undefined, 'not checked', 'fine'],
  ])('a program: %s', (_, more, answer, state, weight) => {
    const finding = programFinding({ ...need, ...more }, answer, 'debian');
    expect([finding.state, weightOf(finding)]).toEqual([state, weight]);
    if (weight !== 'fine') expect(finding.mend).toMatch(/\S/);
  });

  const users = { here: ['a'], hosts: [] };
  const nobody = { here: [], hosts: [] };
  const said = (text: string): CommandAnswer => ({ kind: 'answered', text });
  const failed = (text: string): CommandAnswer => ({ kind: 'failed', text });
  const hangs: CommandAnswer = { kind: 'hangs', afterMs: 5_000 };
  const context = said('colima unix:///Users/rob/.colima/default/docker.sock');

  test.each<[string, CommandAnswer, CommandAnswer, string | undefined, RegExp, RegExp]>([
    ['both', said('27.1.1'), said('2.26.1'), undefined, /^found 27.1.1 context colima, unix:/, /^found 2.26.1/],
    [
      'Debian’s',
      said('27.1.1'),
      said('2.26.1-4'),
      'ssh://rob@studio',
      /^found 27.1.1 DOCKER_HOST ssh:/,
      /^found 2.26.1/,
    ],
    ['old Compose', said('27.1.1'), said('1.29.2'), undefined, /^found/, /^too old 1.29.2/],
    ['no Compose', said('20.10.24'), failed("'compose' is not a docker command"), undefined, /^found/, /^missing/],
    [
      'no engine',
      failed('\nCannot connect to the Docker daemon'),
      said('2.1'),
      undefined,
      /^unusable .*does not run.*colima/,
      /^found/,
    ],
    ['no right', failed('permission denied while trying'), said('2.1'), undefined, /^unusable .*may not use/, /^found/],
    ['hung', hangs, hangs, undefined, /^unusable .*does not answer within 5 s/, /^unusable/],
  ])('Docker: %s', (_, engine, compose, dockerHost, wantedEngine, wantedCompose) => {
    const wants = { engine: users, compose: users, isMonitored: false, isComposeMonitored: false };
    const found = dockerFindings(wants, { engine, compose, context }, { platform: 'macos', dockerHost });
    const texts = found.map(({ state, version, found: text }) => [state, version, text].filter(Boolean).join(' '));
    expect(texts).toEqual([expect.stringMatching(wantedEngine), expect.stringMatching(wantedCompose)]);
    for (const one of found)
      expect([one.isNeeded, one.state === 'found' || one.mend !== undefined]).toEqual([true, true]);
  });

  test('Docker that only panes show is no need, that of others is not checked, and no wish is no row', () => {
    const answers = { engine: hangs, compose: hangs, context };
    const at = { platform: 'debian', dockerHost: undefined } as const;
    const monitored = dockerFindings(
      { engine: nobody, compose: nobody, isMonitored: true, isComposeMonitored: false },
      answers,
      at,
    );
    expect(monitored.map((one) => [one.what, weightOf(one)])).toEqual([['Docker engine', 'warning']]);
    const others = { here: [], hosts: ['studio'] };
    const away = dockerFindings(
      { engine: others, compose: others, isMonitored: false, isComposeMonitored: false },
      undefined,
      at,
    );
    expect(away.map((one) => [one.state, one.found])).toEqual([
      ['not checked', 'runs on studio'],
      ['not checked', 'runs on studio'],
    ]);
    expect(
      dockerFindings({ engine: nobody, compose: nobody, isMonitored: false, isComposeMonitored: false }, undefined, at),
    ).toEqual([]);
  });

  test('a Docker that may not be used is mended by the group on Linux only', () => {
    const engine = { kind: 'failed', text: 'permission denied while trying to connect' } as const;
    const answers = { engine, compose: engine, context: engine };
    const wants = { engine: nobody, compose: nobody, isMonitored: true, isComposeMonitored: false };
    const mend = (platform: 'macos' | 'debian') =>
      dockerFindings(wants, answers, { platform, dockerHost: undefined })[0]?.mend;
    expect(mend('debian')).toContain('usermod');
    expect(mend('macos')).toMatch(/^Its socket belongs to another user;/);
  });

  test('folders: where steps work, those of variables, those a step makes, those of others', () => {
    const scope = scopeOf(
      `
  - { id: one, title: One, host: mac, cwd: '\${WORK}/src', steps: [${step('a', 'run: ls')}, ${step('b', 'run: \'mkdir -p "$MADE"\', cwd: "${MADE}"')}, ${step('e', 'run: ls, cwd: "${RUNBOOK_RUN_DIR}"')}] }
  - { id: two, title: Two, host: studio, cwd: '\${PROD}', steps: [${step('c', 'run: ls')}] }`,
      'vars: { WORK: { default: ~/work, type: directory }, MADE: { default: /made, type: directory }, PROD: { default: /prod, type: directory } }',
    );
    const rows = folderNeeds(scope).map((need) => {
      const finding = folderFinding(need, need.users.here.length === 0 ? undefined : false);
      return [finding.what, finding.state, weightOf(finding)];
    });
    expect(rows).toEqual([
      ['/home/rob/work/src', 'missing', 'failure'],
      ['/made (MADE)', 'missing', 'warning'],
      ['/prod (PROD)', 'not checked', 'fine'],
      ['/home/rob/work (WORK)', 'missing', 'warning'],
    ]);
  });

  test('variables: without a value, secret, optional, wrong', () => {
    const scope = scopeOf(
      phase(step('a', 'run: \'echo "$NAME"\'')),
      'vars: { NAME: {}, TOKEN: { secret: true }, MAYBE: { optional: true }, BAD: { type: number }, GOOD: { default: y } }',
    );
    const sources = { flags: { BAD: 'x' }, environment: {}, project: {} };
    const resolved = resolveValues(scope.runbook, sources, '/home/rob');
    const found = variableFindings(scope, resolved);
    expect(found.map((one) => [one.what, one.state, weightOf(one), one.neededBy])).toEqual([
      ['1 variable', 'found', 'fine', []],
      ['BAD', 'unusable', 'failure', []],
      ['NAME', 'missing', 'failure', ['a']],
      ['TOKEN', 'missing', 'warning', []],
    ]);
  });

  test('hosts', () => {
    const phases = phase(`${step('a', 'run: ls, host: mac')}, ${step('b', 'run: ls, host: studio')}`);
    const rows = (hosts: readonly string[]) =>
      hostFindings(scopeOf(phases, '', hosts), 'box').map((one) => [one.what, one.state]);
    expect(rows(['mac'])).toEqual([
      ['mac', 'found'],
      ['studio', 'not checked'],
      ['lab', 'not checked'],
    ]);
    expect(rows([]).at(-1)).toEqual(['box', 'missing']);
    expect([sshHosts(scopeOf(phases)), sshHosts(scopeOf(phases, '', ['studio']))]).toEqual([['studio'], []]);
  });

  const least = { columns: 60, rows: 16 };
  const good = { TERM: 'xterm-256color', LANG: 'en_US.UTF-8' };
  test.each<[string, Record<string, string>, number, Record<string, string>]>([
    ['all is well', good, 80, {}],
    ['dumb', { ...good, TERM: 'dumb' }, 80, { TERM: 'failure' }],
    ['no TERM', { LANG: 'C.UTF-8' }, 80, { TERM: 'failure' }],
    ['small', good, 59, { size: 'failure' }],
    ['LC_ALL outranks LANG', { ...good, LC_ALL: 'C' }, 80, { Unicode: 'warning' }],
    ['an empty LC_ALL does not', { ...good, LC_ALL: '' }, 80, {}],
    ['no locale', { TERM: 'xterm' }, 80, { Unicode: 'warning' }],
  ])('a terminal: %s', (_, environment, columns, expected) => {
    const found = terminalFindings({ isTerminal: true, columns, rows: 24 }, environment, least);
    const bad = found.filter((one) => weightOf(one) !== 'fine').map((one) => [one.what, weightOf(one)] as const);
    expect(Object.fromEntries(bad)).toEqual(expected);
    expect(found.find(({ what }) => what === 'copying')?.state).toBe('not checked');
  });

  test('a terminal’s colours and what is around it; no terminal at all', () => {
    const told = (environment: Record<string, string>, what: string) =>
      terminalFindings({ isTerminal: true, columns: 80, rows: 24 }, environment, least).find((one) => one.what === what)
        ?.found;
    expect(told({ NO_COLOR: '1' }, 'colours')).toContain('NO_COLOR');
    expect(told({ COLORTERM: 'truecolor' }, 'colours')).toBe('16 million');
    expect(told({ TERM: 'vt100' }, 'colours')).toContain('vt100 doesn’t say');
    expect(told({ TMUX: '/tmp/t', SSH_CONNECTION: '1' }, 'around it')).toBe('tmux, ssh');
    expect(terminalFindings({ isTerminal: false, columns: 0, rows: 0 }, {}, least).map((one) => one.state)).toEqual([
      'not checked',
    ]);
  });

  const there = { kind: 'there', isPrivate: true } as const;
  const fine: MachineFacts = {
    node: { version: '22.1.0', path: '/n' },
    data: { path: '/d', look: there, freeBytes: 1e9 },
    temporary: { path: '/tmp', freeBytes: 1e9 },
    sockets: { path: '/s', look: there, longestPath: '/s/x' },
  };
  test.each<[string, Partial<MachineFacts>, Record<string, string>]>([
    ['all is well', {}, {}],
    ['an old Node', { node: { version: '20.20.2', path: '/n' } }, { Node: 'failure' }],
    ['no pseudo-terminal', { terminalTrouble: 'no binary' }, { 'pseudo-terminal': 'failure' }],
    ['a full disk', { data: { path: '/d', look: there, freeBytes: 1e6 } }, { 'space for files of runs': 'failure' }],
    ['a full /tmp', { temporary: { path: '/tmp', freeBytes: 1e6 } }, { 'space for temporary files': 'warning' }],
    ['unknown space', { data: { path: '/d', look: there } }, {}],
    [
      'open data',
      { data: { path: '/d', look: { ...there, isPrivate: false }, freeBytes: 1e9 } },
      { 'data folder': 'warning' },
    ],
    [
      'read-only data',
      { data: { path: '/d', look: { ...there, unwritable: 'EROFS' }, freeBytes: 1e9 } },
      { 'data folder': 'failure' },
    ],
    [
      'data that is a file',
      { data: { path: '/d', look: { kind: 'no folder' }, freeBytes: 1e9 } },
      { 'data folder': 'failure' },
    ],
    [
      'no data yet',
      { data: { path: '/d', look: { kind: 'absent', nearest: '/', makeable: true }, freeBytes: 1e9 } },
      {},
    ],
    [
      'no data ever',
      { data: { path: '/d', look: { kind: 'absent', nearest: '/', makeable: false }, freeBytes: 1e9 } },
      { 'data folder': 'failure' },
    ],
    [
      'open sockets',
      { sockets: { path: '/s', look: { ...there, isPrivate: false }, longestPath: '/s' } },
      { 'socket folder': 'failure' },
    ],
    [
      'long sockets',
      { sockets: { path: '/s', look: there, longestPath: 'x'.repeat(105) } },
      { 'socket folder': 'failure' },
    ],
  ])('a machine: %s', (_, facts, expected) => {
    const found = machineFindings({ ...fine, ...facts }, { terminalSteps: ['a'], outputCapBytes: 256 * 1024 ** 2 });
    const bad = found.filter((one) => weightOf(one) !== 'fine');
    expect(Object.fromEntries(bad.map((one) => [one.what, weightOf(one)]))).toEqual(expected);
    for (const one of bad) expect(one.mend).toMatch(/\S/);
  });

  test.each([
    ['git version 2.39.5 (Apple Git-154)', '2.39.5'],
    ['GNU bash, version 3.2.57(1)-release', '3.2.57'],
    ['OpenSSH_9.2p1 Debian', '9.2'],
    ['v24.1.0', '24.1.0'],
    ['no figure', undefined],
  ])('a version in %s', (text, version) => expect(versionIn(text)).toBe(version));

  test('versions are compared by their figures; mends fit the platform', () => {
    expect([
      isOlder('2.9', '2.23'),
      isOlder('2.23.0', '2.23'),
      isOlder('10.0', '9.9.9'),
      isOlder('1', '1.0.1'),
    ]).toEqual([true, false, false, true]);
    expect(programMend('psql', 'macos')).toBe('Install it: brew install libpq');
    expect(programMend('psql', 'debian')).toBe('Install it: sudo apt install postgresql-client');
    expect(programMend('own-tool', 'debian')).toContain('PATH');
    expect([leastVersion({ name: 'ls', words: ['ls'] }), bash4Feature('ls')]).toEqual([undefined, undefined]);
  });
});

describe('asking this machine', () => {
  function programAt(name: string, script: string): string {
    const at = folder();
    writeFileSync(join(at, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(at, name), 0o755);
    return at;
  }
  const asks = (path: string, timeoutMs = 5_000) =>
    createAskCommand({ environment: { PATH: `${path}:/usr/bin:/bin` }, cwd: '/', timeoutMs });

  test.each<[string, string, Partial<ProgramAnswer>]>([
    ['prints', 'echo "git version 9.8.7"', { kind: 'there', version: '9.8.7' }],
    ['prints on the other stream', 'echo "git version 9.8.7" >&2', { kind: 'there', version: '9.8.7' }],
    ['fails', 'echo "no developer tools were found" >&2; exit 1', { trouble: 'no developer tools were found' }],
    ['fails and says nothing', 'exit 1', { trouble: 'fails when asked for its version' }],
    [
      'hangs, with what it started',
      'sleep 1000 & echo $$ > "$0.pid"; sleep 1000',
      { trouble: 'does not answer within 0.3 s' },
    ],
  ])('a program that %s', async (_, script, expected) => {
    const at = programAt('git', script);
    const need: ProgramNeed = { name: 'git', isKnown: true, users: { here: ['a'], hosts: [] } };
    const answer = await askProgram(need, {
      ask: asks(at, script.includes('sleep') ? 300 : 5_000),
      cwd: '/',
      searchPath: at,
    });
    expect(answer).toMatchObject({ path: join(at, 'git'), ...expected });
    const [pid] = readdirSync(at).filter((name) => name.endsWith('.pid'));
    if (pid !== undefined) expect(processGroup(Number(readFileSync(join(at, pid), 'utf8'))).members()).toEqual([]);
  });

  test('a program that is not known to be harmless is never started', async () => {
    const at = programAt('deploy', 'touch "$0.ran"');
    const need: ProgramNeed = { name: './deploy', isKnown: true, users: { here: ['a'], hosts: [] }, cwd: at };
    expect(await askProgram(need, { ask: asks(at), cwd: '/', searchPath: at })).toEqual({
      kind: 'there',
      path: join(at, 'deploy'),
    });
    expect(readdirSync(at)).toEqual(['deploy']);
    expect((await askProgram({ ...need, name: 'none' }, { ask: asks(at), cwd: '/', searchPath: at })).kind).toBe(
      'absent',
    );
  });

  test('a docker that hangs is asked three things at once and given up', async () => {
    const at = programAt('docker', 'exec sleep 1000');
    const before = performance.now();
    const answers = await askDocker(asks(at, 300));
    expect(Object.values(answers).map(({ kind }) => kind)).toEqual(['hangs', 'hangs', 'hangs']);
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test('a pseudo-terminal', async () => {
    expect(await tryTerminal({ cwd: '/', timeoutMs: 10_000 })).toBeUndefined();
    expect(await tryTerminal({ cwd: '/', timeoutMs: 0 })).toContain('no answer');
  });

  test('folders: private, open, a link, a file, absent; looking leaves nothing', async () => {
    const at = folder();
    expect(await lookAtFolder(at)).toEqual({ kind: 'there', isPrivate: true });
    expect(readdirSync(at)).toEqual([]);
    mkdirSync(join(at, 'open'));
    chmodSync(join(at, 'open'), 0o755);
    symlinkSync(at, join(at, 'open', 'link'));
    writeFileSync(join(at, 'file'), '');
    expect(await lookAtFolder(join(at, 'open'))).toEqual({ kind: 'there', isPrivate: false });
    expect(await lookAtFolder(join(at, 'open', 'link'))).toEqual({ kind: 'there', isPrivate: false });
    expect(await lookAtFolder(join(at, 'file'))).toEqual({ kind: 'no folder' });
    expect(await lookAtFolder(join(at, 'no', 'such'))).toEqual({ kind: 'absent', nearest: at, makeable: true });
    expect(existsSync(join(at, 'no'))).toBe(false);
    expect(await freeBytes(join(at, 'no', 'such'))).toBeGreaterThan(0);
  });

  test('at most so many at once, in their order', async () => {
    let running = 0;
    let most = 0;
    const release: (() => void)[] = [];
    const done = inTurns([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running--;
      return item * 10;
    });
    for (let at = 0; at < 5; at++) (await waitFor(() => release.shift()))();
    expect([await done, most]).toEqual([[10, 20, 30, 40, 50], 2]);
    expect(await inTurns([], 2, () => Promise.resolve(1))).toEqual([]);
  });
});

describe('the report', () => {
  const finding = (more: Partial<Finding>): Finding => ({
    group: 'commands',
    what: 'x',
    state: 'found',
    isNeeded: true,
    neededBy: [],
    ...more,
  });

  test('by group, what lacks first, with who needs it and the mend; the same words without colour', () => {
    const findings = [
      finding({ group: 'machine', what: 'Node', version: '22.1.0', path: '/n' }),
      finding({ what: 'git', version: '2.1', path: '/g' }),
      finding({ what: 'ls', path: '/ls' }),
      finding({ what: 'cat', path: '/cat' }),
      finding({
        what: 'conda',
        state: 'missing',
        found: 'not on the PATH',
        neededBy: ['a', 'b', 'c', 'd', 'e'],
        mend: 'Install it.',
      }),
      finding({
        what: 'ruff',
        state: 'missing',
        isNeeded: false,
        found: 'perhaps',
        neededBy: ['a'],
        mend: 'Install it.',
      }),
      finding({ what: 'mv', state: 'not checked', isNeeded: false, found: 'runs on studio' }),
    ];
    const lines = reportLines(findings, false);
    expect(lines).toEqual([
      'Commands',
      '  missing      conda  not on the PATH',
      '               for a, b, c and 2 more',
      '               → Install it.',
      '  missing?     ruff   perhaps',
      '               for a',
      '               → Install it.',
      '  found        git    2.1 · /g',
      '  found        ls cat',
      '  not checked  mv: runs on studio',
      '',
      'This machine',
      '  found        Node  22.1.0 · /n',
      '',
      '1 thing that is needed is missing, too old or unusable. 1 to look at (marked with ?).',
    ]);
    const colored = reportLines(findings, true);
    expect(colored.join('\n')).toContain('\u001b[31m');
    expect(colored.map((line) => line.replace(/\u001b\[\d+m/g, ''))).toEqual(lines);
    expect(reportLines([finding({})], false).at(-1)).toBe('Everything needed here is there.');
  });
});

function weightOf(finding: Finding): string {
  return isFailure(finding) ? 'failure' : isWarning(finding) ? 'warning' : 'fine';
}

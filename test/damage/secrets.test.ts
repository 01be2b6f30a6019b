import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { bin } from '../support/program.ts';
import { keys, packageDir } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { filesWith, formsOf, foundIn } from '../support/traces-of.ts';
import { waitFor } from '../support/wait-for.ts';

const node = join(packageDir, 'node_modules', '.bin', 'node');
const token = `tr0ub4dor/and+thr ee~'ü`;
const key = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'.repeat(2)}Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OQ==\n-----END KEY-----`;
/** What must be found nowhere: the secrets as they are, a line of the key, and the token in other clothes. */
const traces = [token, key, key.replaceAll('\n', '\r\n'), 'Zm9vYmFyYmF6cXV4MDEyMzQ1Njc4OQ==', ...formsOf(token)];

const book = (port: number) => `
version: 1
id: telling
title: Tells its secrets
vars:
  TOKEN: { secret: true, mask: encoded, about: What nobody may see }
  KEY: { secret: true, optional: true }
phases:
  - id: only
    title: Only
    env: { AUTH: 'Bearer \${TOKEN}' }
    steps:
      - id: pieces
        title: Byte by byte
        run: |
          for ((i = 0; i < \${#TOKEN}; i++)); do printf %s "\${TOKEN:i:1}"; done; echo
          for ((i = 0; i < \${#KEY}; i++)); do printf %s "\${KEY:i:1}"; done; echo
          printf '%s\\n' "$KEY" | sed 's/^/worker | /'
          printf '%s\\n' "$AUTH" >&2
          head -c 70000 /dev/zero | tr '\\0' x; printf '%s' "$TOKEN"; head -c 70000 /dev/zero | tr '\\0' y; echo
        undo: { run: 'echo "undoing with $TOKEN"', requires: 'echo "requires $TOKEN"', verify: 'echo "undone $TOKEN"' }
        unless: 'echo "unless $TOKEN"; false'
        verify: 'echo "verify $TOKEN"'
      - id: clothes
        title: In other clothes
        terminal: false
        readonly: true
        capture: SEEN
        run: |
          set -x; : "$TOKEN"; set +x
          for user in '' u u: user: x-token:; do printf '%s%s' "$user" "$TOKEN" | base64 -w0; echo; done
          "$RUNBOOK_NODE" -e '
            const t = process.env.TOKEN;
            console.log(encodeURIComponent(t), new URLSearchParams({ t }).toString(), JSON.stringify({ t }));
            console.log(Buffer.from(t).toString("hex"), Buffer.from("user:" + t).toString("base64url"));
            console.error(new Error("the server said " + encodeURIComponent(t).toLowerCase()));'
      - id: header
        title: A check that is answered with it
        check: { http: 'http://127.0.0.1:${port}/', headers: { X-Token: 'it is \${TOKEN}' }, body: '\${TOKEN}', match: '^never$' }
        within: 1s
        every: 1s
`;

/** A server that answers with what it was told, at a place where a shortened answer would cut it. */
async function mirror(context: { readonly onTestFinished: (fn: () => void) => void }): Promise<number> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes: Buffer) => {
      body += bytes.toString();
    });
    request.on('end', () => response.end(`${'.'.repeat(110)}${body} ${String(request.headers['x-token'])}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const isTraceable = () => {
  try {
    return (
      execFileSync('strace', ['-f', '--seccomp-bpf', '-e', 'trace=execve', 'true'], { stdio: 'pipe' }) !== undefined
    );
  } catch {
    return false;
  }
};

type Started = { readonly line: string; readonly argv: string; readonly environment: string };

/** Every program that was started, as strace wrote it down; bytes above ASCII and quotes are escaped there. */
function startedIn(file: string): readonly Started[] {
  return readFileSync(file, 'latin1')
    .split('\n')
    .filter((line) => line.includes('execve('))
    .map((line) => {
      const [, argv = '', environment = ''] = /execve\("[^"]*", (\[.*?\]), (\[.*)$/.exec(line) ?? [];
      return { line, argv, environment };
    });
}

test('without a screen: in no file, no argument, no other process’ environment, no report', async (context) => {
  const { tried, held } = underDamage(context, 'printed byte by byte, encoded, in errors, by a server', 'Secrets');
  const home = newHome(context);
  const name = home.write('telling.yaml', book(await mirror(context)));
  const environment = { TOKEN: token, KEY: key };
  const said: string[] = [];
  const isTraced = isTraceable();
  const strace = (file: string) =>
    isTraced ? ['strace', '-f', '-qq', '--seccomp-bpf', '-v', '-s', '100000', '-e', 'trace=execve', '-o', file] : [];
  const call = async (args: readonly string[], options: { readonly isTraced?: boolean } = {}) => {
    const file = join(home.workDir, '..', 'trace');
    const [program = '', ...rest] = [...(options.isTraced ? strace(file) : []), node, bin, ...args];
    const { PATH = '' } = process.env;
    const ended = await execa(program, rest, {
      cwd: home.workDir,
      env: { PATH, HOME: join(home.workDir, '..'), RUNBOOK_HOME: home.dataDir, ...environment },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    said.push(ended.stdout, ended.stderr);
    return ended;
  };
  const isNowhere = () => {
    tried();
    expect(filesWith(home.dataDir, traces)).toEqual([]);
    expect(foundIn(said.join('\n'), traces)).toEqual([]);
    held();
  };

  const rehearsed = await call(['run', name, '--dry-run']);
  expect(rehearsed).toMatchObject({ exitCode: 0, stderr: '' });
  const ran = await call(['run', name, '--json', '--yes'], { isTraced });
  expect(ran.stdout).toContain('no line of the body matches');
  expect(ran.exitCode).toBe(1);
  expect(home.output('telling', 'pieces').length).toBeGreaterThan(140_000);
  expect(home.events('telling').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(3);
  isNowhere();
  if (isTraced) {
    tried();
    const started = startedIn(join(home.workDir, '..', 'trace'));
    const marks = ['tr0ub4dor', 'MIIEvQIBADANBgkq'];
    expect(started.filter(({ argv }) => argv.includes('runner.js')).length).toBeGreaterThan(2);
    expect(started.filter(({ environment: of }) => of.includes('tr0ub4dor')).length).toBeGreaterThan(8);
    expect(started.filter(({ argv }) => marks.some((mark) => argv.includes(mark)))).toEqual([]);
    // The first two are the program itself, which was started with it.
    const others = started.slice(2).filter(({ environment: of }) => marks.some((mark) => of.includes(mark)));
    expect(others.filter(({ argv }) => /runner\.js|docker|git/.test(argv))).toEqual([]);
    held();
  }

  for (const args of [
    ['status', name, '--json'],
    ['list', '--json'],
    ['run', name, '--yes'],
    ['rollback', name, '--yes'],
  ]) {
    await call(args);
    isNowhere();
  }
  expect(home.events('telling').map(({ type }) => type)).toContain('RollbackFinished');
});

test('at the screen: typed, in notes, in a preview, in the editor, after coming back', async (context) => {
  underDamage(context, 'typed by the operator, also where it does not belong', 'Secrets');
  const home = newHome(context);
  const typed = 'tr0ub4dor-and-three';
  const wrong = 'tr0ub4dor-and-wrong';
  const own = 'environment-has-this';
  const secrets = [typed, wrong, own];
  const name = home.write('typed.yaml', typing);
  const before = home.write('settings.env', `USER=rob\nTOKEN=${typed}\nMODE=old\n`);
  const editor = home.write('editor.sh', '#!/bin/sh\nenv > "$(dirname "$0")/seen"\n');
  execFileSync('chmod', ['755', editor]);
  const options = { environment: { OTHER: own, VISUAL: editor } };
  const program = home.open([name], options);
  await program.waitForScreen('▸○ Show it');
  program.press(keys.enter);
  await program.waitForScreen(/TOKEN is needed/);
  program.press('abc');
  program.press(keys.enter);
  await program.waitForScreen(/fewer than 4 characters/);
  program.press('\x15');
  program.press(wrong);
  program.press(keys.enter);
  await program.waitForScreen(/Show it +failed/);
  program.press('v');
  await program.waitForScreen(/Variables/i);
  await typeIntoVariable(program, typed);
  expect(foundIn(program.bytes(), secrets)).toEqual([]);
  program.press('m');
  await program.waitForScreen(/note/i);
  program.press(`we used ${typed} after ${wrong} and ${own}`);
  program.press(keys.enter);
  const noted = () => home.events('typed').find(({ type }) => type === 'NoteAdded');
  await program.waitForScreen((text) => noted() !== undefined && !text.includes('⏎ accept'));
  expect(noted()?.data.text).toMatch(/^we used \S+ after \S+ and \S+$/);
  // The field for a note shows what is typed into it; nothing shows it from here on.
  const typedBytes = program.bytes().length;
  program.press('e');
  await program.waitForScreen(() => program.bytes().subarray(typedBytes).includes('\x1b[?1049h'));
  expect(readFileSync(join(home.workDir, 'seen'), 'utf8')).not.toContain(own);
  program.press(keys.enter);
  await program.waitForScreen(/Show it +\d/);
  program.press(keys.down);
  await program.waitForScreen(/-MODE=old/);
  program.press('q');
  await program.exited();
  expect(foundIn(program.bytes().subarray(typedBytes), secrets)).toEqual([]);
  expect(filesWith(home.dataDir, secrets)).toEqual([]);
  expect(readFileSync(before, 'utf8')).toContain(typed);

  const again = home.open([name], options);
  // A file's difference may hold what has not been typed yet, and so can't be told from any other text.
  await again.waitForScreen(/▸○ Change the mode[\s\S]*once TOKEN is known/);
  again.press(keys.up);
  again.press('r');
  await again.waitForScreen(/Roll back/);
  again.press(keys.enter);
  await again.waitForScreen(/TOKEN is needed/);
  again.press(typed);
  again.press(keys.enter);
  await again.waitForScreen(() => home.events('typed').some(({ type }) => type === 'RollbackFinished'));
  await again.waitForScreen(/↩ rolled back · Only/);
  again.press(keys.escape);
  await again.waitForScreen(/ a run on /);
  again.press('q');
  await again.exited();
  expect(foundIn(again.bytes(), secrets)).toEqual([]);
  expect(filesWith(home.dataDir, secrets)).toEqual([]);
});

const typing = `
version: 1
id: typed
title: Is asked for it
vars: { TOKEN: { secret: true }, OTHER: { secret: true } }
phases:
  - id: only
    title: Only
    steps:
      - id: show
        title: Show it
        run: 'echo "$TOKEN $OTHER"; test "$TOKEN" = tr0ub4dor-and-"three"'
        undo: 'echo "undo $TOKEN"'
      - id: mode
        title: Change the mode
        edit: { file: settings.env, replace: MODE=old, with: MODE=new }
`;

async function typeIntoVariable(program: ReturnType<TestHome['open']>, text: string): Promise<void> {
  program.press(keys.enter);
  await program.waitForScreen(/> /);
  program.press(text);
  program.press(keys.enter);
  await program.waitForScreen((shown) => !shown.includes('> ') && shown.includes('Esc close'));
  program.press(keys.escape);
  await program.waitForScreen((shown) => !shown.includes('Esc close'));
}

test('what ends without its secret is proven when that is there again', { timeout: 60_000 }, async (context) => {
  underDamage(context, 'the screen killed, and opened again without the secret', 'Secrets', 'Steps 1', 'No screen 2');
  const home = newHome(context);
  const token = { TOKEN: 's3cretvalue' };
  const file = home.write('proven.yaml', proven);
  const types = () => home.events('proven').map(({ type }) => type);
  await home.run(['run', file, '--yes'], { environment: token });
  const opened = types().filter((type) => type === 'RunOpened').length;
  const without = home.run(['run', file, '--yes']);
  await waitFor(() => types().filter((type) => type === 'RunOpened').length > opened);
  home.write('go', '');
  expect(await without).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('TOKEN has no value. Put it into the environment: TOKEN=…'),
  });
  expect(types()).toContain('AttemptEnded');
  expect(types()).not.toContain('AttemptVerified');

  const program = home.open([file]);
  await program.waitForScreen(/It has ended, and its verify waits for TOKEN\. v: type it\./);
  program.press('a');
  await program.waitForScreen(/The verify of “Long” waits for TOKEN/);
  program.press('v');
  await program.waitForScreen(/Variables/i);
  await typeIntoVariable(program, token.TOKEN);
  await program.waitForScreen(/✔ Long/);
  program.press('q');
  await program.exited();
  const verified = home.events('proven').filter(({ type }) => type === 'AttemptVerified');
  expect(verified.map(({ data }) => data.answer)).toEqual([expect.objectContaining({ held: true })]);
});

const proven = `
version: 1
id: proven
title: Is proven with it
vars: { TOKEN: { secret: true } }
phases:
  - id: only
    title: Only
    steps:
      - id: long
        title: Long
        readonly: true
        run: 'kill -9 $(ps -o ppid= -p $PPID); until test -e go; do sleep 0.01; done'
        verify: test "$TOKEN" = s3cretvalue
`;

test('no checklist is asked without a secret', async (context) => {
  underDamage(context, 'a run gone on with without the secret of its checklist', 'Secrets');
  const home = newHome(context);
  const token = { TOKEN: 's3cretvalue' };
  const file = home.write('listed.yaml', listed);
  const asked = () => home.events('listed').filter(({ type }) => type === 'ItemAsked').length;
  expect(await home.run(['run', file], { environment: token })).toMatchObject({ code: 1 });
  home.write('green', '');
  expect(await home.run(['run', file])).toMatchObject({
    code: 2,
    stdout: expect.stringContaining('TOKEN has no value. Put it into the environment: TOKEN=…'),
  });
  expect(asked()).toBe(1);
  expect(await home.run(['run', file], { environment: token })).toMatchObject({ code: 0 });
});

const listed = `
version: 1
id: listed
title: Has a list
vars: { TOKEN: { secret: true } }
phases:
  - id: only
    title: Only
    steps: [{ id: a, title: A, run: 'true', readonly: true }]
    checklist: [{ id: green, text: Green, run: 'test -e green && test "$TOKEN" = s3cretvalue' }]
`;

test('what can’t be kept secret is refused before anything is written', async (context) => {
  const { tried, held } = underDamage(
    context,
    'given where it would be seen, or too short to mask',
    'Secrets',
    'Input',
  );
  const home = newHome(context);
  const secret = 'tr0ub4dor-and-three';
  const file = (vars: string) => home.write('refused.yaml', refused(vars));
  const cases: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>, RegExp])[] = [
    ['TOKEN: { secret: true }', ['--var', `TOKEN=${secret}`], {}, /TOKEN is a secret, and an argument is seen/],
    ['TOKEN: { secret: true }', [], { TOKEN: 'abc' }, /TOKEN has fewer than 4 characters/],
    ['TOKEN: { secret: true }', [], { TOKEN: 'abc\n\n' }, /TOKEN has fewer than 4 characters/],
    [
      'TOKEN: { secret: true }, URL: {}',
      ['--var', `URL=https://x:${secret}@h`],
      { TOKEN: secret },
      /stands in the value of URL/,
    ],
    ['TOKEN: { secret: true }, URL: "x-${TOKEN}"', [], { TOKEN: secret }, /a default is written down/],
    ['TOKEN: { mask: encoded }', [], {}, /TOKEN is no secret, and nothing of it is masked/],
    ['TOKEN: { secret: true, mask: all }', [], {}, /plain|encoded/],
  ];
  for (const [vars, args, environment, why] of cases) {
    tried();
    const { code, stdout, stderr } = await home.run(['run', file(vars), ...args], { environment });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(why) });
    expect(foundIn(stdout + stderr, [secret])).toEqual([]);
    expect(existsSync(join(home.dataDir, 'runs', 'refused'))).toBe(false);
    held();
  }
});

const refused = (vars: string) => `
version: 1
id: refused
title: Refused
vars: { ${vars} }
phases: [{ id: only, title: Only, steps: [{ id: a, title: A, run: 'true', readonly: true }] }]
`;

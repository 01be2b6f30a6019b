import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, describe, expect, test } from 'vitest';
import { everythingIn } from '../support/attempt.ts';
import { bookText } from '../support/book.ts';
import { bin, type Desk, deskWith } from '../support/program.ts';
import { waitFor } from '../support/wait-for.ts';

const desks: Desk[] = [];

afterEach(() => {
  for (const desk of desks.splice(0)) desk.dispose();
});

function desk(phases?: string, head = ''): Desk {
  const made = deskWith(phases === undefined ? undefined : bookText(phases, head));
  desks.push(made);
  return made;
}

const two = `
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: echo a >> log, terminal: false, undo: echo undo-a >> log }
  - id: two
    title: Two
    steps:
      - { id: b, title: B, run: echo b >> log; test ! -e broken, terminal: false, undo: echo undo-b >> log; test ! -e stuck }
`;

describe('exit statuses', () => {
  test('0, then 3: a run that succeeds, and one that is rolled back', async () => {
    const at = desk(two);
    const run = await at.call(['run', 'book.yaml', '--yes']);
    expect([run.status, run.out.split('\n').at(-1)]).toEqual([0, '2/2 · every step is done']);
    const back = await at.call(['rollback', 'book.yaml', '--yes']);
    expect([back.status, back.out.split('\n').at(-1)]).toEqual([3, 'Rolled back.']);
    expect(at.read('log')).toBe('a\nb\nundo-b\nundo-a\n');
  });

  test('1, then 4, then 3: a run that fails, an undo that fails, and one that is tried again', async () => {
    const at = desk(two);
    at.write('broken', '');
    at.write('stuck', '');
    const run = await at.call(['run', 'book.yaml']);
    expect([run.status, run.out]).toEqual([1, expect.stringContaining('“B” failed · exit status 1, wanted 0')]);
    const stuck = await at.call(['rollback', 'book.yaml', '--yes']);
    expect([stuck.status, stuck.out]).toEqual([4, expect.stringContaining('Partly rolled back. It stopped at “B”')]);
    const held = await at.call(['run', 'book.yaml', '--yes']);
    expect([held.status, held.out]).toEqual([1, expect.stringContaining('A rollback is under way')]);
    await execa('rm', [join(at.folder, 'stuck')]);
    expect((await at.call(['rollback', 'book.yaml', '--yes'])).status).toBe(3);
    expect(at.read('log')).toBe('a\nb\nundo-b\nundo-b\nundo-a\n');
  });

  test.each([
    ['a confirmation', "{ id: a, title: A, run: 'true', confirm: true, readonly: true }", 'Run “A” now?'],
    ['a manual step', '{ id: a, title: A, manual: Look, readonly: true }', 'is done by a person'],
    ['a terminal', "{ id: a, title: A, interactive: 'true', readonly: true }", 'wants a person at the terminal'],
  ])('5: %s wants a person', async (_, step, why) => {
    const at = desk(`  - { id: one, title: One, steps: [${step}] }`);
    const run = await at.call(['run', 'book.yaml']);
    expect([run.status, run.out]).toEqual([5, expect.stringContaining(why)]);
  });

  test('5: a rollback that nobody confirms; 1: one that has nothing to do', async () => {
    const at = desk(two);
    expect(await at.call(['rollback', 'book.yaml', '--yes'])).toMatchObject({
      status: 1,
      err: expect.stringContaining('nothing to roll back'),
    });
    await at.call(['run', 'book.yaml', '--to', 'a']);
    const back = await at.call(['rollback', 'book.yaml']);
    expect([back.status, back.out]).toEqual([5, expect.stringContaining('has to be confirmed')]);
    expect(back.out).toContain('echo undo-a >> log');
    expect(at.read('log')).toBe('a\n');
  });

  test('130: interrupted; what runs goes on, and the next call adopts it', async () => {
    const at = desk(
      "  - { id: one, title: One, steps: [{ id: a, title: A, run: 'echo a >> log; until test -e go; do sleep 0.05; done', terminal: false, readonly: true }] }",
    );
    const { PATH = '', HOME = '' } = process.env;
    const child = execa(process.execPath, [bin, 'run', 'book.yaml'], {
      cwd: at.folder,
      env: { PATH, HOME, RUNBOOK_HOME: at.home },
      extendEnv: false,
      reject: false,
    });
    const journal = () => {
      const [run = ''] = readdirSync(join(at.home, 'runs', 'book'));
      return at.read(`home/runs/book/${run}/journal.ndjson`);
    };
    await waitFor(() => at.read('log') === 'a\n' && journal().includes('"AttemptSpawned"'), { what: 'the step runs' });
    child.kill('SIGINT');
    const ended = await child;
    expect([ended.exitCode, ended.stdout]).toEqual([130, expect.stringContaining('goes on running: A')]);
    at.write('go', '');
    expect((await at.call(['run', 'book.yaml'])).status).toBe(0);
    expect(at.read('log')).toBe('a\n');
  });
});

describe('2: a broken file or a wrong word gives one clear message, and changes nothing', () => {
  const broken = `version: 1
id: book
title: Book
phases:
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'true', verfy: x }
      - { id: a, title: A, run: 'true', needs: [nobody] }
      - { id: c, title: C }
`;

  test('all errors of a runbook in one go', async () => {
    const at = desk();
    at.write('book.yaml', broken);
    for (const command of ['check', 'run']) {
      const { status, out, err } = await at.call([command, 'book.yaml']);
      expect(status).toBe(2);
      const text = out + err;
      for (const part of ['book.yaml:8:', 'did you mean `verify`', 'book.yaml:9:', 'book.yaml:10:'])
        expect(text.replaceAll('"', '`')).toContain(part);
    }
    expect(existsSync(join(at.home, 'runs'))).toBe(false);
  });

  test.each([
    ['a runbook that is meant', ['run', 'practise'], 'did you mean "practice"?'],
    ['a file that is missing', ['run', './none.yaml'], 'There is no file'],
    ['a phase', ['run', 'book.yaml', '--phase', 'ones'], 'There is no phase "ones"; did you mean "one"?'],
    ['a step', ['run', 'book.yaml', '--to', 'migrate'], 'There is no step "migrate"; there are a, b.'],
    ['a phase to roll back', ['rollback', 'book.yaml', '--phase', 'tow'], 'did you mean "two"?'],
    ['an option', ['run', 'book.yaml', '--yess'], '--yes'],
    ['a variable', ['run', 'book.yaml', '--var', 'X=1'], 'The runbook has no variable X'],
    ['a value', ['run', 'book.yaml', '--var', 'X'], 'NAME=VALUE'],
  ])('%s', async (_, args, message) => {
    const at = desk(two);
    if (args[0] === 'rollback') await at.call(['run', 'book.yaml']);
    const { status, out, err } = await at.call(args);
    expect([status, err]).toEqual([2, expect.stringContaining(message)]);
    expect(out).toBe('');
  });

  test('a project file', async () => {
    const at = desk(two);
    at.write('runbook.yaml', 'defualt: book\n');
    const { status, err } = await at.call(['list']);
    expect([status, err]).toEqual([2, expect.stringContaining('runbook.yaml:1:1')]);
  });

  test('a variable without a value, and one that can’t be', async () => {
    const at = desk(two, "vars: { NAME: { pattern: '[a-z]+' } }");
    const missing = await at.call(['run', 'book.yaml', '--yes']);
    expect([missing.status, missing.out]).toEqual([2, expect.stringContaining('NAME has no value')]);
    expect((await at.call(['run', 'book.yaml', '--var', 'NAME=9'])).err).toContain('it has to match');
    expect((await at.call(['run', 'book.yaml', '--var', 'NAME=abc'])).status).toBe(0);
  });

  test('a journal: it is only read, the line is named, and every byte stays', async () => {
    const at = desk(two);
    await at.call(['run', 'book.yaml', '--to', 'a']);
    const runs = join(at.home, 'runs', 'book');
    const journal = `home/runs/book/${readdirSync(runs)[0]}/journal.ndjson`;
    const text = at.read(journal).replace('"seq":4', '"seq":7');
    at.write(journal, text);
    const { status, out } = await at.call(['run', 'book.yaml', '--yes']);
    expect([status, out]).toEqual([2, expect.stringMatching(/line 4 of .* is damaged/)]);
    expect(at.read(journal)).toBe(text);
    const told = await at.call(['status', 'book.yaml']);
    expect([told.status, told.out]).toEqual([2, expect.stringMatching(/: damaged, .*\n.*nobody knows how it went on/)]);
    const data = await at.call(['status', 'book.yaml', '--json']);
    expect(JSON.parse(data.out)).toMatchObject({ status: 'damaged', damage: { line: 4 } });
    at.write(journal, `x${text}`);
    const first = await at.call(['run', 'book.yaml', '--yes']);
    expect([first.status, first.err]).toEqual([2, expect.stringContaining('journal.ndjson:1 is damaged')]);
    expect(at.read('log')).toBe('a\n');
  });

  test('a journal behind the end of its run: whether it still succeeded is not known, and no other run begins', async () => {
    const at = desk(two);
    expect((await at.call(['run', 'book.yaml', '--yes'])).status).toBe(0);
    const runs = join(at.home, 'runs', 'book');
    const journal = `home/runs/book/${readdirSync(runs)[0]}/journal.ndjson`;
    at.write(journal, `${at.read(journal)}{"seq":\n`);
    const { status, out } = await at.call(['run', 'book.yaml', '--yes']);
    expect([status, out]).toEqual([2, expect.stringContaining('is damaged')]);
    expect(readdirSync(runs)).toHaveLength(1);
  });
});

describe('run', () => {
  test('--phase and --to end where they say, and the next call goes on from there', async () => {
    const at = desk(two);
    expect((await at.call(['run', 'book.yaml', '--phase', 'one'])).out).toContain('every step of the phase is done');
    expect(at.read('log')).toBe('a\n');
    expect((await at.call(['run', 'book.yaml', '--to', 'b'])).out).toContain('“B” is done');
    expect(at.read('log')).toBe('a\nb\n');
  });

  test('a phase that was rolled back is done again, the phases before it are not', async () => {
    const at = desk(two);
    await at.call(['run', 'book.yaml']);
    expect((await at.call(['rollback', 'book.yaml', '--phase', 'two', '--yes'])).status).toBe(3);
    expect((await at.call(['run', 'book.yaml'])).status).toBe(0);
    expect(at.read('log')).toBe('a\nb\nundo-b\nb\n');
  });

  test('--json is JSON line by line, the journal first and the result last', async () => {
    const at = desk(two);
    const { status, out } = await at.call(['run', 'book.yaml', '--json']);
    const lines = out.split('\n').map((line) => JSON.parse(line) as { readonly type: string; readonly seq?: number });
    expect(status).toBe(0);
    expect(lines.slice(0, -1).map((line) => line.seq)).toEqual(lines.slice(0, -1).map((_, index) => index + 1));
    expect(lines.at(-1)).toEqual({
      type: 'result',
      status: 'succeeded',
      exit: 0,
      why: 'every step is done',
      done: 2,
      total: 2,
    });
  });

  test('--dry-run shows every command, executes nothing but what is marked safe, and writes nothing', async () => {
    const at = desk(`
  - id: one
    title: One
    steps:
      - { id: a, title: A, run: echo a >> log, unless: { run: echo asked >> safe; false, safe: true }, undo: 'true' }
      - { id: b, title: B, run: echo b >> log, unless: echo no >> log, verify: echo no >> log, undo: 'true' }
      - { id: s, title: S, service: echo s >> log }
    gate: Go on?
  - { id: two, title: Two, steps: [{ id: m, title: M, manual: Look }] }
`);
    for (const limits of [
      ['--phase', 'nope'],
      ['--phase', 'two', '--to', 'a'],
    ])
      expect((await at.call(['run', 'book.yaml', '--dry-run', ...limits])).status, limits.join(' ')).toBe(2);
    const { status, out } = await at.call(['run', 'book.yaml', '--dry-run']);
    expect([status, at.read('log'), at.read('safe')]).toEqual([0, '', 'asked\n']);
    for (const part of ['$ echo a >> log', '$ echo b >> log', '$ echo s >> log', 'dry run: 4 steps']) {
      expect(out).toContain(part);
    }
    expect(existsSync(join(at.home, 'runs'))).toBe(false);
  });

  test('--yes records that nobody but the flag accepted', async () => {
    const at = desk(
      '  - { id: one, title: One, danger: true, steps: [{ id: a, title: A, manual: Look, confirm: true }] }',
    );
    const { status, out } = await at.call(['run', 'book.yaml', '--yes', '--json']);
    expect(status).toBe(0);
    const accepted = out.split('\n').flatMap((line) => {
      const event = JSON.parse(line) as { readonly type: string; readonly accepted?: string };
      return event.accepted === undefined ? [] : [[event.type, event.accepted]];
    });
    expect(accepted).toEqual([
      ['Confirmed', '--yes'],
      ['Confirmed', '--yes'],
      ['ManualDone', '--yes'],
    ]);
  });

  test('a watch in an earlier phase is waited for', async () => {
    const at = desk(`
  - { id: one, title: One, steps: [{ id: soak, title: Soak, watch: { check: 'true', every: 200ms, for: 600ms } }] }
  - { id: two, title: Two, steps: [{ id: b, title: B, run: echo b >> log, terminal: false, readonly: true }] }
`);
    const { status, out } = await at.call(['run', 'book.yaml']);
    expect([status, at.read('log')]).toEqual([0, 'b\n']);
    expect(out.split('\n').at(-1)).toBe('2/2 · every step is done');
  });

  test('a secret from the environment reaches its command and nothing else', async () => {
    const secret = 'tr0ub4dor-and-3';
    const at = desk(
      `  - id: one
    title: One
    steps:
      - { id: a, title: A, run: 'test "$TOKEN" = ${secret.slice(0, 9)}"${secret.slice(9)}"; echo it is $TOKEN', capture: SEEN, verify: 'echo $TOKEN; false', readonly: true }`,
      'vars: { TOKEN: { secret: true } }',
    );
    const missing = await at.call(['run', 'book.yaml']);
    expect([missing.status, missing.out]).toEqual([2, expect.stringContaining('TOKEN')]);
    const { status, out, err } = await at.call(['run', 'book.yaml'], { TOKEN: secret });
    expect([status, out]).toEqual([1, expect.stringContaining('it is ***')]);
    expect(out + err + everythingIn(at.home)).not.toContain(secret);
    expect((await at.call(['status', 'book.yaml', '--json'])).out).not.toContain(secret);
    expect((await at.call(['run', 'book.yaml'], { TOKEN: 'abc' })).err).toContain('fewer than 4 characters');
  });
});

describe('looking', () => {
  test('status says how it stands, also as JSON; reset puts it aside', async () => {
    const at = desk(two);
    expect((await at.call(['status', 'book.yaml'])).out).toBe('book: no run');
    await at.call(['run', 'book.yaml', '--to', 'a']);
    expect((await at.call(['status', 'book.yaml'])).out).toContain('Book: waiting, 1/2');
    expect(JSON.parse((await at.call(['status', 'book.yaml', '--json'])).out)).toMatchObject({
      runbook: 'book',
      status: 'waiting',
      progress: { done: 1, total: 2 },
      current: 'b',
      phases: [
        { id: 'one', status: 'done' },
        { id: 'two', status: 'pending' },
      ],
    });
    expect((await at.call(['reset', 'book.yaml', '--note', 'again'])).out).toContain('Put aside');
    expect((await at.call(['status', 'book.yaml'])).out).toBe('book: no run');
    expect(await at.call(['reset', 'book.yaml'])).toMatchObject({ status: 1, err: expect.stringContaining('no run') });
    expect((await at.call(['run', 'book.yaml', '--to', 'a'])).status).toBe(0);
    expect(at.read('log')).toBe('a\na\n');
    expect(readdirSync(join(at.home, 'runs', 'book'))).toHaveLength(2);
  });

  test('list names what is here, with what state it is in', async () => {
    const at = desk();
    mkdirSync(join(at.folder, 'runbooks'));
    writeFileSync(join(at.folder, 'runbooks', 'deploy.yaml'), bookText(two));
    writeFileSync(join(at.folder, 'runbooks', 'other.yaml'), 'nonsense');
    await at.call(['run', 'deploy', '--to', 'a']);
    const { status, out } = await at.call(['list']);
    expect(status).toBe(0);
    expect(out).toMatch(/^deploy\s+waiting\s+Book$/m);
    expect(out).toMatch(/^other\s+no run\s+broken/m);
    expect(out).toMatch(/^practice\s/m);
    const rows = JSON.parse((await at.call(['list', '--json'])).out) as { readonly name: string }[];
    expect(rows.map((row) => row.name)).toContain('deploy');
  });

  test('check without names takes all that can be named', async () => {
    const at = desk();
    const { status, out } = await at.call(['check']);
    expect([status, out]).toEqual([0, expect.stringContaining('practice.yaml')]);
  });

  test('help teaches, a place where nothing can be written is no fault of looking', async () => {
    const at = desk(two);
    const help = await at.call(['--help']);
    expect([help.status, help.out]).toEqual([0, expect.stringContaining('Exit status: 0 succeeded')]);
    at.write('file', '');
    const nowhere = { RUNBOOK_HOME: join(at.folder, 'file', 'below') };
    expect(await at.call(['check', 'book.yaml'], nowhere)).toMatchObject({ status: 0, err: '' });
  });

  test('without a terminal there is no screen, and it says what there is', async () => {
    const { status, err } = await desk(two).call(['book.yaml']);
    expect([status, err]).toEqual([2, expect.stringContaining('The screen needs a terminal')]);
  });
});

test('an edited definition of a run that has done nothing is taken, with the values that came with it', async () => {
  const at = desk(two);
  at.write('broken', '');
  expect((await at.call(['reset', 'book.yaml'])).status).toBe(1);
  const gated = two.replace('echo a >> log', "'false'").replace('title: A,', 'title: A, confirm: true,');
  at.write('book.yaml', bookText(gated));
  expect((await at.call(['run', 'book.yaml'])).status).toBe(5);
  at.write('book.yaml', bookText(two.replace('echo a', 'echo $WORD'), 'vars: { WORD: { default: word } }'));
  expect((await at.call(['run', 'book.yaml', '--to', 'a'])).status).toBe(0);
  expect(at.read('log')).toBe('word\n');
});

test('an older Node starts the program by the one it brings along', async () => {
  const old = '/usr/bin:/usr/local/bin:/bin';
  const found = await execa('node', ['--version'], { env: { PATH: old }, extendEnv: false, reject: false });
  const { stdout, exitCode } = await execa('node', [bin, 'list'], {
    env: { PATH: old, HOME: '/tmp', RUNBOOK_HOME: '/tmp/rb-none' },
    extendEnv: false,
    reject: false,
  });
  // Where the system has no Node at all there is nothing to prove.
  if (found.failed) return;
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^practice/m)]);
});

import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const editorKiller = fileURLToPath(new URL('../fixtures/kill-editor.mjs', import.meta.url));
const sockets = join('/tmp', `runbook-${userInfo().uid}`);

const writerKiller = fileURLToPath(new URL('../fixtures/kill-writer.mjs', import.meta.url));

/** Goes on until a file `go-ID` is there. */
const book = (id: string) => `
version: 1
id: ${id}
title: Book ${id}
phases:
  - id: only
    title: Only
    steps:
      - { id: wait, title: Wait for it, run: 'echo begun; until test -e go-${id}; do sleep 0.05; done', undo: 'true' }
`;

/** What a file is called while it is written is what another one is called for good. */
const editedName = 'settings.4194304-0badcafe.tmp';
const editing = `
version: 1
id: editing
title: Editing
phases:
  - id: only
    title: Only
    steps:
      - { id: change, title: Change it, edit: { file: ${editedName}, replace: old, with: new } }
`;

type Left = { readonly what: string; readonly path?: string; readonly found: string; readonly mend: string };
type Cleaned = { readonly outcome: string; readonly what: string; readonly path?: string };

/** What doctor says of what crashes left, as far as it is of this home. */
async function leftIn(home: TestHome): Promise<readonly Left[]> {
  const { code, stdout, stderr } = await home.run(['doctor', 'practice', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly (Left & { readonly group: string })[] };
  return findings.filter((finding) => finding.group === 'crash' && !isOfOthers(home, finding));
}

async function clean(home: TestHome): Promise<readonly Cleaned[]> {
  const { code, stdout, stderr } = await home.run(['doctor', '--clean', '--json']);
  expect([code, stderr], stdout).toEqual([0, '']);
  return (JSON.parse(stdout) as readonly Cleaned[]).filter((one) => !isOfOthers(home, one));
}

/** Sockets and runners are looked for on the whole machine, where other tests begin and end theirs meanwhile. */
function isOfOthers(home: TestHome, { what, path }: Pick<Left, 'what' | 'path'>): boolean {
  return what.includes('other runs') || (what === 'runner without a run' && path?.startsWith(home.dataDir) !== true);
}

const names = (left: readonly { readonly what: string }[]) => left.map(({ what }) => what).toSorted();

function attemptDir(home: TestHome, id: string): string {
  const attempts = join(home.runDir(id), 'attempts');
  return join(attempts, readdirSync(attempts).toSorted().at(-1) ?? '');
}

function pidIn(folder: string, file: string, key: string): number {
  const value = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, { readonly pid: number }>;
  return value[key]?.pid ?? Number.NaN;
}

function socketsOf(runDir: string): readonly string[] {
  const prefix = createHash('sha256').update(runDir).digest('hex').slice(0, 16);
  return readdirSync(sockets).filter((name) => name.startsWith(prefix));
}

/** A home whose dead sockets go with it: the folder they are in is everybody's. */
function homeFor(context: Parameters<typeof newHome>[0]): TestHome {
  const home = newHome(context);
  // Called before the home is removed, the last one first.
  context.onTestFinished(async () => {
    for (const id of ['live', 'crashed'].filter((one) => existsSync(join(home.dataDir, 'runs', one)))) {
      for (const run of readdirSync(join(home.dataDir, 'runs', id)))
        for (const name of socketsOf(join(home.dataDir, 'runs', id, run))) rmSync(join(sockets, name), { force: true });
    }
  });
  return home;
}

/** Every file of a run, with its inode and its text; but what is measured goes on being written. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('usage.ndjson'))
    .toSorted()
    .map((name) => {
      const path = join(folder, name);
      const { ino } = statSync(path);
      return `${name} ${ino} ${lstatSync(path).isFile() ? readFileSync(path, 'utf8') : ''}`;
    });
}

async function begin(home: TestHome, id: string): Promise<PtyProgram> {
  const program = home.open([home.write(`${id}.yaml`, book(id))]);
  await program.waitForScreen('Wait for it');
  program.press('a');
  await waitFor(() => home.output(id, 'wait').includes('begun'), { what: `the command of ${id} has begun` });
  await waitFor(() => existsSync(join(attemptDir(home, id), 'command.json')));
  // The last that is written while it runs.
  await waitFor(() => home.events(id).some(({ type }) => type === 'AttemptSpawned'));
  return program;
}

/** kill -9 of the screen, of the runner, and of all of the command; returns the pid of the screen. */
async function crash(home: TestHome, id: string, program: PtyProgram): Promise<number> {
  const folder = attemptDir(home, id);
  const [runner, command] = [pidIn(folder, 'started.json', 'runner'), pidIn(folder, 'command.json', 'process')];
  const screen = lockedBy(home, id);
  // None may see another end.
  for (const pid of [screen, runner]) process.kill(pid, 'SIGSTOP');
  process.kill(-command, 'SIGKILL');
  for (const pid of [screen, runner]) process.kill(pid, 'SIGKILL');
  program.dispose();
  await waitFor(() => [screen, runner, command].every((pid) => !isThere(pid)), { what: 'all three are gone' });
  return screen;
}

function lockedBy(home: TestHome, id: string): number {
  return (JSON.parse(readFileSync(join(home.runDir(id), 'lock'), 'utf8')) as { readonly pid: number }).pid;
}

/** A file that stopped growing an hour ago. */
function old(path: string, text = 'half'): string {
  writeFileSync(path, text);
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(path, hourAgo, hourAgo);
  return path;
}

/** A run as it is left where its maker dies before it begins it. */
function halfMade(home: TestHome, text = book('crashed')): string {
  const folder = join(home.dataDir, 'runs', 'crashed', '2026-01-01T00-00-00Z-aaaa');
  mkdirSync(join(folder, 'attempts'), { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'runbook.yaml'), text);
  const hourAgo = Date.now() / 1_000 - 3_600;
  utimesSync(folder, hourAgo, hourAgo);
  return folder;
}

test('what a crash left is told, cleaned, and gone; the run opens, and a live one beside it goes on', {
  timeout: 90_000,
}, async (context) => {
  const { tried, held } = underDamage(context, 'what a crash left, cleaned by doctor', 'No screen 2', 'Journal 4');
  const [home, other] = [homeFor(context), homeFor(context)];
  const live = await begin(home, 'live');
  const dead = await begin(home, 'crashed');
  const elsewhere = await begin(other, 'crashed');
  tried();
  const pid = await crash(home, 'crashed', dead);
  await crash(other, 'crashed', elsewhere);
  const run = home.runDir('crashed');
  const kept = filesOf(run).filter((line) => !line.startsWith('lock '));
  old(join(attemptDir(home, 'crashed'), `command.json.${pid}-0badcafe.tmp`));
  const half = halfMade(home);
  const untouched = () => ({ live: filesOf(home.runDir('live')), other: filesOf(other.dataDir) });
  const before = untouched();
  expect(
    [socketsOf(run), socketsOf(other.runDir('crashed')), socketsOf(home.runDir('live'))].map((all) => all.length),
  ).toEqual([1, 1, 1]);

  const told = await leftIn(home);
  expect(names(told)).toEqual([
    'attempt without an end',
    'control socket',
    'folder of a run',
    'lock',
    'unfinished file',
  ]);
  expect(told.map(({ path }) => path)).not.toContainEqual(expect.stringContaining('/live/'));
  // Looking changes nothing.
  expect(names(await leftIn(home))).toEqual(names(told));

  const cleaned = await clean(home);
  expect(names(cleaned.filter(({ outcome }) => outcome === 'removed'))).toEqual([
    'control socket',
    'folder of a run',
    'lock',
    'unfinished file',
  ]);
  // How it ended is a person's to say.
  expect(names(await leftIn(home))).toEqual(['attempt without an end']);
  expect(await clean(home)).toMatchObject([{ outcome: 'left to you', what: 'attempt without an end' }]);
  expect([existsSync(half), existsSync(join(run, 'lock')), socketsOf(run)]).toEqual([false, false, []]);
  expect(filesOf(run)).toEqual(kept);
  expect(untouched()).toEqual(before);
  expect([socketsOf(other.runDir('crashed')), socketsOf(home.runDir('live'))].map((all) => all.length)).toEqual([1, 1]);

  const again = home.open(['crashed.yaml']);
  await again.waitForScreen(/While you were away/);
  expect(again.screenText()).toMatch(/Wait for it.*unknown/i);
  again.press(keys.escape);
  await again.waitForScreen((text) => !text.includes('While you were away'));
  again.press('q');
  await again.exited();
  expect(home.events('crashed').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
  expect(lockedBy(home, 'live')).toBeGreaterThan(1);
  home.write('go-live', '');
  await live.waitForScreen(/✔ Wait for it/);
  live.press('q');
  await live.exited();
  expect(home.events('live').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
  await home.nothingLeftBehind();
  held();
});

test('a runner that goes on without its screen keeps all that is its own', async (context) => {
  const { tried, held } = underDamage(context, 'doctor cleans beside a runner without a screen', 'No screen 1');
  const home = homeFor(context);
  const program = await begin(home, 'live');
  tried();
  program.killScreen('SIGKILL');
  await program.exited();
  const run = home.runDir('live');
  const before = [...filesOf(run), ...socketsOf(run)];
  await clean(home);
  expect([...filesOf(run), ...socketsOf(run)]).toEqual(before);
  const again = home.open(['live.yaml']);
  await again.waitForScreen(/▶ Wait for it/);
  home.write('go-live', '');
  await again.waitForScreen(/✔ Wait for it/);
  expect(home.events('live').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
  held();
});

test('an edit that was cut off leaves a file beside the edited one: only that is removed', async (context) => {
  const { tried, held } = underDamage(context, 'an edit cut off, cleaned by doctor', 'Steps 5', 'No screen 2');
  const home = homeFor(context);
  const file = home.write(editedName, 'old\n');
  home.write('editing.yaml', editing);
  tried();
  const { code } = await home.run(['run', 'editing.yaml', '--yes'], {
    environment: { NODE_OPTIONS: `--import=${editorKiller}` },
  });
  expect(code).not.toBe(0);
  const attempt = attemptDir(home, 'editing');
  const { temporary } = JSON.parse(readFileSync(join(attempt, 'edit.json'), 'utf8')) as { readonly temporary: string };
  expect([readFileSync(file, 'utf8'), readFileSync(temporary, 'utf8')]).toEqual(['old\n', 'new\n']);
  const strangers = [
    home.write(`.${editedName}.0badcafe.tmp`, 'of somebody else\n'),
    home.write('.restore.0badcafe.tmp', 'what was to be put back\n'),
  ];
  const backup = join(attempt, `before-${editedName}`);
  const hourAgo = Date.now() / 1_000 - 3_600;
  for (const path of [backup, ...strangers]) utimesSync(path, hourAgo, hourAgo);

  expect((await leftIn(home)).map(({ path }) => path)).toContain(temporary);
  await clean(home);
  expect(existsSync(temporary)).toBe(false);
  expect([file, backup, ...strangers].map((path) => existsSync(path))).toEqual([true, true, true, true]);
  expect(readFileSync(file, 'utf8')).toBe('old\n');
  expect((await leftIn(home)).map(({ path }) => path)).not.toContain(temporary);
  held();
});

test('what may be the last of something is told, never removed', async (context) => {
  const { tried, held } = underDamage(context, 'doctor cleans beside what may be the last copy', 'No screen 2');
  const home = homeFor(context);
  const program = await begin(home, 'crashed');
  const pid = await crash(home, 'crashed', program);
  const run = home.runDir('crashed');
  const attempt = attemptDir(home, 'crashed');
  const kept = [
    // Complete, and not yet in its place.
    old(join(attempt, `result.json.${pid}-0badcafe.tmp`), '{"ending":{"kind":"exited","status":0}}'),
    old(join(run, `journal.ndjson.${pid}.tmp`), readFileSync(join(run, 'journal.ndjson'), 'utf8')),
    // Of a writer that is there, and of nobody.
    old(join(attempt, `command.json.${process.pid}-0badcafe.tmp`)),
    old(join(run, `notes.${pid}-0badcafe.tmp`)),
    old(join(home.dataDir, `notes.${pid}-0badcafe.tmp`)),
  ];
  const half = halfMade(home);
  writeFileSync(join(half, `journal.ndjson.${pid}.tmp`), 'the only copy');
  tried();
  await clean(home);
  expect(kept.filter((path) => !existsSync(path))).toEqual([]);
  expect(readFileSync(join(half, `journal.ndjson.${pid}.tmp`), 'utf8')).toBe('the only copy');
  held();

  // Nobody can say who was at work there.
  const damaged = home.runDir('crashed');
  writeFileSync(join(attempt, 'started.json'), '{');
  writeFileSync(join(damaged, 'lock'), 'half a rec');
  tried();
  await clean(home);
  expect(readFileSync(join(damaged, 'lock'), 'utf8')).toBe('half a rec');
  expect((await leftIn(home)).map(({ what }) => what)).toContain('lock');
  held();
});

test('a run that is taken over while doctor cleans loses nothing to it', async (context) => {
  const { tried, held } = underDamage(context, 'a run begins while doctor cleans', 'Journal 4', 'No screen 2');
  const home = homeFor(context);
  home.write('go-racing', '');
  const file = home.write('racing.yaml', book('racing'));
  for (const killAt of ['2', '3', '5']) {
    // Its writer dies here, and leaves its lock.
    const environment = { NODE_OPTIONS: `--import=${writerKiller}`, KILL_AT: killAt, KILL_WHEN: 'after' };
    expect((await home.run(['run', file, '--yes'], { environment })).code).toBeUndefined();
    expect(existsSync(join(home.runDir('racing'), 'lock'))).toBe(true);
    tried();
    const [cleaned, taken, cleanedToo] = await Promise.all([
      home.run(['doctor', '--clean', '--json']),
      home.run(['run', file, '--yes']),
      home.run(['doctor', '--clean', '--json']),
    ]);
    expect([cleaned.code, cleanedToo.code], `${cleaned.stdout}${cleanedToo.stdout}`).toEqual([0, 0]);
    expect(taken.code, `${taken.stdout}${taken.stderr}`).toBe(0);
    expect(home.events('racing').filter(({ type }) => type === 'AttemptEnded')).toHaveLength(1);
    expect((await home.run(['reset', 'racing.yaml'])).code).toBe(0);
    await home.nothingLeftBehind();
    held();
  }
}, 120_000);

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { type Desk, deskWith } from '../support/program.ts';
import { keys } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';

const head = 'version: 1\nid: fire\ntitle: Fire\nphases:\n';

function deskFor(phases: string, context: { onTestFinished: (fn: () => void) => void }): Desk {
  const desk = deskWith(`${head}${phases}`);
  context.onTestFinished(() => desk.dispose());
  return desk;
}

/** What each command that ran has written, in their order. */
const log = (desk: Desk) => desk.read('log').split('\n').filter(Boolean);

function events(desk: Desk): readonly { readonly type: string; readonly data: Record<string, unknown> }[] {
  const runs = join(desk.home, 'runs', 'fire');
  const [run = ''] = readdirSync(runs);
  const lines = readFileSync(join(runs, run, 'journal.ndjson'), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line));
}

const step = (id: string, more = '') =>
  `      - { id: ${id}, title: Do ${id}, run: 'echo ${id} >> log'${more === '' ? `, undo: 'echo undo-${id} >> log'` : more} }\n`;

describe.concurrent('without a screen', { timeout: 120_000 }, () => {
  test('the plan says what would be done and whether it can be, and changes nothing', async (context) => {
    underDamage(context, 'a plan that nobody confirms', 'Rollback 1', 'Rollback 8');
    const desk = deskFor(
      `  - id: one
    title: One
    steps:
${step('good', `, undo: { run: 'echo undo-good >> log', requires: 'echo the backup is there' }`)}${step('bad', `, undo: { run: 'echo undo-bad >> log', requires: 'echo it was pruned; exit 1' }`)}${step('gone', ', irreversible: others have pulled it')}${step('bare', ', tags: []')}      - { id: file, title: Edit, edit: { file: settings, replace: old, with: new } }
`,
      context,
    );
    desk.write('settings', 'old\n');
    expect((await desk.call(['run', 'book.yaml', '--yes'])).status).toBe(0);
    desk.write('settings', 'somebody else was here\n');
    const before = [log(desk), events(desk).filter(({ type }) => type !== 'RunOpened')];
    const { status, out } = await desk.call(['rollback', 'book.yaml']);
    expect(status).toBe(5);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/1\. Edit put the file back as it was ✖ can't work now: .*changed since/);
    expect(text).toMatch(/2\. Do bad echo undo-bad >> log ✖ can't work now: .*it was pruned/);
    expect(text).toMatch(/3\. Do good echo undo-good >> log ✔ can still work/);
    expect(text).toMatch(/stays: Do bare: the definition has no undo.* stays: Do gone: others have pulled it/);
    expect(text).not.toMatch(/rolled back\./i);
    expect([log(desk), events(desk).filter(({ type }) => type !== 'RunOpened')]).toEqual(before);
  });

  test('a verify that was asked when the screen was killed is asked again, and waits for nobody’s secret', async (context) => {
    underDamage(context, 'the screen killed while an undo is verified', 'Rollback 6', 'Rollback 7', 'Secrets');
    const kill = 'test -e killed || { touch killed; kill -9 $PPID; }';
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n${step('a', `, undo: { run: 'echo undo-a >> log', verify: '${kill}; test "$PW" = password' }`)}vars:\n  PW: { secret: true, about: Password }\n`,
      context,
    );
    const held = { PW: 'password' };
    expect((await desk.call(['run', 'book.yaml', '--yes'], held)).status).toBe(0);
    expect((await desk.call(['rollback', 'book.yaml', '--yes'], held)).status).toBeUndefined();
    const without = await desk.call(['rollback', 'book.yaml', '--yes']);
    expect([without.status, without.out], without.out).toEqual([2, expect.stringContaining('PW has no value')]);
    const back = await desk.call(['rollback', 'book.yaml', '--yes'], held);
    expect([back.status, back.out]).toEqual([3, expect.stringContaining('Rolled back.')]);
    expect(log(desk)).toEqual(['a', 'undo-a']);
  });

  test('no undo begins without a secret that it wants, also not the one after what is tried again', async (context) => {
    underDamage(context, 'an undo that failed, and a secret that is not there any more', 'Rollback 5', 'Secrets');
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n${step('a', `, undo: 'echo "undo-a with \${#PW}" >> log'`)}${step('b', `, undo: 'test -e ok'`)}vars:\n  PW: { secret: true, about: Password }\n`,
      context,
    );
    const held = { PW: 'password' };
    expect((await desk.call(['run', 'book.yaml', '--yes'], held)).status).toBe(0);
    expect((await desk.call(['rollback', 'book.yaml', '--yes'], held)).status).toBe(4);
    desk.write('ok', '');
    const without = await desk.call(['rollback', 'book.yaml', '--yes']);
    expect([without.status, without.out], without.out).toEqual([
      2,
      expect.stringContaining('PW has no value. Put it into the environment: PW=…'),
    ]);
    expect(log(desk)).toEqual(['a', 'b']);
    const back = await desk.call(['rollback', 'book.yaml', '--yes'], held);
    expect([back.status, back.out]).toEqual([3, expect.stringContaining('Rolled back.')]);
    expect(log(desk)).toEqual(['a', 'b', 'undo-a with 8']);
  });

  test('a step that only a lost secret could prove is taken back all the same', async (context) => {
    underDamage(context, 'the screen killed, and the secret of a verify lost', 'Rollback 2', 'Secrets');
    const kill = 'echo a >> log; kill -9 $(ps -o ppid= -p $PPID)';
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n      - { id: a, title: A, run: '${kill}', verify: 'test "$PW" = password', undo: 'echo undo-a >> log' }\nvars:\n  PW: { secret: true }\n`,
      context,
    );
    await desk.call(['run', 'book.yaml', '--yes'], { PW: 'password' });
    const without = await desk.call(['run', 'book.yaml', '--yes']);
    expect([without.status, without.out], without.out).toEqual([2, expect.stringContaining('PW has no value')]);
    const back = await desk.call(['rollback', 'book.yaml', '--yes']);
    expect([back.status, back.out], back.out).toEqual([3, expect.stringContaining('Rolled back.')]);
    expect(log(desk)).toEqual(['a', 'undo-a']);
  });

  test('a step that timed out long ago is undone in the undo’s own time', async (context) => {
    underDamage(context, 'a timeout of the step that passed long ago', 'Rollback 4', 'Rollback 2');
    const slow = `, timeout: 300ms, undo: 'sleep 0.8; echo undo-slow >> log'`;
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n${step('first')}      - { id: slow, title: Slow, run: 'sleep 60'${slow} }\n`,
      context,
    );
    const ran = await desk.call(['run', 'book.yaml', '--yes']);
    expect([ran.status, ran.out]).toEqual([1, expect.stringMatching(/timed out after 300ms/)]);
    const back = await desk.call(['rollback', 'book.yaml', '--yes']);
    expect(back.status, back.out).toBe(3);
    expect(log(desk)).toEqual(['first', 'undo-slow', 'undo-first']);
  });

  test('a point of no return is said before it is passed, and stands in every plan', async (context) => {
    underDamage(context, 'a pipeline that passes a point of no return', 'Rollback 8');
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n${step('first')}${step('push', ', irreversible: others have pulled it')}`,
      context,
    );
    const asked = await desk.call(['run', 'book.yaml']);
    expect(asked.status).toBe(5);
    expect(asked.out).toMatch(/no way back from “Do push”/);
    expect(log(desk)).toEqual(['first']);
    expect((await desk.call(['run', 'book.yaml', '--yes'])).status).toBe(0);
    const [said, began] = ['Confirmed', 'AttemptStarted'].map((type) =>
      events(desk).findLastIndex((event) => event.type === type),
    );
    expect(events(desk)[said ?? -1]?.data).toMatchObject({ reason: 'irreversible', stepId: 'push', accepted: '--yes' });
    expect(said).toBeLessThan(began ?? 0);
    const back = await desk.call(['rollback', 'book.yaml', '--yes']);
    expect(back.status).toBe(3);
    expect(back.out.match(/stays: Do push: others have pulled it/g)).toHaveLength(2);
    expect(log(desk)).toEqual(['first', 'push', 'undo-first']);
  });

  test('what was undone is to do again, its ticks too; what was before it is not', async (context) => {
    underDamage(context, 'a phase that is rolled back and done again', 'Rollback 9', 'Rollback 7');
    const item = (id: string) => `    checklist: [{ id: ${id}, text: Seen, run: 'echo asked-${id} >> log' }]\n`;
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n${step('a')}${item('sa')}    gate: Go on?\n  - id: two\n    title: Two\n    steps:\n${step('b')}${step('c')}${item('sb')}    gate: Go on?\n  - id: end\n    title: End\n    steps:\n      - { id: look, title: Look, run: 'true', readonly: true }\n`,
      context,
    );
    const run = ['run', 'book.yaml', '--yes'];
    expect((await desk.call(run)).status).toBe(0);
    const back = await desk.call(['rollback', 'book.yaml', '--yes', '--phase', 'two']);
    expect(back.status, back.out).toBe(3);
    expect(back.out).toContain('Rolled back “Two”. The rest of the run stands.');
    const { status } = JSON.parse((await desk.call(['status', 'book.yaml', '--json'])).out);
    expect(status).not.toMatch(/rolled back|succeeded/);
    expect((await desk.call(run)).status).toBe(0);
    expect(log(desk)).toEqual(['a', 'asked-sa', 'b', 'c', 'asked-sb', 'undo-c', 'undo-b', 'b', 'c', 'asked-sb']);
    const ticks = events(desk).filter(({ type }) => type === 'ItemTicked');
    expect(ticks.map(({ data }) => data.itemId)).toEqual(['sa', 'sb', 'sb']);
    const gates = events(desk).filter(({ type, data }) => type === 'Confirmed' && data.reason === 'gate');
    expect(gates.map(({ data }) => data.phaseId)).toEqual(['one', 'two', 'two']);
  });

  test('a rollback of one phase that is not finished is not gone on with as another', async (context) => {
    underDamage(context, 'another phase’s rollback unfinished', 'Rollback 6', 'Rollback 7');
    const undo = `, undo: 'test -e mended; echo undo-b >> log'`;
    const desk = deskFor(
      `  - id: one\n    title: One\n    steps:\n${step('a')}  - id: two\n    title: Two\n    steps:\n${step('b', undo)}`,
      context,
    );
    const roll = (...more: readonly string[]) => desk.call(['rollback', 'book.yaml', '--yes', ...more]);
    expect((await desk.call(['run', 'book.yaml', '--yes'])).status).toBe(0);
    expect((await roll('--phase', 'two')).status).toBe(4);
    desk.write('mended', '');
    const other = await roll('--phase', 'one');
    expect(other.status, other.out).toBe(1);
    expect(other.out).toMatch(/A rollback of “Two” is not finished/);
    expect(other.out).not.toMatch(/rolled back/i);
    expect(log(desk)).toEqual(['a', 'b']);
    const same = await roll();
    expect(same.status, same.out).toBe(3);
    expect(same.out).toContain('Rolled back “Two”. The rest of the run stands.');
    const all = await roll();
    expect([all.status, all.out]).toEqual([3, expect.stringMatching(/^Rolled back\.$/m)]);
    expect(log(desk)).toEqual(['a', 'b', 'undo-b', 'undo-a']);
  });

  test('what only a person can do is said to wait for one, and is not called rolled back', async (context) => {
    underDamage(context, 'an item of the plan that a person has to do', 'Rollback 7');
    const home = newHome(context);
    home.write(
      'book.yaml',
      `${head}  - id: one
    title: One
    steps:
${step('a', '')}    rollback:
      - { id: hand, title: By hand, manual: Pull the plug }
`,
    );
    expect((await home.run(['run', 'book.yaml', '--yes'])).code).toBe(0);
    const program = home.open(['rollback', 'book.yaml']);
    await program.waitForScreen('Type yes');
    program.press(`yes${keys.enter}`);
    expect((await program.exited()).code).toBe(4);
    expect(program.screenText().replaceAll(/\s+/g, ' ')).toMatch(
      /Partly rolled back\. .*“By hand”: it is done by a person/,
    );
    const accepted = await home.run(['rollback', 'book.yaml', '--yes']);
    expect([accepted.code, accepted.stdout]).toEqual([3, expect.stringMatching(/^Rolled back\./m)]);
  });

  test('where nothing was started it says so', async (context) => {
    underDamage(context, 'nothing to roll back', 'Rollback 1');
    const desk = deskFor(`  - id: one\n    title: One\n    steps:\n${step('a')}`, context);
    expect((await desk.call(['rollback', 'book.yaml', '--yes'])).status).toBe(1);
    await desk.call(['run', 'book.yaml', '--yes', '--dry-run']);
    const none = await desk.call(['rollback', 'book.yaml', '--yes']);
    expect(`${none.out}${none.err}`).toMatch(/nothing to roll back/);
    expect(existsSync(join(desk.folder, 'log'))).toBe(false);
  });

  test('every dangerous phase wants its name typed', async (context) => {
    const damage = underDamage(context, 'two dangerous phases, names typed wrong', 'Rollback 1');
    const home = newHome(context);
    const phase = (id: string) =>
      `  - id: ${id}\n    title: ${id}\n    danger: true\n    steps:\n${step(`${id}-step`)}`;
    home.write('book.yaml', `${head}${phase('blue')}${phase('green')}`);
    expect((await home.run(['run', 'book.yaml', '--yes'])).code).toBe(0);
    const shell = home.openShell();
    await shell.waitForScreen('ready>');
    const answer = async (nth: number, answers: readonly string[], end: RegExp) => {
      shell.press(`clear; echo begin-${nth}; $NODE $RUNBOOK rollback book.yaml; echo "came to $?"${keys.enter}`);
      for (const [index, name] of answers.entries()) {
        const asked = ['green', 'blue'][index];
        await shell.waitForScreen(
          (text) => text.startsWith(`begin-${nth}\n`) && text.includes(`Type ${asked} to roll back:`),
        );
        shell.press(`${name}${keys.enter}`);
      }
      await shell.waitForScreen((text) => text.startsWith(`begin-${nth}\n`) && end.test(text));
    };
    for (const [nth, wrong] of [['yes'], ['blue'], ['green', 'green']].entries()) {
      damage.tried();
      await answer(nth, wrong, /came to 5/);
      expect(home.events('fire').some(({ type }) => type === 'RollbackStarted')).toBe(false);
      damage.held();
    }
    await answer(9, ['green', 'blue'], /^Rolled back\.$[\s\S]*came to 3/m);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJournal } from '../../src/adapters/journal-file.ts';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { loseStep } from '../support/lost-step.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { smallDisk } from '../support/small-disk.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const head = 'version: 1\nid: fire\ntitle: Fire\nphases:\n  - id: one\n    title: One\n    steps:\n';
const rolledBack = '✔ Rolled back: every undo is done and verified.';

const log = (home: TestHome) => {
  const path = join(home.workDir, 'log');
  return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : [];
};
const logged = (home: TestHome, line: string) =>
  waitFor(() => log(home).includes(line), { withinMs: 40_000, what: `“${line}” in the log` });

/** Undo attempts in the order in which they began. */
const undos = (home: TestHome) =>
  readJournal(readFileSync(join(home.runDir('fire'), 'journal.ndjson'))).events.flatMap((event) =>
    event.type === 'AttemptStarted' && event.purpose.kind === 'undo' ? [event.purpose.itemId] : [],
  );

async function rollBack(program: PtyProgram): Promise<void> {
  program.press('r');
  await program.waitForScreen('Roll back ·');
  program.press(keys.enter);
  await program.waitForScreen('Rollback ·');
}

/** Closes what the rollback came to, and leaves; nothing runs any more. */
async function leave(program: PtyProgram): Promise<void> {
  program.press(keys.escape);
  await program.waitForScreen((text) => !text.includes('Rollback ·'));
  program.press('q');
  await program.exited();
}

const pidIn = (home: TestHome, name: string) => Number(readFileSync(join(home.workDir, name), 'utf8'));

/** A step whose undo goes on only when a file is there. */
const gated = (id: string) =>
  `      - { id: ${id}, title: Do ${id}, run: echo ${id} >> log, undo: 'echo undo-${id} >> log; until test -e on-${id}; do sleep 0.05; done; echo undone-${id} >> log' }\n`;

describe.concurrent('a rollback on the screen', { timeout: 240_000 }, () => {
  test('goes on where it was, whatever ended the screen in the middle of it', async (context) => {
    const ways: readonly (readonly [string, (program: PtyProgram) => void])[] = [
      ['SIGTERM', (program) => program.killScreen('SIGTERM')],
      ['SIGHUP', (program) => program.killScreen('SIGHUP')],
      ['kill -9', (program) => program.killScreen('SIGKILL')],
      ['a dropped line', (program) => program.closeTerminal()],
    ];
    const damages = ways.map(([name]) =>
      underDamage(context, `an undo in flight, its screen ended by ${name}`, 'Rollback 6', 'Rollback 4', 'No screen 3'),
    );
    const home = newHome(context);
    const ids = ['a', 'b', 'c', 'd', 'e'];
    home.write('book.yaml', head + ids.map(gated).join(''));
    expect((await home.run(['run', 'book.yaml', '--yes'])).code).toBe(0);
    let program = home.open(['book.yaml']);
    await program.waitForScreen('✔ Do e');
    await rollBack(program);
    for (const [index, [name, end]] of ways.entries()) {
      const id = ids.at(-1 - index) ?? '';
      const before = ids.at(-2 - index) ?? '';
      damages[index]?.tried();
      await logged(home, `undo-${id}`);
      end(program);
      await waitFor(() => !isThere(program.pid), { what: `the screen is gone by ${name}` });
      // The first two end while nobody looks; the others are found running.
      if (index < 2) {
        home.write(`on-${id}`, '');
        await logged(home, `undone-${id}`);
      }
      program = home.open(['book.yaml']);
      await program.waitForScreen('While you were away');
      program.press(keys.escape);
      await program.waitForScreen((text) => text.includes('It was interrupted') && !text.includes('While you were'));
      home.write(`on-${id}`, '');
      await logged(home, `undone-${id}`);
      await program.waitForScreen(new RegExp(`✔ Undo: Do ${id}`));
      // Nothing goes on by itself.
      expect(log(home)).not.toContain(`undo-${before}`);
      expect(program.screenText()).toMatch(/interrupted/);
      program.press(keys.enter);
      await logged(home, `undo-${before}`);
      expect(undos(home)).toEqual(
        ids
          .slice(-2 - index)
          .toReversed()
          .map((one) => `undo:${one}`),
      );
      damages[index]?.held();
    }
    home.write('on-a', '');
    await program.waitForScreen(rolledBack);
    expect(log(home).filter((line) => line.startsWith('undone'))).toEqual(ids.toReversed().map((id) => `undone-${id}`));
    await leave(program);
    await home.nothingLeftBehind();
  });

  test('stops what ignores SIGINT and SIGTERM, what watches and what serves, before the first undo', async (context) => {
    underDamage(context, 'a stubborn step, a watch and a service in the phase', 'Rollback 2', 'Steps 4');
    underDamage(
      context,
      'an undo that hangs, stopped with x; a daemon that survives its own',
      'Rollback 5',
      'Rollback 7',
    );
    const home = newHome(context);
    home.write(
      'book.yaml',
      `${head}      - { id: soak, title: Soak, watch: { check: 'true', every: 1s, for: 1h } }
      - { id: up, title: Up, service: 'trap "" INT TERM; echo $$ > service-pid; while :; do sleep 0.1; done', ready: { run: test -s service-pid, within: 30s }, undo: 'echo undo-up >> log; ! kill -0 $(cat service-pid)' }
      - { id: daemon, title: Daemon, run: 'setsid -f bash -c "echo \\$\\$ > daemon-pid; exec sleep 600" < /dev/null > /dev/null 2>&1; until test -s daemon-pid; do sleep 0.05; done', undo: { run: 'echo undo-daemon >> log; pid=$(cat daemon-pid); if test -e mended; then kill $pid; while ps -p $pid -o stat= | grep -qv Z; do sleep 0.05; done; fi', verify: 'pid=$(cat daemon-pid); ps -p $pid -o stat= | grep -qv Z || exit 0; echo daemon $pid is up; exit 1' } }
      - { id: stubborn, title: Stubborn, run: 'trap "" INT TERM; echo $$ > stubborn-pid; while :; do sleep 0.1; done', undo: { run: 'echo undo-stubborn >> log; kill -0 $(cat stubborn-pid) && echo alive >> log; if ! test -e quick; then sleep 600; fi', timeout: 1h } }
`,
    );
    const program = home.open(['book.yaml']);
    await program.waitForScreen('▸○ Soak');
    program.press('a');
    await program.waitForScreen(/▶ Stubborn +running/);
    await waitFor(() => existsSync(join(home.workDir, 'stubborn-pid')));
    program.press('r');
    const plan = await program.waitForScreen(/First stops [\s\S]*Stubborn/);
    expect(plan.match(/undoes (\w+)/g)).toEqual(['undoes stubborn', 'undoes daemon', 'undoes up']);
    program.press(keys.enter);
    await logged(home, 'undo-stubborn');
    // Proven dead first: the undo itself looked.
    expect(isThere(pidIn(home, 'service-pid'))).toBe(false);
    expect(log(home)).toEqual(['undo-stubborn']);

    await program.waitForScreen(/▶ Undo: Stubborn +running/);
    program.press('x');
    await program.waitForScreen('Stop the undo that runs?');
    program.press('x');
    await program.waitForScreen(/First failure: Undo: Stubborn: stopped with SIGINT/);
    expect(program.screenText()).not.toContain('Rolled back');
    home.write('quick', '');
    program.press(keys.enter);
    const stuck = await program.waitForScreen(/✖ verify did not hold: .*daemon \d+ is up/);
    expect(stuck).toMatch(/✔ Undo: Stubborn[\s\S]*✖ Undo: Daemon +failed[\s\S]*○ Undo: Up/);
    home.write('mended', '');
    program.press(keys.enter);
    await program.waitForScreen(rolledBack);
    expect(program.screenText()).toContain('First failure: Undo: Stubborn');
    expect(log(home)).toEqual(['undo-stubborn', 'undo-stubborn', 'undo-daemon', 'undo-daemon', 'undo-up']);
    await leave(program);
    await home.nothingLeftBehind();
  });

  test('says of an unknown step that it is, and begins its undo only when nothing of it still runs', async (context) => {
    underDamage(context, 'an unknown step in the plan, of which the command still runs', 'Rollback 2', 'Rollback 7');
    const { home, command, read } = await loseStep(context, { last: 'until test -e end; do sleep 0.05; done' });
    const plain = await home.run(['rollback', 'lossy.yaml']);
    expect(plain.stdout).toContain('⚠ nobody knows how “Push the commit” ended');
    const program = home.open(['lossy.yaml'], { columns: 160 });
    await program.waitForScreen('Push the commit');
    program.press('r');
    await program.waitForScreen(/Roll back ·[\s\S]*⚠ nobody knows how “Push the commit” ended: .*still running/);
    program.press(keys.enter);
    await program.waitForScreen(/✖ First failure: .*could not be proven gone[\s\S]*command +still running/);
    expect(read('log')).toBe('ran\n');
    home.write('end', '');
    await waitFor(() => !isThere(command));
    program.press(keys.enter);
    await program.waitForScreen(rolledBack);
    expect(read('log')).toBe('ran\nundone\n');
    await leave(program);
  });

  test('loses no undo to a changed definition that lacks its step', async (context) => {
    underDamage(context, 'a step gone from the definition after it ran', 'Rollback 2', 'Journal 6');
    const home = newHome(context);
    const step = (id: string) =>
      `      - { id: ${id}, title: Do ${id}, run: echo ${id} >> log, undo: echo undo-${id} >> log }\n`;
    home.write('book.yaml', head + ['a', 'b', 'c'].map(step).join(''));
    expect((await home.run(['run', 'book.yaml', '--yes', '--to', 'b'])).code).toBe(0);
    home.write('book.yaml', head + ['b', 'd'].map(step).join(''));
    let program = home.open(['book.yaml']);
    await program.waitForScreen('The definition has changed');
    program.press('a');
    await program.waitForScreen(/Without “Do a” \(a\) its way back would be lost/);
    await rollBack(program);
    await program.waitForScreen(rolledBack);
    expect(log(home)).toEqual(['a', 'b', 'undo-b', 'undo-a']);
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Rollback ·'));
    program.press('q');
    await program.exited();
    // Nothing of it stands any more: it can be left out.
    program = home.open(['book.yaml']);
    await program.waitForScreen('The definition has changed');
    program.press('a');
    await program.waitForScreen(/▸↩ Do b[\s\S]*○ Do d/);
    program.press('q');
    await program.exited();
  });

  test('waits for room where a disk is full between two undos, and is not called one before', async (context) => {
    underDamage(context, 'a real disk full between two undos', 'Rollback 6', 'Rollback 7', 'Journal 1');
    const home = newHome(context);
    const disk = smallDisk(home.dataDir, context);
    home.write('book.yaml', head + ['a', 'b', 'c'].map(gated).join(''));
    expect((await home.run(['run', 'book.yaml', '--yes'])).code).toBe(0);
    const first = home.open(['book.yaml']);
    await first.waitForScreen('✔ Do c');
    await rollBack(first);
    await logged(home, 'undo-c');
    disk.fill();
    home.write('on-c', '');
    await first.waitForScreen(/⚠ .*ENOSPC/);
    expect(log(home)).not.toContain('undo-b');
    first.killScreen('SIGKILL');
    await first.exited();
    const second = home.open(['book.yaml']);
    await second.waitForScreen(/⚠ Read-only: the run can't be written \(ENOSPC/);
    expect(second.screenText()).not.toContain('Rolled back');
    disk.makeRoom();
    await second.waitForScreen((text) => !text.includes('Read-only') && text.includes('While you were away'));
    second.press(keys.escape);
    await second.waitForScreen((text) => !text.includes('While you were away'));
    expect(log(home)).not.toContain('undo-b');
    for (const id of ['a', 'b']) home.write(`on-${id}`, '');
    if (!second.screenText().includes('It was interrupted')) second.press('r');
    await second.waitForScreen((text) => text.includes('It was interrupted') && /✔ Undo: Do c/.test(text));
    second.press(keys.enter);
    await second.waitForScreen(rolledBack);
    expect(log(home).filter((line) => line.startsWith('undo-'))).toEqual(['undo-c', 'undo-b', 'undo-a']);
    await leave(second);
  });
});

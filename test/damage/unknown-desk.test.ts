import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { killsBoth, type LostStep, loseStep } from '../support/lost-step.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { waitFor } from '../support/wait-for.ts';

vi.setConfig({ testTimeout: 90_000 });

const lasting = 'exec sleep 300';

/** Opens the run on the screen, and the desk of its unknown step. */
async function atDesk(step: LostStep): Promise<PtyProgram> {
  const program = step.home.open(['lossy.yaml'], { columns: 120, rows: 40 });
  // The footer is drawn last, and says which of the two has the keys.
  await program.waitForScreen(/While you were away[\s\S]*Esc close|⏎ decide/);
  if (program.screenText().includes('While you were away')) {
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('While you were away') && text.includes('▸? Push'));
  }
  program.press(keys.enter);
  await program.waitForScreen('Unknown · Push the commit');
  return program;
}

/** Chooses what stands so many rows below the first choice. */
async function choose(program: PtyProgram, below: number, choice: string): Promise<void> {
  for (let row = 0; row < below; row += 1) program.press(keys.down);
  await program.waitForScreen(`▸ ${choice}`);
  program.press(keys.enter);
}

async function answer(program: PtyProgram, question: string, text: string): Promise<void> {
  await program.waitForScreen(question);
  program.press(text);
  await program.waitForScreen(`> ${text}`);
  program.press(keys.enter);
}

/** What is kept of a run and when each file was last written. */
function kept(step: LostStep): string {
  const runs = join(step.home.dataDir, 'runs');
  return readdirSync(runs, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'usage.ndjson')
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => `${path} ${statSync(path).mtimeMs} ${readFileSync(path, 'latin1')}`)
    .join('\n');
}

function told(step: LostStep, type: string) {
  return step.home.events('lossy').find((event) => event.type === type)?.data;
}

test('evidence comes piece by piece, to a second screen too, and looking changes nothing', async (context) => {
  underDamage(context, 'screen and runner killed; its verify hangs; two look', 'Steps 2', 'Journal 4');
  const step = await loseStep(context, {
    step: ['verify: test ! -e hang || sleep 300', "undo: 'true'"],
    last: lasting,
  });
  step.home.write('hang', '');
  const first = await atDesk(step);
  // What hangs keeps nothing else from being seen.
  await first.waitForScreen(/runner +gone .*\n.*command +still running \(pid \d+/);
  await first.waitForScreen(/verify +asking, for at most 20s …/);
  await first.waitForScreen(/output +the last line/);
  const before = kept(step);
  const second = await atDesk(step);
  await second.waitForScreen(/command +still running \(pid \d+[\s\S]*verify +asking, for at most 20s/);
  expect(second.screenText()).toContain('Read-only');
  await choose(second, 0, 'adopt as done');
  await second.waitForScreen(/⚠ Read-only: \S+ writes this run/);

  // What changes meanwhile is seen without a key; what was asked, by one.
  process.kill(step.command, 'SIGKILL');
  for (const program of [first, second]) await program.waitForScreen(/command +gone /);
  rmSync(join(step.home.workDir, 'hang'));
  for (const program of [first, second]) {
    program.press('l');
    await program.waitForScreen(/verify +✔ holds/);
  }
  expect(kept(step)).toBe(before);
  for (const program of [second, first]) {
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes('Unknown ·'));
    program.press('q');
    await program.exited();
  }
  await step.home.nothingLeftBehind();
});

test('what may still run is not run again beside itself unless that is typed; nor after “mark failed”', async (context) => {
  underDamage(context, 'screen and runner killed, the command goes on', 'Steps 2', 'Steps 3');
  const step = await loseStep(context, { last: lasting });
  const program = await atDesk(step);
  const attempts = () => step.home.events('lossy').filter(({ type }) => type === 'AttemptStarted').length;
  await choose(program, 1, 'run again');
  // Without a note nothing happens.
  await program.waitForScreen('What did you find out');
  program.press(keys.enter);
  await program.waitForScreen('Say in a note what makes you sure');
  await answer(program, 'What did you find out', 'it hangs');
  await program.waitForScreen(/is not proven gone and may[\s\S]*attempt 1: still running \(pid \d+\)/);
  await answer(program, 'Type push to go on', 'yes');
  await program.waitForScreen('Type “push” exactly');
  expect(attempts()).toBe(1);
  for (const gone of ['Type push to go on', 'What did you find out']) {
    program.press(keys.escape);
    await program.waitForScreen((text) => !text.includes(gone));
  }
  await choose(program, 2, 'mark failed');
  await answer(program, 'What did you find out', 'it did nothing');
  await program.waitForScreen(/▸✖ Push the commit/);
  expect(told(step, 'UnknownResolved')).toMatchObject({ choice: 'mark failed', note: 'it did nothing' });
  program.press(keys.enter);
  await program.waitForScreen('Type push to go on');
  program.press(keys.escape);
  await program.waitForScreen((text) => !text.includes('Type push to go on'));
  program.press('q');
  await program.exited();
  // No flag says yes to that either.
  const { code, stdout } = await step.runAgain();
  expect([code, stdout]).toEqual([
    5,
    expect.stringMatching(/may still be running[\s\S]*attempt 1: still running \(pid/),
  ]);
  expect(attempts()).toBe(1);
  const again = step.home.open(['lossy.yaml'], { columns: 120, rows: 40 });
  await again.waitForScreen(/▸✖ Push the commit/);
  // Proven gone, it is begun without a question.
  process.kill(step.command, 'SIGKILL');
  await waitFor(() => !isThere(step.command), { what: 'the command is gone' });
  again.press(keys.enter);
  await again.waitForScreen(/✔ Push the commit/);
  expect(told(step, 'AttemptProvenGone')).toEqual({ attempt: 1 });
  expect(step.read('log')).toBe('ran\nran\n');
});

test.for([
  [0, 'adopt as done', /✔ Push the commit/, 'UnknownResolved'],
  [1, 'run again', /✔ Push the commit/, 'UnknownResolved'],
] as const)('each choice is journaled with its note: %s %s', async ([below, choice, shows, type], context) => {
  underDamage(context, 'screen and runner killed; each choice of the desk', 'Steps 2');
  const step = await loseStep(context);
  const program = await atDesk(step);
  await program.waitForScreen(/command +gone /);
  await choose(program, below, choice);
  await answer(program, 'What did you find out', 'I looked there');
  await program.waitForScreen(shows);
  expect(told(step, type)).toEqual({ stepId: 'push', choice, note: 'I looked there' });
  const line = readFileSync(join(step.home.runDir('lossy'), 'journal.ndjson'), 'utf8')
    .split('\n')
    .find((one) => one.includes(`"${type}"`));
  expect(line).toMatch(/"by":"\S+@\S+"/);
  expect(step.read('log')).toBe(choice === 'run again' ? 'ran\nran\n' : 'ran\n');
});

test('“undo it” and an undo that is lost in its turn want a note each, and nothing runs beside it', async (context) => {
  underDamage(context, 'runner killed in the step, then in its undo', 'Steps 2', 'Rollback 5', 'Rollback 6');
  const undo = [
    'echo undone >> log',
    'if test -e again; then exit 0; fi',
    'touch again',
    killsBoth('undo-push', 2),
    lasting,
  ];
  const step = await loseStep(context, {
    step: [
      'undo: |',
      ...undo
        .join('\n')
        .split('\n')
        .map((line) => `  ${line}`),
    ],
  });
  const program = await atDesk(step);
  await choose(program, 2, 'undo it');
  await program.waitForScreen('START THE ROLLBACK');
  program.press(keys.enter);
  await answer(program, 'What did you find out about the step', 'half of it is there');
  await program.exited();
  // The runner is killed after the screen.
  await waitFor(() => !step.home.processes().some(({ command }) => command.includes('runner.js')), {
    what: 'the runner is gone',
  });
  expect(told(step, 'RollbackStarted')).toMatchObject({ note: 'half of it is there' });

  const again = step.home.open(['lossy.yaml'], { columns: 120, rows: 40 });
  await again.waitForScreen('While you were away');
  again.press(keys.escape);
  await again.waitForScreen(/Nobody knows how it ended[\s\S]*command +still running \(pid \d+\)[\s\S]*⏎ run it again/);
  again.press(keys.enter);
  await answer(again, 'What did you find out about it', 'nothing was undone');
  await again.waitForScreen(/attempt 2: still running \(pid \d+\)[\s\S]*Type undo:push to go on/);
  again.press(keys.escape);
  await again.waitForScreen((text) => !text.includes('Type undo:push'));
  again.press(keys.escape);
  await again.waitForScreen((text) => !text.includes('What did you find out'));
  process.kill(Number(step.read('pid')), 'SIGKILL');
  await again.waitForScreen(/command +gone /);
  again.press(keys.enter);
  await answer(again, 'What did you find out about it', 'now it is gone');
  await again.waitForScreen('Rolled back: every undo is done and verified');
  expect(told(step, 'UndoResolved')).toMatchObject({ choice: 'run again', note: 'now it is gone' });
  expect(step.read('log')).toBe('ran\nundone\nundone\n');
});

test('a run that was adopted as done over a command that goes on is not begun anew beside it', async (context) => {
  underDamage(context, 'a command that outlived its run', 'Steps 2', 'Steps 3');
  const step = await loseStep(context, { last: lasting });
  const program = await atDesk(step);
  await choose(program, 0, 'adopt as done');
  await answer(program, 'What did you find out', 'it did its work');
  await program.waitForScreen(/✔ Push the commit/);
  program.press('q');
  await program.exited();
  expect((await step.runAgain()).code).toBe(0);
  const runs = () => readdirSync(join(step.home.dataDir, 'runs', 'lossy')).length;
  const beside = await step.runAgain();
  expect([beside.code, runs(), beside.stdout]).toEqual([
    5,
    1,
    expect.stringContaining('no other run begins beside it'),
  ]);
  process.kill(step.command, 'SIGKILL');
  await waitFor(() => !isThere(step.command), { what: 'the command is gone' });
  const anew = await step.runAgain();
  expect([anew.code, runs()], anew.stdout).toEqual([0, 2]);
  await step.home.nothingLeftBehind();
});

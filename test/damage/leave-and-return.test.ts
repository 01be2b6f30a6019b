import { describe, expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

/** Counts, and goes on only when the files `half` and `end` are there. */
const long = `
version: 1
id: long
title: A long step
phases:
  - id: only
    title: Only
    steps:
      - id: count
        title: Count to thirty
        run: |
          until_there() { until test -e "$1"; do sleep 0.05; done; }
          for n in $(seq 10); do echo "line $n"; done
          until_there half
          for n in $(seq 11 20); do echo "line $n"; done
          until_there end
          for n in $(seq 21 30); do echo "line $n"; done
        undo: 'true'
      - id: after
        title: Comes after
        run: 'touch after'
        undo: 'true'
`;

async function startCounting(home: TestHome): Promise<PtyProgram> {
  const program = home.open([home.write('long.yaml', long)]);
  await program.waitForScreen('Count to thirty');
  program.press('a');
  await program.waitForScreen('line 10');
  return program;
}

function numbers(text: string): readonly number[] {
  return Array.from(text.matchAll(/line (\d+)/g), ([, number]) => Number(number));
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

const departures: readonly (readonly [string, (program: PtyProgram) => Promise<unknown>])[] = [
  [
    'q',
    async (program) => {
      program.press('q');
      await program.waitForScreen('goes on running: Count to thirty');
      program.press('q');
      await program.exited();
      expect(program.screenText()).toContain('goes on running: Count to thirty');
    },
  ],
  [
    'SIGHUP',
    async (program) => {
      program.killScreen('SIGHUP');
      expect(await program.exited()).toEqual({ code: 130, signal: 0 });
    },
  ],
  [
    'kill -9',
    async (program) => {
      program.killScreen('SIGKILL');
      expect(await program.exited()).toEqual({ code: 0, signal: 9 });
    },
  ],
  [
    'its terminal being closed',
    async (program) => {
      program.closeTerminal();
      await waitFor(() => !isThere(program.pid), { what: 'the screen has gone' });
    },
  ],
];

describe('a step goes on without its screen', () => {
  for (const [name, depart] of departures) {
    test(`after ${name}: the same step, no gap, ended correctly, nothing begun meanwhile`, async (context) => {
      underDamage(context, `a step in flight, its screen gone by ${name}`, 'No screen 1', 'No screen 2', 'No screen 3');
      const home = newHome(context);
      await depart(await startCounting(home));
      home.write('half', '');
      await waitFor(() => numbers(home.output('long', 'count').toString()).at(-1) === 20);

      const again = home.open(['long.yaml']);
      await again.waitForScreen(/While you were away/);
      again.press(keys.escape);
      await again.waitForScreen((text) => text.includes('line 20') && !text.includes('While you were away'));
      expect(again.screenText()).toMatch(/▶ Count to thirty +running/);
      expect(numbers(again.screenText())).toEqual(upTo(20));
      home.write('end', '');
      await again.waitForScreen('▸○ Comes after');
      again.press(keys.up);
      await again.waitForScreen((text) => text.includes('▸✔ Count to thirty') && text.includes('line 30'));
      expect(numbers(again.screenText())).toEqual(numbers(home.output('long', 'count').toString()));
      const attempts = home.events('long').filter(({ type }) => type === 'AttemptStarted');
      expect(attempts).toHaveLength(1);
      again.press('q');
      await again.exited();
      await home.nothingLeftBehind();
    });
  }

  test('and what it came to meanwhile is told', async (context) => {
    underDamage(context, 'a step that ends while its screen is gone', 'No screen 2', 'No screen 3');
    const home = newHome(context);
    const program = await startCounting(home);
    program.killScreen('SIGKILL');
    await program.exited();
    home.write('half', '');
    home.write('end', '');
    await waitFor(() => home.processes().length === 0);
    const again = home.open(['long.yaml']);
    await again.waitForScreen(
      (text) => text.includes('While you were away') && /Count to thirty.*ended: exit status 0/.test(text),
    );
    again.press(keys.escape);
    // Nothing was begun while nobody looked.
    await again.waitForScreen((text) => text.includes('▸○ Comes after') && !text.includes('While you were away'));
    again.press(keys.up);
    await again.waitForScreen((text) => text.includes('▸✔ Count to thirty') && text.includes('line 30'));
    expect(numbers(again.screenText())).toEqual(upTo(30));
    again.press('q');
    await again.exited();
    await home.nothingLeftBehind();
  });
});

test('the build of the practice survives kill -9 of the screen', { timeout: 120_000 }, async (context) => {
  underDamage(context, 'a step in flight, its screen gone by kill -9', 'No screen 1', 'No screen 2');
  const home = newHome(context);
  const prepared = ['prerequisites', 'prepare'];
  for (const phase of prepared) {
    const { code } = await home.run(['run', 'practice', '--yes', '--phase', phase], {
      // Long enough for the kill to come while it builds.
      environment: { BUILD_SECONDS: '15' },
    });
    expect(code).toBe(0);
  }
  const program = home.open(['practice']);
  await program.waitForScreen('▸○ Build the release');
  program.press(keys.enter);
  await program.waitForScreen(/\b[2-9]\d %/);
  program.killScreen('SIGKILL');
  await program.exited();
  const again = home.open(['practice']);
  await again.waitForScreen(/While you were away/);
  again.press(keys.escape);
  await again.waitForScreen(/✔ Build the release/, { withinMs: 45_000 });
  await waitFor(() => home.output('practice', 'build-release').toString().includes('100 %'));
  const attempts = home
    .events('practice')
    .filter((event) => event.type === 'AttemptStarted' && event.data.title === 'Build the release');
  expect(attempts).toHaveLength(1);
  again.press('q');
  await again.exited();
});

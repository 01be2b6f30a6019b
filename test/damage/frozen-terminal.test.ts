import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openOutput } from '../../src/adapters/output-reader.ts';
import { underDamage } from '../support/damage.ts';
import { isThere } from '../support/is-there.ts';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

/** Prints in many colours, so that a few frames fill what a terminal holds, until a file is there. */
const book = `
version: 1
id: frozen
title: A terminal that takes nothing
phases:
  - id: only
    title: Only
    steps:
      - id: flood
        title: Print without end
        run: |
          set +e
          node -e '
            const { existsSync, writeSync } = require("fs");
            for (let n = 0; ; n++) {
              let line = "";
              for (let x = 0; x < 100; x++) line += "\\x1b[38;5;" + ((n + x * 7) % 200 + 16) + "m" + (n + x) % 10;
              if (n % 100 === 0 && existsSync("go")) break;
              writeSync(1, line + "\\n");
            }'
          echo it ended
        undo: 'true'
      - id: after
        title: Comes after
        run: 'true'
        undo: 'true'
`;

const MEGABYTE = 1_000_000;
const SIZE = { columns: 200, rows: 60 };

/** A screen whose terminal has taken all it can hold, and goes on being drawn for. */
async function frozen(home: TestHome): Promise<PtyProgram> {
  const trap = home.write('exploding.cjs', exploding);
  const program = home.open([home.write('frozen.yaml', book)], {
    ...SIZE,
    environment: { NODE_OPTIONS: `--require ${trap}` },
  });
  await program.waitForScreen('ROLL BACK');
  program.press(keys.enter);
  await program.waitForScreen(/▶ Print without end +running/);
  await freeze(program, home);
  return program;
}

async function freeze(program: PtyProgram, home: TestHome): Promise<void> {
  program.freeze();
  const before = await printedBytes(home);
  await waitFor(async () => (await printedBytes(home)) > before + 20 * MEGABYTE, { withinMs: 30_000 });
}

/** All that the step has printed: what is kept of it grows no more once there is as much as is kept. */
function printedBytes(home: TestHome): Promise<number> {
  return openOutput(join(home.runDir('frozen'), 'attempts', '0001-flood')).size();
}

/** Throws in the middle of things when told to by a signal. */
const exploding = `
  if (process.argv[1]?.endsWith('runbook.cjs'))
    process.on('SIGURG', () => { setImmediate(() => { throw new Error('out of the blue'); }); });
`;

const endings: readonly (readonly [string, (program: PtyProgram, home: TestHome) => Promise<void> | void])[] = [
  ['SIGTERM', (program) => program.killScreen('SIGTERM')],
  ['SIGHUP', (program) => program.killScreen('SIGHUP')],
  ['an exception nobody caught', (program) => program.killScreen('SIGURG')],
  [
    'SIGTERM once q has let go of the run',
    async (program, home) => {
      program.press('q');
      // Read together, both are one key: it has to be seen that the first one has asked.
      program.thaw();
      await program.waitForScreen('goes on running: Print without end');
      await freeze(program, home);
      program.press('q');
      await waitFor(() => !existsSync(join(home.runDir('frozen'), 'lock')), { what: 'q lets go of the run' });
      program.killScreen('SIGTERM');
    },
  ],
];

describe('a terminal that takes nothing any more', { timeout: 90_000 }, () => {
  for (const [name, end] of endings) {
    test(`keeps the program from ending by ${name} as little as the step from going on`, async (context) => {
      underDamage(context, `a frozen terminal, then ${name}`, 'No screen 1', 'No screen 2', 'No screen 4');
      const home = newHome(context);
      const program = await frozen(home);
      await end(program, home);
      await waitFor(() => !isThere(program.pid), { what: `the end after ${name}` });
      const printed = await printedBytes(home);
      await waitFor(async () => (await printedBytes(home)) > printed, { what: 'the step goes on' });
      home.write('go', '');
      const again = home.open(['frozen.yaml'], SIZE);
      await again.waitForScreen(/While you were away/);
      again.press(keys.escape);
      await again.waitForScreen((text) => text.includes('✔ Print without end') && !text.includes('While you were'));
      expect(home.events('frozen').filter(({ type }) => type === 'AttemptStarted')).toHaveLength(1);
      again.press('q');
      await again.exited();
      await home.nothingLeftBehind();
    });
  }
});

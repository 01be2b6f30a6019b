import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { underDamage } from '../support/damage.ts';
import { logIn } from '../support/login.ts';
import { keys } from '../support/pty-program.ts';
import { sshIsMissing, startSshServer } from '../support/ssh-server.ts';
import { newHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const FROZEN_SECONDS = 60;
const MEGABYTE = 1_000_000;

/** Prints numbered, coloured lines, half a megabyte a second, until a minute after a file has appeared. */
const book = `
version: 1
id: minute
title: A line that is frozen for a minute
phases:
  - id: only
    title: Only
    steps:
      - id: flood
        title: Print for a minute
        run: |
          "$RUNBOOK_NODE" -e '
            const { existsSync, writeSync } = require("fs");
            let n = 0, end = Infinity;
            const timer = setInterval(() => {
              if (end === Infinity && existsSync("frozen")) end = Date.now() + ${FROZEN_SECONDS}_000;
              let text = "";
              for (let i = 0; i < 100; i++) text += \`\\x1b[38;5;\${n % 200 + 16}mline \${++n}\${" and more of it".repeat(6)}\\n\`;
              try { writeSync(1, text); } catch (error) { if (error.code !== "EAGAIN") throw error; }
              if (Date.now() < end) return;
              clearInterval(timer);
              console.log("\\x1b[0mthe last line");
                        }, 20);'
      - id: after
        title: Comes after
        run: 'true'
`;

/** What a process holds in memory, in bytes. */
function memoryBytes(pid: number): number {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

test('a line that is frozen for a minute holds up nothing, and shows what is now when it thaws', {
  timeout: 180_000,
}, async (context) => {
  const missing = sshIsMissing();
  if (missing !== undefined) return context.skip(`note: ${missing}`);
  underDamage(context, 'ssh: a line frozen for a minute of output', 'No screen 1', 'Output');
  const server = await startSshServer();
  context.onTestFinished(() => server.stop());
  const home = newHome(context);
  home.write('minute.yaml', book);
  const { onTestFinished } = context;
  const login = await logIn({ home, server, args: ['minute.yaml'], onTestFinished });
  const { program, line, pid } = login;
  const printedBytes = () => statSync(join(home.runDir('minute'), 'attempts', '0001-flood', 'output.log')).size;
  await program.waitForScreen('ROLL BACK');
  program.press(keys.enter);
  await program.waitForScreen(/line \d+ and more/);
  await waitFor(() => printedBytes() > 10 * MEGABYTE, { withinMs: 60_000 });

  line.freeze();
  const before = printedBytes();
  home.write('frozen', '');
  let mostBytes = 0;
  const hasEnded = () => {
    mostBytes = Math.max(mostBytes, memoryBytes(pid));
    return home.events('minute').some(({ type }) => type === 'AttemptEnded');
  };
  // It is written down by the program whose terminal takes nothing: it does not wait for it.
  await waitFor(hasEnded, { withinMs: (FROZEN_SECONDS + 40) * 1000, what: 'the step’s end is recorded' });
  expect(printedBytes() - before).toBeGreaterThan(10 * MEGABYTE);
  // The lines that can be scrolled back to are most of it, frozen or not.
  expect(mostBytes).toBeLessThan(400 * MEGABYTE);

  const received = line.receivedBytes();
  line.thaw();
  await program.waitForScreen((text) => /✔ Print for a minute/.test(text) && text.includes('the last line'));
  // What was under way in the systems' buffers comes first; frames that nobody saw are not among it.
  expect(line.receivedBytes() - received).toBeLessThan(8 * MEGABYTE);
  program.press('a');
  await program.waitForScreen('✔ Comes after');
  program.press('q');
  expect(await program.exited()).toEqual({ code: 0, signal: 0 });
  await home.nothingLeftBehind();
});

// Makes the README's picture from the running program: `npm run picture`. What it shows is what the program showed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import unicode11 from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';
import { startOnPty } from '../bench/pty-session.ts';
import { waitFor } from '../support/wait-for.ts';
import { svgOfScreen } from './svg-of-screen.ts';

const COLUMNS = 132;
const ROWS = 36;
const bin = fileURLToPath(new URL('../../src/bin/runbook.cjs', import.meta.url));
const picture = fileURLToPath(new URL('screen.svg', import.meta.url));

const home = mkdtempSync('/tmp/runbook-picture-');
const { CI: _, NO_COLOR: __, BREAK: ___, ...environment } = process.env;
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, logLevel: 'off' });
terminal.loadAddon(new unicode11.Unicode11Addon());
terminal.unicode.activeVersion = '11';
const session = startOnPty([process.execPath, bin, 'practice', '--var', 'BUILD_SECONDS=3'], {
  cwd: home,
  env: { ...environment, RUNBOOK_HOME: home, COLORTERM: 'truecolor' },
  columns: COLUMNS,
  rows: ROWS,
  onText: (text) => terminal.write(text),
});

const shown = (): readonly string[] =>
  Array.from({ length: ROWS }, (_, y) => terminal.buffer.active.getLine(y)?.translateToString(true) ?? '');
const see = (what: RegExp, withinMs: number) =>
  waitFor(() => shown().some((row) => what.test(row)), { withinMs, what: `${what}; it shows\n${shown().join('\n')}` });

try {
  await see(/Node and git are there/, 15_000);
  session.write('a');
  await see(/Running on ended: Gate/, 90_000);
  session.write('\r');
  await see(/⏎ yes/, 5_000);
  // A key of the same burst would confirm nothing.
  await pause(1_000);
  session.write('y');
  await see(/▸○ Open the front door/, 5_000);
  session.write('a');
  await see(/▸▶ Look for yourself/, 60_000);
  // A service that is up, measured, its output beside the logs of what it asks.
  for (let row = 0; row < 8; row += 1) {
    session.write('k');
    await pause(100);
  }
  await see(/▸▶ Open the front door/, 5_000);
  await see(/answered 1\d\d/, 60_000);
  writeFileSync(picture, svgOfScreen(terminal, 'runbook: the practice runbook while a release is rolled out'));
  process.stdout.write(`${shown().join('\n')}\n\n${picture}\n`);
  session.write('x');
  await see(/⏎ yes/, 5_000);
  await pause(1_000);
  session.write('y');
  await see(/stopped with SIGINT/, 20_000);
} finally {
  await session.end();
  // The practice service ends by itself when its folder is gone.
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

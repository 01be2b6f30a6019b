// Makes the README's picture from the running program: `npm run picture`. What it shows is what the program showed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import unicode11 from '@xterm/addon-unicode11';
import xterm from '@xterm/headless';
import { startOnPty } from '../bench/pty-session.ts';
import { waitFor } from '../support/wait-for.ts';
import { svgOfScreen } from './svg-of-screen.ts';

const COLUMNS = 120;
const ROWS = 30;
const bin = fileURLToPath(new URL('../../src/bin/runbook.cjs', import.meta.url));
const picture = fileURLToPath(new URL('screen.svg', import.meta.url));

const home = mkdtempSync('/tmp/runbook-picture-');
const { CI: _, NO_COLOR: __, BREAK: ___, ...environment } = process.env;
const terminal = new xterm.Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, logLevel: 'off' });
terminal.loadAddon(new unicode11.Unicode11Addon());
terminal.unicode.activeVersion = '11';
const session = startOnPty([process.execPath, bin, 'practice'], {
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
  // In the middle of the build: two phases done, a step running, its progress bar redrawn in its pane.
  await see(/\b(5|6)\d ?%/, 90_000);
  writeFileSync(picture, svgOfScreen(terminal, 'runbook: the practice runbook while its release is built'));
  process.stdout.write(`${shown().join('\n')}\n\n${picture}\n`);
  session.write('x');
  await see(/Stop/, 5_000);
  session.write('y');
  await see(/stopped/, 20_000);
} finally {
  await session.end();
  // The practice service ends by itself when its folder is gone.
  rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

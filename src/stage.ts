import { createTerminalOutput, type TerminalOutput } from './adapters/terminal-output.ts';
import { type EarlyEnd, listenForEarlyEnd } from './early-end.ts';
import { compose } from './live/compositor.ts';
import type { Palette } from './live/degrade.ts';
import { firstPaint } from './live/first-paint.ts';

/** The terminal, taken before anything slow is loaded. */
export type Stage = {
  readonly terminal: TerminalOutput;
  /** What draws the screen, being loaded while the run is opened. */
  readonly parts: ReturnType<typeof loadParts>;
  /** To be called once, before the screen reads what is typed: how it was left before it was there; undefined: it was not. */
  readonly wasLeft: EarlyEnd['over'];
  /** Decides what the next signal, or the loss of the terminal, leads to; without it the screen is left before it is there. */
  readonly onEnd: (listener: (signal: string) => void) => void;
};

async function loadParts() {
  const [{ createPainter }, { mountInk }, { App }, { watchRun }, { handOverTerminal }, { editDefinition }] =
    await Promise.all([
      import('./painter.ts'),
      import('./adapters/ink-host.ts'),
      import('./ui/app.tsx'),
      import('./monitor.ts'),
      import('./hand-over.ts'),
      import('./edit-definition.ts'),
    ]);
  return { createPainter, mountInk, App, watchRun, handOverTerminal, editDefinition };
}

/**
 * Takes the terminal and draws the screen's skeleton, so that it answers at once. From now on the terminal is given back
 * however the process ends, `kill -9` excepted.
 *
 * @param palette what the terminal can show as far as that is known before any file is read properly
 * @param say writes a line of the last words, where the process ends before there is a screen to leave
 */
export function takeStage(palette: Palette, say: (line: string) => void): Stage {
  let onEnd = (signal: string): void => early.ask(signal);
  const terminal = createTerminalOutput({
    stdout: process.stdout,
    stdin: process.stdin,
    onGone: () => onEnd('SIGHUP'),
  });
  const early = listenForEarlyEnd({ terminal, stdin: process.stdin, stdout: process.stdout, say });
  process.on('exit', () => terminal.leaveNow());
  // Never taken back: Ink's own listener ends the process at once where it finds itself the last one.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const) {
    process.on(signal, () => {
      terminal.stayAway();
      onEnd(signal);
    });
  }
  for (const event of ['end', 'error']) process.stdin.on(event, () => onEnd('SIGHUP'));
  const { columns, rows } = terminal.size();
  const grid = firstPaint({ columns, rows, title: 'runbook' });
  terminal.show(() =>
    compose([{ grid, at: { x: 0, y: 0, width: columns, height: rows } }], { columns, rows, ...palette }),
  );
  terminal.enter();
  return {
    terminal,
    parts: loadParts(),
    wasLeft: early.over,
    onEnd: (listener) => {
      onEnd = listener;
    },
  };
}

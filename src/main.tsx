import { createFrameClock, type FrameClock } from './adapters/frame-clock.ts';
import type { InkHost } from './adapters/ink-host.ts';
import { createTerminalInput } from './adapters/terminal-input.ts';
import { createTerminalOutput, type TerminalOutput } from './adapters/terminal-output.ts';
import { compose } from './live/compositor.ts';
import type { Palette } from './live/degrade.ts';
import { firstPaint } from './live/first-paint.ts';
import type { OpenedRun } from './open-run.ts';

/** How a screen ended. */
export type Leaving =
  | { readonly kind: 'left' }
  /** By a signal, or because the terminal is gone. */
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'crashed'; readonly error: unknown };

/** The terminal, taken before anything slow is loaded. */
export type Stage = {
  readonly terminal: TerminalOutput;
  /** What draws the screen, being loaded while the run is opened. */
  readonly parts: ReturnType<typeof loadParts>;
  readonly onGone: (listener: () => void) => void;
};

async function loadParts() {
  const [{ createPainter }, { mountInk }, { App }, { handOverTerminal }, { editDefinition }] = await Promise.all([
    import('./painter.ts'),
    import('./adapters/ink-host.ts'),
    import('./ui/app.tsx'),
    import('./hand-over.ts'),
    import('./edit-definition.ts'),
  ]);
  return { createPainter, mountInk, App, handOverTerminal, editDefinition };
}

/**
 * Takes the terminal and draws the screen's skeleton, so that it answers at once.
 *
 * @param palette what the terminal can show as far as that is known before any file is read properly
 */
export function takeStage(palette: Palette): Stage {
  const goneListeners: (() => void)[] = [];
  const terminal = createTerminalOutput({
    stdout: process.stdout,
    stdin: process.stdin,
    onGone: () => {
      for (const listener of goneListeners) listener();
    },
  });
  process.on('exit', () => terminal.leaveNow());
  const { columns, rows } = terminal.size();
  const grid = firstPaint({ columns, rows, title: 'runbook' });
  terminal.show(() =>
    compose([{ grid, at: { x: 0, y: 0, width: columns, height: rows } }], { columns, rows, ...palette }),
  );
  terminal.enter();
  return { terminal, parts: loadParts(), onGone: (listener) => goneListeners.push(listener) };
}

/** Runs the screen until the operator leaves it, a signal ends it, or its terminal is gone. What runs goes on. */
export async function runScreen(input: {
  readonly stage: Stage;
  readonly palette: Palette;
  readonly opened: OpenedRun;
  /** The operator's editor, as a command line that a file follows. */
  readonly editor: string;
}): Promise<Leaving> {
  const { stage, opened } = input;
  const { terminal } = stage;
  const engine = opened.session.api;
  const { createPainter, mountInk, App, handOverTerminal, editDefinition } = await stage.parts;
  const pasteListeners = new Set<(text: string) => void>();
  const keys = createTerminalInput({
    stdin: process.stdin,
    onPaste: (text) => {
      for (const listener of [...pasteListeners]) listener(text);
    },
  });

  return await new Promise<Leaving>((resolve) => {
    let host: InkHost | undefined;
    let over = false;
    const painter = createPainter({ engine, terminal, clock: () => clock, palette: input.palette });
    const clock: FrameClock = createFrameClock({ draw: painter.draw, frameIntervalMs: terminal.frameIntervalMs });
    const undo: (() => void)[] = [];

    const leave = (how: Leaving) => {
      if (over) return;
      over = true;
      for (const one of undo) one();
      host?.unmount();
      painter.dispose();
      clock.stop();
      keys.stop();
      resolve(how);
    };
    const crash = (error: unknown) => leave({ kind: 'crashed', error });
    // Never taken back: Ink's own listener ends the process at once where it finds itself the last one.
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const) {
      process.on(signal, () => leave({ kind: 'signal', signal }));
    }
    process.on('uncaughtException', crash);
    process.on('unhandledRejection', crash);
    undo.push(
      () => process.off('uncaughtException', crash),
      () => process.off('unhandledRejection', crash),
    );
    stage.onGone(() => leave({ kind: 'signal', signal: 'SIGHUP' }));
    process.stdin.on('end', () => leave({ kind: 'signal', signal: 'SIGHUP' }));
    undo.push(engine.subscribe(() => painter.wake()));

    const node = (columns: number, rows: number) => (
      <App
        engine={engine}
        columns={columns}
        rows={rows}
        now={() => Date.now()}
        currentBurst={keys.burst}
        onPaste={(receive) => {
          pasteListeners.add(receive);
          return () => pasteListeners.delete(receive);
        }}
        onLayout={painter.setLayout}
        outputStatus={painter.status}
        scrollOutput={painter.scroll}
        setRawInput={(receive) => {
          painter.setTyping(receive !== undefined);
          if (!receive) keys.route({ kind: 'screen' });
          else {
            const onPaste = (text: string) => {
              for (const listener of [...pasteListeners]) listener(text);
            };
            keys.route({ kind: 'typing', onBytes: receive, onPaste });
          }
        }}
        openEditor={(line) => {
          void editDefinition({ engine, opened, line, editor: input.editor, terminal, keys }).catch(crash);
        }}
        handOver={(attempt) => {
          void handOverTerminal({ engine, attempt, terminal, keys }).then(() => painter.wake(), crash);
        }}
        suspend={() => void terminal.suspend()}
        repaint={terminal.repaint}
        leave={() => leave({ kind: 'left' })}
      />
    );
    const { columns, rows } = terminal.size();
    host = mountInk(node(columns, rows), { columns, rows, onFrame: painter.takeFrame, stdin: keys.inkStdin });
    host.ended.catch(crash);
    undo.push(
      terminal.onResize(() => {
        const size = terminal.size();
        painter.resize(size.columns, size.rows);
        host?.resize(size.columns, size.rows);
        host?.rerender(node(size.columns, size.rows));
      }),
    );
    keys.start();
  });
}

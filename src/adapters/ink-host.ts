import { EventEmitter } from 'node:events';
import { render } from 'ink';
import type { ReactNode } from 'react';

/** Ink, drawing into memory. */
export type InkHost = {
  /** Draws anew at another size. */
  readonly resize: (columns: number, rows: number) => void;
  readonly rerender: (node: ReactNode) => void;
  /** Ends it; no frame comes after this. */
  readonly unmount: () => void;
  /** Resolves when it has ended; rejects with what a component threw. */
  readonly ended: Promise<void>;
};

/**
 * Renders with Ink, which never touches the operator's terminal: its frames, whole and one for each
 * change, go to `onFrame` as rows of text with SGR sequences, divided by line feeds.
 *
 * Ink's debug mode writes each frame whole and at once; the frame is what it wrote last before it
 * reports a render. All else that it writes (cursor, modes, the last line feed) is dropped. Ink's own
 * signal handlers only act where the program has none.
 */
export function mountInk(
  node: ReactNode,
  options: {
    readonly columns: number;
    readonly rows: number;
    readonly onFrame: (frame: string) => void;
    readonly stdin: NodeJS.ReadStream;
  },
): InkHost {
  let lastWritten = '';
  let isEnding = false;
  const stdout = createStandIn(options, (text) => {
    lastWritten = text;
  });
  const instance = render(node, {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: createStandIn(options, () => {}) as unknown as NodeJS.WriteStream,
    stdin: options.stdin,
    debug: true,
    interactive: true,
    patchConsole: false,
    exitOnCtrlC: false,
    isScreenReaderEnabled: false,
    onRender: () => {
      if (!isEnding) options.onFrame(lastWritten);
    },
  } as Parameters<typeof render>[1]);
  const ended = instance.waitUntilExit().then(() => undefined);
  // Who asks for it gets the error; who does not must not be ended by it.
  ended.catch(() => undefined);
  return {
    resize: (columns, rows) => {
      stdout.columns = columns;
      stdout.rows = rows;
      stdout.emit('resize');
    },
    rerender: (next) => instance.rerender(next),
    unmount: () => {
      isEnding = true;
      instance.unmount();
    },
    ended,
  };
}

function createStandIn(size: { readonly columns: number; readonly rows: number }, onWrite: (text: string) => void) {
  return Object.assign(new EventEmitter(), {
    isTTY: true,
    writable: true,
    destroyed: false,
    writableEnded: false,
    columns: size.columns,
    rows: size.rows,
    write: (text: string, onDone?: unknown): boolean => {
      onWrite(text);
      if (typeof onDone === 'function') onDone();
      return true;
    },
  });
}

import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { render } from 'ink';
import type { LogStart } from '../../src/live/log-line.ts';
import type { LogsStatus } from '../../src/live/log-status.ts';
import type { SystemSnapshot } from '../../src/live/system.ts';
import { App } from '../../src/ui/app.tsx';
import type { OutputStatus, ScreenLayout, ScreenPorts, ScrollCommand } from '../../src/ui/screen-ports.ts';
import type { FakeEngine } from './fake-engine.ts';
import { quietLogs, quietSystem } from './quiet-system.ts';
import { createScreen } from './screen.ts';
import { waitFor } from './wait-for.ts';

/** The whole screen on a terminal in memory, with everything it asks of the outside recorded. */
export type RenderedScreen = {
  /** What one sees, row by row. */
  readonly rows: () => Promise<readonly string[]>;
  readonly text: () => Promise<string>;
  /** The frame as Ink wrote it. */
  readonly raw: () => string;
  readonly frames: () => number;
  /** Sends bytes as one burst of input. */
  readonly press: (bytes: string) => Promise<void>;
  /** Sends each as a burst of its own. */
  readonly keys: (...bytes: readonly string[]) => Promise<void>;
  readonly paste: (text: string) => void;
  readonly raws: () => ((data: Uint8Array) => void) | undefined;
  readonly setOutput: (status: OutputStatus) => void;
  readonly setSystem: (system: SystemSnapshot) => void;
  readonly setLogs: (logs: LogsStatus) => void;
  readonly resize: (columns: number, rows: number) => void;
  readonly layout: () => ScreenLayout;
  /** Everything that ports were called for, oldest first. */
  readonly calls: readonly string[];
  readonly scrolls: readonly ScrollCommand[];
  readonly logScrolls: readonly ScrollCommand[];
  readonly see: (text: string) => Promise<void>;
  readonly close: () => void;
};

/** Bytes of keys as terminals send them. */
export const keyBytes = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  home: '\u001b[H',
  end: '\u001b[F',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  enter: '\r',
  escape: '\u001b',
  tab: '\t',
  shiftTab: '\u001b[Z',
  backspace: '\u007f',
  delete: '\u001b[3~',
  ctrlC: '\u0003',
  ctrlL: '\u000c',
  ctrlR: '\u0012',
  ctrlU: '\u0015',
  ctrlW: '\u0017',
  ctrlZ: '\u001a',
} as const;

/** Shows the screen of an engine. Close it: it follows the engine until then. */
export function renderScreen(
  engine: FakeEngine,
  size: { readonly columns: number; readonly rows: number; readonly now: number },
): RenderedScreen {
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => {},
    unref: () => {},
  });
  let frame = '';
  let frames = 0;
  const stdout = Object.assign(
    new Writable({
      write: (chunk, _, done) => {
        const text = String(chunk);
        // On unmounting Ink writes a line feed, which is no frame.
        if (text !== '\n') {
          frame = text;
          frames += 1;
        }
        done();
      },
    }),
    { columns: size.columns, rows: size.rows, isTTY: true },
  );
  let burst = 1;
  let { columns, rows } = size;
  let layout: ScreenLayout | undefined;
  let status: OutputStatus = { following: true, newLines: 0 };
  let system: SystemSnapshot = quietSystem;
  let logs: LogsStatus = quietLogs;
  let receiveRaw: ((data: Uint8Array) => void) | undefined;
  const events = new EventEmitter();
  const calls: string[] = [];
  const scrolls: ScrollCommand[] = [];
  const logScrolls: ScrollCommand[] = [];
  const following = (name: string) => (listener: () => void) => {
    events.on(name, listener);
    return () => events.off(name, listener);
  };
  const ports = (): ScreenPorts => ({ ...fixed, columns, rows });
  const fixed = {
    engine,
    now: () => size.now,
    currentBurst: () => burst,
    onPaste: (receive: (text: string) => void) => {
      events.on('paste', receive);
      return () => events.off('paste', receive);
    },
    onLayout: (next: ScreenLayout) => {
      layout = next;
    },
    outputStatus: { get: () => status, subscribe: following('status') },
    system: { get: () => system, subscribe: following('system') },
    logs: {
      get: () => logs,
      subscribe: following('logs'),
      scroll: (command: ScrollCommand) => logScrolls.push(command),
      follow: (start: LogStart) => calls.push(`follow ${JSON.stringify(start)}`),
    },
    chart: { get: () => undefined, subscribe: following('chart'), load: () => calls.push('load chart') },
    scrollOutput: (command: ScrollCommand) => scrolls.push(command),
    setRawInput: (receive: ((data: Uint8Array) => void) | undefined) => {
      receiveRaw = receive;
    },
    restKeys: () => calls.push('rest'),
    keysRest: { get: () => false, subscribe: following('rest') },
    openEditor: (line: number) => calls.push(`edit ${line}`),
    handOver: (attempt: number) => calls.push(`hand over ${attempt}`),
    suspend: () => calls.push('suspend'),
    repaint: () => calls.push('repaint'),
    leave: () => calls.push('leave'),
  };
  const instance = render(<App {...ports()} />, {
    stdout: stdout as unknown as NodeJS.WriteStream,
    stdin: stdin as unknown as NodeJS.ReadStream,
    debug: true,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
  });
  const press = async (bytes: string) => {
    burst += 1;
    stdin.write(bytes);
    // The stream hands it over in turns of the event loop; a lone Esc waits for what might follow it.
    await waitFor(() => stdin.readableLength === 0);
    await settled();
  };
  const visible = async () => {
    const screen = createScreen(columns, rows);
    await screen.write(frame.replaceAll('\n', '\r\n'));
    const shown = screen.rows();
    screen.dispose();
    return shown;
  };
  const text = async () => (await visible()).join('\n');
  return {
    rows: visible,
    text,
    raw: () => frame,
    frames: () => frames,
    press,
    keys: async (...all) => {
      for (const bytes of all) await press(bytes);
    },
    paste: (pasted) => events.emit('paste', pasted),
    raws: () => receiveRaw,
    setOutput: (next) => {
      status = next;
      events.emit('status');
    },
    setSystem: (next) => {
      system = next;
      events.emit('system');
    },
    setLogs: (next) => {
      logs = next;
      events.emit('logs');
    },
    resize: (nextColumns, nextRows) => {
      columns = nextColumns;
      rows = nextRows;
      Object.assign(stdout, { columns, rows });
      instance.rerender(<App {...ports()} />);
    },
    layout: () => {
      if (layout === undefined) throw new Error('no layout was told yet');
      return layout;
    },
    calls,
    scrolls,
    logScrolls,
    see: async (wanted) => {
      await waitFor(async () => (await text()).includes(wanted), { what: `to see “${wanted}”` });
    },
    close: () => instance.unmount(),
  };
}

/** Some turns of the event loop: promises and effects that are under way get done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

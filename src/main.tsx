import { createFrameClock, type FrameClock } from './adapters/frame-clock.ts';
import type { InkHost } from './adapters/ink-host.ts';
import { loadLineChart } from './adapters/line-chart.ts';
import { createTerminalInput, type TerminalInput } from './adapters/terminal-input.ts';
import type { Asked } from './early-end.ts';
import type { Palette } from './live/degrade.ts';
import { createFollowed } from './live/followed.ts';
import type { DrawChart } from './live/line-chart.ts';
import type { Monitor, MonitorInput } from './monitor.ts';
import type { OpenedRun } from './open-run.ts';
import type { Painter } from './painter.ts';
import type { Stage } from './stage.ts';
import type { ScreenPorts } from './ui/screen-ports.ts';

/** How a screen ended. */
export type Leaving = Asked | { readonly kind: 'crashed'; readonly error: unknown };

/** How long the last measurements may take to be written before the screen is left without them. */
const CLOSING_MS = 2_000;

type ScreenInput = {
  readonly stage: Stage;
  readonly palette: Palette;
  readonly opened: OpenedRun;
  /** What the live panes stand on. */
  readonly watching: Omit<MonitorInput, 'engine'>;
  /** The operator's editor, as a command line that a file follows. */
  readonly editor: string;
};

/** Runs the screen until the operator leaves it, a signal ends it, or its terminal is gone. What runs goes on. */
export async function runScreen(input: ScreenInput): Promise<Leaving> {
  const { stage, opened } = input;
  const { terminal } = stage;
  const engine = opened.session.api;
  const parts = await stage.parts;
  const before = await stage.wasLeft();
  if (before !== undefined) return before;
  const pastes = createPastes();
  const keysRest = createFollowed(false);
  const keys = createTerminalInput({ stdin: process.stdin, onPaste: pastes.tell, onRest: keysRest.set });

  return await new Promise<Leaving>((resolve) => {
    let host: InkHost | undefined;
    let over = false;
    const painter = parts.createPainter({ engine, terminal, clock: () => clock, palette: input.palette });
    const clock: FrameClock = createFrameClock({ draw: painter.draw, frameIntervalMs: terminal.frameIntervalMs });
    const monitor = parts.watchRun({ ...input.watching, engine });
    painter.setLogs(monitor.logs.lines);
    const undo: (() => void)[] = [engine.subscribe(() => painter.wake()), monitor.logs.onLines(painter.logsChanged)];

    const leave = (how: Leaving) => {
      if (over) return;
      over = true;
      for (const one of undo) one();
      host?.unmount();
      painter.dispose();
      clock.stop();
      keys.stop();
      const done = () => resolve(how);
      // What was measured is not worth waiting for a disk that hangs.
      const patience = setTimeout(done, CLOSING_MS);
      monitor
        .close()
        .then(done, done)
        .finally(() => clearTimeout(patience));
    };
    const crash = (error: unknown) => leave({ kind: 'crashed', error });
    stage.onEnd((signal) => leave({ kind: 'signal', signal }));
    for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
      process.on(event, crash);
      undo.push(() => process.off(event, crash));
    }

    const ports = portsOf({ screen: input, parts, painter, monitor, keys, keysRest, pastes, leave, crash });
    const { App } = parts;
    const { columns, rows } = terminal.size();
    host = parts.mountInk(<App {...ports} columns={columns} rows={rows} />, {
      columns,
      rows,
      onFrame: painter.takeFrame,
      stdin: keys.inkStdin,
    });
    host.ended.catch(crash);
    undo.push(
      terminal.onResize(() => {
        const size = terminal.size();
        painter.resize(size.columns, size.rows);
        host?.resize(size.columns, size.rows);
        host?.rerender(<App {...ports} {...size} />);
      }),
    );
    keys.start();
    monitor.start();
  });
}

type Pastes = { readonly tell: (text: string) => void; readonly subscribe: ScreenPorts['onPaste'] };

function createPastes(): Pastes {
  const listeners = new Set<(text: string) => void>();
  return {
    tell: (text) => {
      for (const listener of [...listeners]) listener(text);
    },
    subscribe: (receive) => {
      listeners.add(receive);
      return () => listeners.delete(receive);
    },
  };
}

/** What draws charts takes long to load and is hardly ever asked for. */
function createChart(): ScreenPorts['chart'] {
  const chart = createFollowed<DrawChart | undefined>(undefined);
  let isAsked = false;
  return {
    get: chart.get,
    subscribe: chart.subscribe,
    load: () => {
      if (isAsked) return;
      isAsked = true;
      // Without it the figures are there all the same.
      loadLineChart().then(chart.set, () => {});
    },
  };
}

/** What the screen is given; the same objects for as long as it lives, since it subscribes to them. */
function portsOf(input: {
  readonly screen: ScreenInput;
  readonly parts: Awaited<Stage['parts']>;
  readonly painter: Painter;
  readonly monitor: Monitor;
  readonly keys: TerminalInput;
  readonly keysRest: ScreenPorts['keysRest'];
  readonly pastes: Pastes;
  readonly leave: (how: Leaving) => void;
  readonly crash: (error: unknown) => void;
}): Omit<ScreenPorts, 'columns' | 'rows'> {
  const { parts, painter, monitor, keys, keysRest, pastes, leave, crash } = input;
  const { opened, editor, stage, watching } = input.screen;
  const { terminal } = stage;
  const engine = opened.session.api;
  let editing: Promise<void> = Promise.resolve();
  return {
    engine,
    now: () => Date.now(),
    currentBurst: keys.burst,
    onPaste: pastes.subscribe,
    onLayout: painter.setLayout,
    outputStatus: painter.status,
    scrollOutput: painter.scroll,
    system: monitor.system,
    logs: monitor.logs,
    chart: createChart(),
    projectMonitor: watching.project?.monitor,
    setRawInput: (receive) => {
      painter.setTyping(receive !== undefined);
      keys.route(receive ? { kind: 'typing', onBytes: receive, onPaste: pastes.tell } : { kind: 'screen' });
    },
    restKeys: keys.rest,
    keysRest,
    openEditor: (line) => {
      const { environment } = watching;
      editing = parts.editDefinition({ engine, opened, line, editor, environment, terminal, keys }).catch(crash);
    },
    handOver: (attempt) => {
      // While the editor has the terminal, a command that wants it waits.
      const handedOver = editing.then(() => parts.handOverTerminal({ engine, attempt, terminal, keys }));
      handedOver.then(() => painter.wake(), crash);
    },
    suspend: () => void terminal.suspend(),
    repaint: terminal.repaint,
    leave: () => leave({ kind: 'left' }),
  };
}

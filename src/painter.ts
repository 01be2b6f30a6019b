import type { FrameClock } from './adapters/frame-clock.ts';
import { openOutput } from './adapters/output-reader.ts';
import type { TerminalOutput } from './adapters/terminal-output.ts';
import type { EngineApi } from './engine/api.ts';
import { parseAnsiFrame } from './live/ansi-row.ts';
import { createGrid, type Grid } from './live/cells.ts';
import { compose, type Layer } from './live/compositor.ts';
import type { Palette } from './live/degrade.ts';
import { createFollowed } from './live/followed.ts';
import type { LogView } from './live/log-view.ts';
import type { OutputView } from './live/output-view.ts';
import { isOnTerminal } from './run/plan.ts';
import { isActive, isManual } from './run/select.ts';
import type { Followed, OutputStatus, ScreenLayout, ScrollCommand } from './ui/screen-ports.ts';

/** Output that moves is looked at this often; output that is silent, less often. */
const LIVELY_MS = 33;
const SILENT_MS = 120;
/** How long output counts as lively after it moved. */
const LIVELY_FOR_MS = 1_000;

/** Lays the output of the shown attempt into the hole that the screen leaves for it. */
export type Painter = {
  /** Takes Ink's newest frame. */
  readonly takeFrame: (frame: string) => void;
  readonly setLayout: (layout: ScreenLayout) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** Draws what there is now. */
  readonly draw: () => void;
  readonly scroll: (command: ScrollCommand) => void;
  /** A command is being typed to: its cursor is shown, and its echo is looked for at once. */
  readonly setTyping: (on: boolean) => void;
  readonly status: Followed<OutputStatus>;
  /** Where the lines of the logs are to be had; they are drawn where the screen leaves a hole for them. */
  readonly setLogs: (lines: () => LogView) => void;
  /** The lines of the logs have changed. */
  readonly logsChanged: () => void;
  /** Looks again whether there is something to follow; called when the run has changed. */
  readonly wake: () => void;
  readonly dispose: () => void;
};

type Shown = { readonly attempt: number; readonly view: OutputView };

const FOLLOWING: OutputStatus = { following: true, newLines: 0 };

export function createPainter(input: {
  readonly engine: EngineApi;
  readonly terminal: TerminalOutput;
  readonly clock: () => FrameClock;
  readonly palette: Palette;
}): Painter {
  const { engine, terminal, clock, palette } = input;
  let size = terminal.size();
  let ink: Grid = createGrid(size.columns, size.rows);
  let layout: ScreenLayout = { clip: [], columns: size.columns, rows: size.rows };
  let wanted: number | undefined;
  let shown: Shown | undefined;
  const status = createFollowed(FOLLOWING);
  let linesNow: (() => LogView) | undefined;
  let placed: LogView | undefined;
  let movedAt = 0;
  let typing = false;
  let timer: NodeJS.Timeout | undefined;
  let disposed = false;

  const layers = (): readonly Layer[] => {
    const whole = { x: 0, y: 0, width: size.columns, height: size.rows };
    const layered: Layer[] = [{ grid: ink, at: whole }];
    const { hole, clip, logs } = layout;
    if (hole && shown) layered.push({ grid: shown.view.rows(), at: hole, except: clip });
    if (logs && placed) layered.push({ grid: placed.rows(), at: logs.hole, except: logs.clip });
    return layered;
  };
  const draw = () => terminal.show(() => compose(layers(), { ...size, ...palette }));

  const tellStatus = () => {
    const position = shown?.view.position();
    const next: OutputStatus =
      position?.kind === 'paused' ? { following: false, newLines: position.newLines } : FOLLOWING;
    const before = status.get();
    if (next.following !== before.following || next.newLines !== before.newLines) status.set(next);
  };
  const mayGrow = () => {
    const attempt = shown && engine.run().attempts[shown.attempt - 1];
    return attempt !== undefined && isActive(attempt) && !isManual(engine.run(), attempt);
  };
  const tick = async () => {
    timer = undefined;
    const current = shown;
    if (!current || disposed) return;
    const growing = mayGrow();
    const { isChanged, isBehind } = await current.view.tick().catch(() => ({ isChanged: true, isBehind: false }));
    if (shown !== current) return;
    if (isChanged) {
      movedAt = performance.now();
      clock().requestFrame('output');
    }
    tellStatus();
    if (isBehind) schedule(typing ? 0 : terminal.frameIntervalMs());
    else if (growing || mayGrow()) {
      const lively = typing || performance.now() - movedAt < LIVELY_FOR_MS;
      schedule(lively ? Math.max(typing ? 10 : LIVELY_MS, typing ? 0 : terminal.frameIntervalMs()) : SILENT_MS);
    }
  };
  const schedule = (delayMs: number) => {
    if (timer || disposed) return;
    timer = setTimeout(() => void tick(), delayMs);
  };
  const placeLogs = () => {
    const { logs } = layout;
    placed = linesNow?.();
    if (!placed || !logs) return;
    placed.resize(logs.hole.width, logs.hole.height);
    placed.set(logs.settings);
  };
  const wake = () => {
    if (timer) clearTimeout(timer);
    timer = undefined;
    schedule(0);
  };

  const show = (attempt: number | undefined) => {
    if (wanted === attempt) return;
    wanted = attempt;
    shown?.view.dispose();
    shown = undefined;
    if (attempt !== undefined) void open(attempt);
    tellStatus();
  };
  /** The emulator is loaded when there is output to show: the first frame does not wait for it. */
  const open = async (attempt: number) => {
    const { createOutputView } = await import('./live/output-view.ts');
    if (wanted !== attempt || disposed) return;
    const view = createOutputView({
      source: { ...openOutput(engine.attemptFolder(attempt)), isPlain: !isOnTerminal(engine.run(), attempt) },
      columns: layout.hole?.width ?? layout.columns,
      rows: layout.hole?.height ?? layout.rows,
      // Answers to a program's questions about its terminal go back to the program, never to the operator's terminal.
      onAnswer: (answer) => engine.input(attempt, new TextEncoder().encode(answer)),
    });
    view.setVisible(layout.hole !== undefined);
    view.showCursor(typing);
    shown = { attempt, view };
    wake();
  };

  return {
    takeFrame: (frame) => {
      ink = parseAnsiFrame(frame, size.columns, size.rows);
      clock().requestFrame('key');
    },
    setLayout: (next) => {
      const before = layout;
      layout = next;
      show(next.attempt);
      const { hole } = next;
      if (hole && (hole.width !== before.hole?.width || hole.height !== before.hole.height))
        shown?.view.resize(hole.width, hole.height);
      shown?.view.setVisible(hole !== undefined);
      engine.resize(next.columns, next.rows);
      placeLogs();
      if (hole) wake();
    },
    resize: (columns, rows) => {
      size = { columns, rows };
      ink = createGrid(columns, rows);
    },
    draw,
    scroll: (command) => {
      if (shown) scrollBy(shown.view, command);
      tellStatus();
      wake();
      clock().requestFrame('key');
    },
    setTyping: (on) => {
      typing = on;
      shown?.view.showCursor(on);
      wake();
      clock().requestFrame('key');
    },
    status,
    setLogs: (next) => {
      linesNow = next;
      placeLogs();
    },
    logsChanged: () => {
      if (placed !== linesNow?.()) placeLogs();
      if (layout.logs && placed) clock().requestFrame('output');
    },
    wake,
    dispose: () => {
      disposed = true;
      if (timer) clearTimeout(timer);
      shown?.view.dispose();
    },
  };
}

function scrollBy(view: OutputView, command: ScrollCommand): void {
  switch (command.kind) {
    case 'start':
      view.scroll('home');
      break;
    case 'end':
      view.scroll('end');
      break;
    case 'lines':
    case 'pages': {
      const [up, down] =
        command.kind === 'lines' ? (['lineUp', 'lineDown'] as const) : (['pageUp', 'pageDown'] as const);
      for (let count = 0; count < Math.abs(command.by); count += 1) view.scroll(command.by < 0 ? up : down);
      break;
    }
    default:
      command satisfies never;
  }
}

import { openOutput } from './adapters/output-reader.ts';
import type { TerminalInput } from './adapters/terminal-input.ts';
import type { TerminalOutput } from './adapters/terminal-output.ts';
import type { EngineApi } from './engine/api.ts';
import { harmlessLine } from './live/harmless-text.ts';
import { attemptByNumber, isActive } from './run/select.ts';

/** Ctrl-]: takes the terminal back while the command goes on, as in telnet. */
const TAKE_BACK = 0x1d;
const LOOK_MS = 15;
const READ_BYTES = 64 * 1024;

/**
 * Gives the whole terminal to an interactive attempt until it ends or the operator takes it back. What it prints is read
 * from its recorded output: nothing is missing, and secrets are masked there already.
 */
export async function handOverTerminal(input: {
  readonly engine: EngineApi;
  readonly attempt: number;
  readonly terminal: TerminalOutput;
  readonly keys: TerminalInput;
}): Promise<void> {
  const { engine, attempt, terminal, keys } = input;
  const { columns, rows } = terminal.size();
  const { title } = attemptByNumber(engine.run(), attempt);
  let takenBack = false;
  terminal.handOver();
  void terminal.passThrough(
    new TextEncoder().encode(
      `\r\n— ${harmlessLine(title)} — ctrl-] goes back to the runbook and leaves it running\r\n`,
    ),
  );
  keys.route({
    kind: 'raw',
    onBytes: (bytes) => {
      if (bytes.includes(TAKE_BACK)) takenBack = true;
      else engine.input(attempt, bytes);
    },
  });
  // A program that already drew itself draws anew for a size that changes.
  engine.resize(columns, Math.max(1, rows - 1));
  engine.resize(columns, rows);
  const unsubscribe = terminal.onResize(() => engine.resize(terminal.size().columns, terminal.size().rows));
  try {
    // Who has lost the run to another screen types to nobody.
    await passOutput({ engine, attempt, terminal, isTakenBack: () => takenBack || engine.holding().kind !== 'writer' });
  } finally {
    unsubscribe();
    keys.route({ kind: 'screen' });
    if (!takenBack) keys.rest();
    terminal.takeBack();
  }
}

async function passOutput(input: {
  readonly engine: EngineApi;
  readonly attempt: number;
  readonly terminal: TerminalOutput;
  readonly isTakenBack: () => boolean;
}): Promise<void> {
  const { engine, attempt, terminal, isTakenBack } = input;
  const output = openOutput(engine.attemptFolder(attempt));
  let offset = Math.max(0, (await output.size()) - READ_BYTES);
  while (!isTakenBack()) {
    const over = !isActive(attemptByNumber(engine.run(), attempt));
    const bytes = await output.read(offset, READ_BYTES);
    offset += bytes.length;
    if (bytes.length > 0) await terminal.passThrough(bytes);
    else if (over || terminal.isGone()) return;
    else await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}

import { execa } from 'execa';
import type { TerminalInput } from './adapters/terminal-input.ts';
import type { TerminalOutput } from './adapters/terminal-output.ts';
import type { EngineApi } from './engine/api.ts';
import type { OpenedRun } from './open-run.ts';

/**
 * Opens the definition in the operator's editor, which has the terminal meanwhile; then looks whether it changed. Steps
 * that run go on beside it.
 */
export async function editDefinition(input: {
  readonly engine: EngineApi;
  readonly opened: OpenedRun;
  readonly line: number;
  readonly editor: string;
  /** What the editor is started with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly terminal: TerminalOutput;
  readonly keys: TerminalInput;
}): Promise<void> {
  const { engine, opened, line, editor, environment, terminal, keys } = input;
  const [program = 'vi', ...args] = editor.split(/\s+/).filter((word) => word !== '');
  // A keyboard that this process reads too loses every second key to it.
  keys.stop();
  terminal.handOver();
  try {
    await execa(program, [...args, ...placeArguments(program, engine.run().definitionPath, line)], {
      stdio: 'inherit',
      env: environment,
      extendEnv: false,
      reject: false,
    });
  } finally {
    terminal.takeBack();
    keys.start();
  }
  await opened.lookAtDefinition();
}

/** `+LINE FILE` is understood by vi, emacs, nano and most others; some want it their own way. */
function placeArguments(program: string, file: string, line: number): readonly string[] {
  const name = program.replace(/^.*\//, '');
  if (name === 'code' || name === 'cursor') return ['--wait', '--goto', `${file}:${line}`];
  if (name === 'hx' || name === 'helix' || name === 'zed' || name === 'subl') return [`${file}:${line}`];
  return [`+${line}`, file];
}

import { expect, test } from 'vitest';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { newHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

const endings: readonly (readonly [string, number, (program: PtyProgram) => void])[] = [
  ['SIGTERM', 130, (program) => program.killScreen('SIGTERM')],
  ['SIGHUP', 130, (program) => program.killScreen('SIGHUP')],
  ['Ctrl-C', 0, (program) => program.press(keys.ctrlC)],
];

test.for(endings)(
  '%s while it is still loading gives the terminal and the run back',
  async ([, code, end], context) => {
    const home = newHome(context);
    const program = home.open(['practice']);
    await waitFor(() => program.bytes().includes('\u001b[?1049h'), { withinMs: 15_000 });
    end(program);
    expect((await program.exited()).code).toBe(code);
    const bytes = program.bytes();
    expect(bytes.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(bytes.lastIndexOf('\u001b[?1049h'));
    await home.nothingLeftBehind();
  },
);

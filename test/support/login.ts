import { isThere } from './is-there.ts';
import { keys, type PtyProgram } from './pty-program.ts';
import type { SshServer } from './ssh-server.ts';
import { openTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import type { ProgramOptions, TestHome } from './test-home.ts';
import { waitFor } from './wait-for.ts';

/** The program on the other side of a line that can be lost. */
export type Login = {
  /** The operator's side: the ssh client in their terminal. */
  readonly program: PtyProgram;
  /** The program itself, at the far end. */
  readonly pid: number;
  readonly line: TcpProxy;
  /** Resolves when the program at the far end has gone. */
  readonly gone: () => Promise<void>;
};

/** Logs in over ssh and opens a runbook there; waits for its screen, but for nothing on it. */
export async function logIn(input: {
  readonly home: TestHome;
  readonly server: SshServer;
  readonly args: readonly string[];
  readonly options?: ProgramOptions;
  readonly onTestFinished: (fn: () => Promise<void>) => void;
}): Promise<Login> {
  const { home, server, args, options } = input;
  const line = await openTcpProxy(server.port);
  input.onTestFinished(() => line.close());
  const before = new Set(farPrograms(home));
  const program = home.openCommand(server.client(home.loginLine(args), line.port), options);
  const pid = await waitFor(() => farPrograms(home).find((one) => !before.has(one)), {
    withinMs: 30_000,
    what: 'the login',
  }).catch((error: Error) => {
    throw new Error(`${error.message}; the terminal:\n${program.screenText()}`);
  });
  await program.waitForScreen(() => program.screen.isAlternate());
  return {
    program,
    pid,
    line,
    gone: async () => {
      await waitFor(() => !isThere(pid), { what: 'the program at the far end has gone' });
    },
  };
}

/** Waits until something is told of what was away, and closes it. */
export async function readWhatWasAway(program: PtyProgram, wanted: RegExp): Promise<string> {
  // Half a frame may be there: the line cuts them anywhere.
  const told = await program.waitForScreen(
    (text) => /While you were away[\s\S]*Esc close[\s\S]*─╯/.test(text) && wanted.test(text),
  );
  program.press(keys.escape);
  await program.waitForScreen((text) => !text.includes('While you were away'));
  return told;
}

/** Screens of a home; the client and the login's shell have the program in their arguments too. */
function farPrograms(home: TestHome): readonly number[] {
  return home
    .processes()
    .filter(({ command }) => /^\S*node \S*runbook\.cjs/.test(command))
    .map(({ pid }) => pid);
}

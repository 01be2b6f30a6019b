import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

/** The program as it is shipped. */
export const bin = fileURLToPath(new URL('../../src/bin/runbook.cjs', import.meta.url));

/** How the program ended. */
export type Ended = { readonly status: number | undefined; readonly out: string; readonly err: string };

/** A folder of its own in which the built program is called; its files are kept in it too. */
export type Desk = {
  readonly folder: string;
  readonly home: string;
  /** Calls the program with arguments; variables are added to a small environment. */
  readonly call: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<Ended>;
  /** The same, to be looked at while it goes on: `said` is what it has printed so far. */
  readonly begin: (
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ) => { readonly ended: Promise<Ended>; readonly said: () => string };
  readonly write: (name: string, text: string) => void;
  /** A file's text; empty where there is none. */
  readonly read: (name: string) => string;
  readonly dispose: () => void;
};

/** @param runbook text of `book.yaml`; absent: no file. */
export function deskWith(runbook?: string): Desk {
  const folder = mkdtempSync('/tmp/rb-desk-');
  const home = join(folder, 'home');
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  if (runbook !== undefined) write('book.yaml', runbook);
  const begin: Desk['begin'] = (args, environment = {}) => {
    const { PATH = '', HOME = '', USER = '' } = process.env;
    const called = execa(process.execPath, [bin, ...args], {
      cwd: folder,
      env: { PATH, HOME, USER, RUNBOOK_HOME: home, ...environment },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      timeout: 60_000,
    });
    let printed = '';
    for (const stream of [called.stdout, called.stderr]) {
      stream.on('data', (bytes: Buffer) => {
        printed += bytes;
      });
    }
    const ended = called.then(({ exitCode, stdout, stderr }) => ({ status: exitCode, out: stdout, err: stderr }));
    return { ended, said: () => printed };
  };
  return {
    folder,
    home,
    write,
    read: (name) => {
      try {
        return readFileSync(join(folder, name), 'utf8');
      } catch {
        return '';
      }
    },
    begin,
    call: (args, environment) => begin(args, environment).ended,
    dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

/** A runbook of `test/fixtures/runbooks` as text. */
export function fixtureRunbook(name: string): string {
  return readFileSync(new URL(`../fixtures/runbooks/${name}`, import.meta.url), 'utf8');
}

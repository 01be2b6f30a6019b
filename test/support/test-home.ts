import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { execa } from 'execa';
import { type PtyProgram, packageDir, startInPty } from './pty-program.ts';
import { waitFor } from './wait-for.ts';

const node = join(packageDir, 'node_modules', '.bin', 'node');
const bin = join(packageDir, 'src', 'bin', 'runbook.cjs');

export type ProgramOptions = {
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
};

/** A command before the program's own, such as one that traces it. */
type Under = { readonly under?: readonly string[] };

/** What a command without a screen did. */
export type Finished = { readonly code: number | undefined; readonly stdout: string; readonly stderr: string };

/** The built program with a data folder of its own, and a folder to work in. */
export type TestHome = {
  /** `RUNBOOK_HOME`. */
  readonly dataDir: string;
  readonly workDir: string;
  /** Writes a file below the working folder; returns its path. */
  readonly write: (name: string, text: string) => string;
  /** The text of a file below the working folder; empty where there is none. */
  readonly read: (name: string) => string;
  /** Starts `runbook …` in a terminal. */
  readonly open: (args: readonly string[], options?: ProgramOptions) => PtyProgram;
  /** Starts any command in a terminal. */
  readonly openCommand: (command: readonly [string, ...string[]], options?: ProgramOptions) => PtyProgram;
  /** `runbook …` as a line for a shell that knows nothing of this home, as a login over ssh is. */
  readonly loginLine: (args: readonly string[]) => string;
  /** Starts an interactive shell in a terminal; typing `runbook …` there starts the program. */
  readonly openShell: (options?: ProgramOptions) => PtyProgram;
  /** Runs `runbook …` on pipes to its end; whatever its exit status. */
  readonly run: (args: readonly string[], options?: ProgramOptions & Under) => Promise<Finished>;
  /** The folder of the newest run. */
  readonly runDir: (runbookId: string) => string;
  /** Events of the newest run, as they stand in its journal. */
  readonly events: (runbookId: string) => readonly JournaledEvent[];
  /** What the last attempt of a step has printed, as it was recorded; empty before it has begun. */
  readonly output: (runbookId: string, stepId: string) => Buffer;
  /** Processes that belong to this home: it stands in their arguments or their environment. */
  readonly processes: () => readonly LeftProcess[];
  /** @throws {Error} naming each process, control socket and lock that is still there after 20 s. */
  readonly nothingLeftBehind: () => Promise<void>;
  /** Kills everything of this home, and removes it. */
  readonly remove: () => Promise<void>;
};

export type LeftProcess = { readonly pid: number; readonly command: string };

export type JournaledEvent = {
  readonly seq: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** A {@link TestHome} for one test; everything of it is gone when that has finished. */
export function newHome({ onTestFinished }: { readonly onTestFinished: (fn: () => Promise<void>) => void }): TestHome {
  const home = createTestHome();
  onTestFinished(() => home.remove());
  return home;
}

/** Makes a {@link TestHome}; who makes it removes it. */
export function createTestHome(): TestHome {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runbook-e2e-')));
  const dataDir = join(folder, 'home');
  const workDir = join(folder, 'work');
  mkdirSync(workDir);
  const programs: PtyProgram[] = [];
  const environmentOf = (options: ProgramOptions | undefined) => ({
    ...plainEnvironment(),
    HOME: folder,
    RUNBOOK_HOME: dataDir,
    ...options?.environment,
  });
  const inPty = (command: readonly [string, ...string[]], options: ProgramOptions | undefined) => {
    const program = startInPty(command, { ...options, cwd: workDir, environment: environmentOf(options) });
    programs.push(program);
    return program;
  };
  const runDir = (runbookId: string) => {
    const runs = join(dataDir, 'runs', runbookId);
    return join(runs, readdirSync(runs).toSorted().at(-1) ?? '');
  };
  const processes = () => processesOf(folder);

  return {
    dataDir,
    workDir,
    write: (name, text) => {
      const path = join(workDir, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    read: (name) => readIfThere(join(workDir, name)).toString(),
    open: (args, options) => inPty([node, bin, ...args], options),
    openCommand: inPty,
    loginLine: (args) =>
      [
        `cd ${workDir} && exec env HOME=${folder} RUNBOOK_HOME=${dataDir} LANG=C.UTF-8 PATH=${process.env.PATH}`,
        ...[node, bin, ...args],
      ].join(' '),
    openShell: (options) =>
      inPty(['bash', '--norc', '--noprofile', '-i'], {
        ...options,
        environment: { PS1: 'ready> ', NODE: node, RUNBOOK: bin, ...options?.environment },
      }),
    run: async (args, options) => {
      const [command = '', ...rest] = [...(options?.under ?? []), node, bin, ...args];
      const { exitCode, stdout, stderr } = await execa(command, rest, {
        cwd: workDir,
        env: environmentOf(options),
        extendEnv: false,
        reject: false,
        stdin: 'ignore',
      });
      return { code: exitCode, stdout, stderr };
    },
    runDir,
    events: (runbookId) =>
      readFileSync(join(runDir(runbookId), 'journal.ndjson'), 'utf8')
        .split('\n')
        // Behind the last line end stands nothing, or what is being written.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as JournaledEvent),
    output: (runbookId, stepId) => {
      const attempts = below(join(runDir(runbookId), 'attempts'));
      const last = attempts
        .filter((path) => basename(path).replace(/^\d+-/, '') === stepId)
        .toSorted()
        .at(-1);
      return last === undefined ? Buffer.alloc(0) : readIfThere(join(last, 'output.log'));
    },
    processes,
    nothingLeftBehind: async () => {
      const left = () => [
        ...processes().map(({ pid, command }) => `process ${pid}: ${command}`),
        ...filesLeft(dataDir).map((path) => `file ${path}`),
      ];
      await waitFor(() => left().length === 0, { withinMs: 20_000, what: 'nothing is left behind' }).catch(() => {
        throw new Error(`left behind:\n${left().join('\n')}`);
      });
    },
    remove: async () => {
      for (const program of programs) program.dispose();
      await waitFor(() => {
        const left = processes();
        for (const { pid } of left) killNow(pid);
        return left.length === 0;
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What any terminal has set, and nothing that says that this is a test. */
function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'USER', 'LOGNAME', 'TMPDIR'];
  const entries = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(entries), TERM: 'xterm-256color', SHELL: '/bin/bash' };
}

/** Processes of this machine, with their arguments as one text, and their environment where it may be read. */
export function allProcesses(): readonly (LeftProcess & { readonly environment: string })[] {
  if (!existsSync('/proc/self/environ')) return processesByPs();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      const read = (file: string) => {
        try {
          return readFileSync(join('/proc', name, file), 'utf8');
        } catch {
          return ''; // It has ended, or is somebody else's.
        }
      };
      return {
        pid: Number(name),
        command: read('cmdline').replaceAll('\0', ' ').trim(),
        environment: read('environ'),
      };
    });
}

/** The same from `ps` of macOS, whose -E puts the environment behind the arguments. */
function processesByPs(): ReturnType<typeof allProcesses> {
  const list = (flags: string) =>
    execFileSync('ps', [flags, '-o', 'pid=,command='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => /^ *(\d+) (.*)$/.exec(line) ?? []);
  const environments = new Map(list('-axwwE').map(([, pid, text = '']) => [pid, text]));
  return list('-axww').map(([, pid, command = '']) => ({
    pid: Number(pid),
    command,
    environment: environments.get(pid) ?? '',
  }));
}

function processesOf(folder: string): readonly LeftProcess[] {
  return allProcesses()
    .filter(({ pid, command }) => command !== '' && pid !== process.pid)
    .filter(({ command, environment }) => command.includes(folder) || environment.includes(folder))
    .map(({ pid, command }) => ({ pid, command }));
}

/** Locks of runs that nobody writes, and control sockets that nobody listens on. */
function filesLeft(dataDir: string): readonly string[] {
  const sockets = join('/tmp', `runbook-${userInfo().uid}`);
  const runs = below(join(dataDir, 'runs')).flatMap((runbook) => below(runbook));
  return runs.flatMap((run) => {
    const prefix = createHash('sha256').update(run).digest('hex').slice(0, 16);
    return [
      ...below(run).filter((path) => path.endsWith('/lock')),
      ...below(sockets).filter((path) => path.startsWith(join(sockets, prefix))),
    ];
  });
}

function below(folder: string): readonly string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function readIfThere(path: string): Buffer {
  return existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

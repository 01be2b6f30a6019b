import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readJournal } from '../../../src/adapters/journal-file.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { replay } from '../../../src/run/reduce.ts';
import type { Run } from '../../../src/run/state.ts';
import { bookFrom } from '../../support/book.ts';
import { isThere } from '../../support/is-there.ts';
import { bin, type Desk, deskWith, type Ended } from '../../support/program.ts';
import { keys, startInPty } from '../../support/pty-program.ts';
import { allProcesses } from '../../support/test-home.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Boundary, Failure, Place } from './boundaries.ts';
import { bookOfKind, type Kind } from './kinds.ts';

const preload = fileURLToPath(new URL('../../fixtures/crash.mjs', import.meta.url));

/** A folder in which the built program runs the runbook of one kind, and is killed. */
export type CrashDesk = Desk & {
  readonly kind: Kind;
  /** Goes forward or back and writes down every write; returns their labels. */
  readonly traced: (
    command: Place['command'],
  ) => Promise<{ readonly ended: Ended; readonly labels: readonly string[] }>;
  /** Goes to a boundary and kills there; `hit` false: it did not come there. */
  readonly crashed: (
    at: Omit<Boundary, 'kind' | 'events'>,
  ) => Promise<{ readonly ended: Ended; readonly hit: boolean }>;
  /**
   * The same, where a write fails. One that lasts until there is room is given room as soon as the failure is told, or the
   * program has ended; `told` is what it had said by then.
   */
  readonly failed: (
    at: Omit<Failure, 'kind' | 'events'>,
  ) => Promise<{ readonly ended: Ended; readonly hit: boolean; readonly told: string }>;
  /** Goes forward, or back, without a screen. */
  readonly go: (command: Place['command']) => Promise<Ended>;
  /** Begins the step on the screen, waits for its end, and closes the terminal; does nothing where it wants no person. */
  readonly doByHand: () => Promise<void>;
  /** The run as its journal says; undefined: there is none yet. */
  readonly run: () => Run | undefined;
  readonly events: () => readonly RunEvent[];
  /** The journal and the log in a few words, for a failure. */
  readonly story: () => string;
  readonly runDir: () => string | undefined;
  /** What the runners have recorded of how their attempts ended, as one text. */
  readonly results: () => string;
  readonly count: (line: string) => number;
  /** Pids of runners of this desk. */
  readonly runners: () => readonly number[];
  /** What is left that should not be: runners, sockets, locks, files beside the edited one. */
  readonly left: () => readonly string[];
  /** Ends the commands that attempts have left. */
  readonly endCommands: () => void;
  /** Ends everything of it, and removes it. */
  readonly remove: () => void;
};

export function crashDesk(kind: Kind): CrashDesk {
  const text = bookOfKind(kind);
  const book = bookFrom(text);
  const desk = deskWith(text);
  desk.write('settings.txt', 'old\n');
  const runs = join(desk.home, 'runs', 'crash');
  const environment = { NODE_OPTIONS: `--import=${preload}`, CRASH_UNDER: desk.folder };
  const runDir = () => {
    const withEvents = namesIn(runs).filter((name) => existsSync(join(runs, name, 'journal.ndjson')));
    const [dir] = withEvents.filter((name) => readFileSync(join(runs, name, 'journal.ndjson')).length > 0);
    return dir === undefined ? undefined : join(runs, dir);
  };
  const events = () => {
    const dir = runDir();
    if (dir === undefined) return [];
    const reading = readJournal(readFileSync(join(dir, 'journal.ndjson')));
    if (reading.damage) throw new Error(`line ${reading.damage.line} is damaged: ${reading.damage.why}`);
    return reading.events;
  };
  const processes = () => allProcesses().filter(({ command }) => command.includes(desk.folder));
  const runners = () => processes().flatMap(({ pid, command }) => (command.includes('runner.js') ? [pid] : []));
  let crashes = 0;
  const begin = (command: Place['command'], more: Readonly<Record<string, string>>) =>
    kind.isOnScreen && command === 'run'
      ? onScreen(desk, more, () => events().some(({ type }) => /^Attempt(?:Ended|Lost|Withdrawn)$/.test(type)))
      : desk.call([command, 'book.yaml', '--yes'], more);
  return {
    ...desk,
    kind,
    traced: async (command) => {
      const ended = await begin(command, { ...environment, CRASH_TRACE: join(desk.folder, 'trace') });
      const labels = desk.read('trace').split('\n').slice(0, -1);
      desk.write('trace', '');
      return { ended, labels };
    },
    crashed: async ({ command, label, victims, when }) => {
      crashes += 1;
      const done = join(desk.folder, `crashed-${crashes}`);
      const at = { CRASH_AT: label, CRASH_WHO: victims, CRASH_WHEN: when, CRASH_DONE: done };
      const ended = await begin(command, { ...environment, ...at });
      const hit = existsSync(done);
      // Killed is not gone yet: what a process was doing last is looked at when it is.
      const killed = hit ? readFileSync(done, 'utf8').split(' ').filter(Boolean).map(Number) : [];
      await waitFor(() => !killed.some(isThere), { what: `process ${killed.join(', ')} is gone` });
      return { ended, hit };
    },
    failed: async ({ command, label, error, isLasting }) => {
      const [done, room] = [join(desk.folder, 'failed'), join(desk.folder, 'room')];
      const program = desk.begin([command, 'book.yaml', '--yes'], {
        ...environment,
        CRASH_AT: label,
        CRASH_ERROR: error,
        CRASH_DONE: done,
        ...(isLasting ? { CRASH_ROOM: room } : {}),
      });
      let isOver = false;
      const ended = program.ended.finally(() => {
        isOver = true;
      });
      // Where there is no room for its socket, a runner can't say itself what its disk refuses.
      const isTold = () =>
        existsSync(done) && (program.said().includes(error) || program.said().includes("can't be reached"));
      await waitFor(() => isOver || isTold(), {
        withinMs: 60_000,
        what: () => `the failure is told:\n${program.said()}`,
      });
      const told = program.said();
      desk.write('room', '');
      return { ended: await ended, hit: existsSync(done), told };
    },
    go: (command) => desk.call([command, 'book.yaml', '--yes']),
    doByHand: async () => {
      if (kind.isOnScreen) await begin('run', {});
    },
    run: () => (events().length === 0 ? undefined : replay('r', events(), () => book)),
    events,
    story: () => {
      const told = events().map(({ seq, type, ...data }) => `${seq} ${type} ${JSON.stringify(data).slice(0, 160)}`);
      return `${told.join('\n')}\nlog: ${desk.read('log').replaceAll('\n', ' ')}`;
    },
    runDir,
    results: () => {
      const attempts = join(runDir() ?? '/nowhere', 'attempts');
      const files = namesIn(attempts).map((name) => join(attempts, name, 'result.json'));
      return files.flatMap((path) => (existsSync(path) ? [readFileSync(path, 'utf8')] : [])).join('\n');
    },
    count: (line) =>
      desk
        .read('log')
        .split('\n')
        .filter((one) => one === line).length,
    runners,
    left: () => [
      ...runners().map((pid) => `runner ${pid}`),
      ...socketsOf(namesIn(runs).map((name) => join(runs, name))),
      // That of a run which has not begun is for `runbook doctor` to find.
      ...(existsSync(join(runDir() ?? desk.folder, 'lock')) ? ['its lock'] : []),
      ...namesIn(desk.folder).filter((name) => name.endsWith('.tmp')),
    ],
    endCommands: () => {
      const attempts = join(runDir() ?? '/nowhere', 'attempts');
      for (const path of namesIn(attempts).map((name) => join(attempts, name, 'command.json')))
        if (existsSync(path)) end(-commandPid(path));
    },
    remove: () => {
      const service = Number(desk.read('pid'));
      for (const pid of [...processes().map((one) => one.pid), ...(service > 1 ? [service] : [])]) end(pid);
      desk.dispose();
    },
  };
}

/** Opens the screen, and begins the first step if it has not been; ends when the step has, or the screen was killed. */
async function onScreen(desk: Desk, more: Readonly<Record<string, string>>, hasEnded: () => boolean): Promise<Ended> {
  const { PATH = '', HOME = '', USER = '' } = process.env;
  const program = startInPty([process.execPath, bin, 'book.yaml'], {
    cwd: desk.folder,
    environment: { PATH, HOME, USER, RUNBOOK_HOME: desk.home, TERM: 'xterm-256color', ...more },
  });
  const until = (what: string, isSo: () => boolean) =>
    waitFor(() => !isThere(program.pid) || isSo(), {
      withinMs: 60_000,
      what: () => `${what}; the screen:\n${program.screenText()}`,
    });
  try {
    // The footer is drawn last.
    await until('the step is shown', () => /\S Step[\s\S]*ROLL ?BACK/.test(program.screenText()));
    if (program.screenText().includes('▸○ Step')) program.press(keys.enter);
    await until('the step has ended', hasEnded);
    if (isThere(program.pid)) program.killScreen('SIGHUP');
    const { code, signal } = await program.exited({ withinMs: 60_000 });
    return { status: signal === 0 ? code : undefined, out: program.screenText(), err: '' };
  } finally {
    program.dispose();
  }
}

/** Names in a folder; none where there is no such folder. */
export function namesIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).toSorted() : [];
}

function socketsOf(dirs: readonly string[]): readonly string[] {
  const prefixes = dirs.map((dir) => createHash('sha256').update(dir).digest('hex').slice(0, 16));
  const folder = join('/tmp', `runbook-${userInfo().uid}`);
  return namesIn(folder).filter((name) => prefixes.some((prefix) => name.startsWith(prefix)));
}

function commandPid(path: string): number {
  const { process: command } = JSON.parse(readFileSync(path, 'utf8')) as { readonly process: { readonly pid: number } };
  return command.pid;
}

/** @param pid below 0: a group. */
function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

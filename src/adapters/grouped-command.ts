import { spawn } from 'node:child_process';
import { createMasker } from '../live/mask.ts';
import { deadline } from './deadline.ts';
import { findProgram } from './find-program.ts';
import { type ProcessGroup, processGroup } from './process-group.ts';

/** A short command that changes nothing and whose end is waited for. */
export type GroupedCommand = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Values that are masked in what it prints. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  /** Gets its standard output, all of it and unmasked; the tail then lacks it. */
  readonly takeOutput?: (bytes: Uint8Array) => void;
  /** Ends it early. */
  readonly signal?: AbortSignal;
};

/** `tail`: the last 8 KiB it printed on both streams, secrets masked. */
export type GroupedEnd =
  | { readonly kind: 'exited'; readonly status: number; readonly tail: string }
  | { readonly kind: 'killed'; readonly signal: string; readonly tail: string }
  | { readonly kind: 'timed out'; readonly tail: string }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'could not start'; readonly message: string };

const TAIL_BYTES = 8 * 1024;
const PROOF_MS = 2_000;
/** How long output may still come from what outlived the command, before its pipes are closed. */
const DRAIN_MS = 200;

const running = new Set<() => void>();

/** Kills what is still running of all grouped commands at once; for the moment in which this process exits. */
export function killGroupedCommands(): void {
  for (const kill of running) kill();
}

/**
 * Runs a command in a process group of its own with nothing on its standard input. However it ends, its whole group is
 * killed: a question leaves nothing behind. Never rejects.
 */
export async function runGrouped(command: GroupedCommand): Promise<GroupedEnd> {
  if (command.signal?.aborted === true) return { kind: 'aborted' };
  const problem = findProgram(command.argv[0] ?? '', command.cwd, command.env.PATH);
  if (problem !== undefined) return { kind: 'could not start', message: problem };
  // node:child_process: the runner that uses this starts in a fraction of the time execa alone needs to load.
  const child = begun(command);
  if (child instanceof Error) return { kind: 'could not start', message: child.message };
  const pid = child.pid;
  if (pid === undefined) {
    const error = await new Promise<Error>((resolve) => child.once('error', resolve));
    return { kind: 'could not start', message: error.message };
  }
  const group = processGroup(pid);
  const kill = () => group.signal('SIGKILL');
  running.add(kill);
  const tail = createTail(command.secrets);
  child.stdout.on('data', command.takeOutput ?? tail.push);
  child.stderr.on('data', tail.push);
  const why = await untilEnd(child, command);
  await emptied(group, pid);
  running.delete(kill);
  await drained(child);
  return why.kind === 'aborted' ? why : { ...why, tail: tail.text() };
}

/** What the system refuses at once (no memory, too long an environment) is thrown by Node; the rest comes as an event. */
function begun({ argv, cwd, env }: GroupedCommand) {
  try {
    return spawn(argv[0] ?? '', argv.slice(1), { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function emptied(group: ProcessGroup, leader: number): Promise<void> {
  try {
    if (group.members().length > 0) group.signal('SIGKILL');
    await group.goneWithin(PROOF_MS);
  } catch {
    // Which processes there are can't be read now, as without a free descriptor: its own group needs no reading.
    try {
      process.kill(-leader, 'SIGKILL');
    } catch {
      // None is left.
    }
  }
}

type Why =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed out' }
  | { readonly kind: 'aborted' };

type Spawned = ReturnType<typeof spawn>;

function untilEnd(child: Spawned, command: GroupedCommand): Promise<Why> {
  return new Promise((resolve) => {
    const end = (why: Why) => {
      cancelDeadline();
      command.signal?.removeEventListener('abort', abort);
      resolve(why);
    };
    const abort = () => end({ kind: 'aborted' });
    const cancelDeadline = deadline(command.timeoutMs, () => end({ kind: 'timed out' }));
    command.signal?.addEventListener('abort', abort);
    child.once('exit', (status, signal) =>
      end(signal === null ? { kind: 'exited', status: status ?? 0 } : { kind: 'killed', signal }),
    );
  });
}

/** Waits for both pipes' end; something in another session may hold them open. */
async function drained(child: Spawned): Promise<void> {
  await new Promise<void>((resolve) => {
    if (child.stdout?.readableEnded !== false && child.stderr?.readableEnded !== false) return resolve();
    // What is there to be read is read between a timer and the following turn.
    const timer = setTimeout(() => setImmediate(resolve), DRAIN_MS);
    child.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  child.stdout?.destroy();
  child.stderr?.destroy();
}

function createTail(secrets: readonly string[]): { push: (bytes: Uint8Array) => void; text: () => string } {
  const masker = createMasker(secrets);
  let kept = Buffer.alloc(0);
  const keep = (bytes: Uint8Array) => {
    if (bytes.length === 0) return;
    kept = Buffer.concat([kept, bytes.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
  };
  return {
    push: (bytes) => keep(masker.push(bytes)),
    text: () => {
      keep(masker.end());
      return kept.toString();
    },
  };
}

import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { deadline } from './deadline.ts';
import { findProgram } from './find-program.ts';

/** How the operator's `docker` is started. */
export type DockerClient = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/** What the client said when it ended. */
export type ClientEnd =
  | { readonly kind: 'could not start'; readonly why: string }
  /** `words`: the end of what it printed on its standard error. */
  | { readonly kind: 'ended'; readonly words: string };

/** A connection to the engine: one process of the operator's `docker`. */
export type DockerConnection = {
  /** Bytes to and from the engine; destroying it ends the process. */
  readonly socket: Duplex;
  /** Resolves when the process is gone. Never rejects. */
  readonly over: Promise<ClientEnd>;
  /** Kills it and what it started, at once. */
  readonly kill: () => void;
};

const WORDS_BYTES = 4 * 1024;
const DRAIN_MS = 200;
const LINGER_MS = 1_000;

/** Connects as the operator's `docker` does: its contexts, DOCKER_HOST and ssh:// hold. Never throws. */
export function openDockerConnection({ environment, cwd }: DockerClient): DockerConnection {
  const child = begun({ environment, cwd });
  if (child instanceof Error) return notBegun(Promise.resolve(child), { environment, cwd });
  // Without a free descriptor there are no pipes to listen to either.
  if (child.pid === undefined) {
    const error = new Promise<Error>((resolve) => child.once('error', resolve));
    return notBegun(error, { environment, cwd });
  }
  const kill = () => killGroup(child.pid);
  let words = Buffer.alloc(0);
  child.stderr.on('data', (bytes: Buffer) => {
    words = Buffer.concat([words, bytes]).subarray(-WORDS_BYTES);
  });
  const over = new Promise<ClientEnd>((resolve) => {
    const ended = () => resolve({ kind: 'ended', words: words.toString() });
    child.once('error', (error) => resolve({ kind: 'could not start', why: error.message }));
    child.once('exit', () => {
      // What it started may outlive it and hold the pipe open.
      deadline(DRAIN_MS, ended);
      if (child.stderr.closed) ended();
      else child.stderr.once('close', ended);
    });
  });
  // Its own end is what tells why nothing can be written to it any more.
  child.stdin.on('error', () => undefined);
  const bytes = new Duplex({
    allowHalfOpen: false,
    read: () => void child.stdout.resume(),
    write: (chunk: Uint8Array, _encoding, done) => {
      child.stdin.write(chunk, () => done());
    },
    final: (done) => {
      child.stdin.end();
      done();
    },
    destroy: (error, done) => {
      kill();
      child.stdout.destroy();
      done(error);
    },
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (!bytes.push(chunk)) child.stdout.pause();
  });
  // Its last words come before its end is passed on, for that end kills it.
  child.stdout.once(
    'close',
    () => void Promise.race([over, pause(LINGER_MS, undefined, { ref: false })]).then(() => bytes.push(null)),
  );
  return { socket: asSocket(bytes), over, kill };
}

function begun({ environment, cwd }: DockerClient) {
  try {
    // In a session of its own: an ssh below it finds no terminal to put a question on, and the whole group can be killed.
    return spawn('docker', ['system', 'dial-stdio'], {
      cwd,
      env: environment,
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A connection that is over before it began. */
function notBegun(error: Promise<Error>, { environment, cwd }: DockerClient): DockerConnection {
  const bytes = new Duplex({ allowHalfOpen: false, read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const over = error.then(({ message }): ClientEnd => {
    bytes.push(null);
    return { kind: 'could not start', why: reasonIn({ environment, cwd }) ?? message };
  });
  return { socket: asSocket(bytes), over, kill: () => undefined };
}

function reasonIn({ environment, cwd }: DockerClient): string | undefined {
  try {
    return findProgram('docker', cwd, environment.PATH);
  } catch {
    return undefined; // Nothing can be looked up now: the system's own words have to do.
  }
}

/** What node:http calls on a socket beyond a stream's methods; a child's pipes know none of it. */
function asSocket(bytes: Duplex): Duplex {
  const nothing = () => bytes;
  return Object.assign(bytes, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

import { chmod, lstat, rename, unlink } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { makePrivateFolder } from '../adapters/durable-file.ts';
import { lineReader } from '../adapters/line-reader.ts';
import type { ProcessIdentity, RunnerReport, RunnerRequest } from './spec.ts';

/** A runner's door: those who watch the attempt come and go through it. */
export interface ControlSocket {
  /** Makes the socket reachable under its name. */
  publish(): Promise<void>;
  /** Tells everybody who said hello; what came before is told to those who come later. */
  report(report: RunnerReport): void;
  /** Hands output to those who asked for it. */
  stream(bytes: Uint8Array): void;
  close(): Promise<void>;
}

export type ControlInput = {
  readonly path: string;
  readonly runId: string;
  readonly attempt: number;
  readonly runner: ProcessIdentity;
  readonly onRequest: (request: Exclude<RunnerRequest, { type: 'hello' } | { type: 'stream' }>) => void;
};

type Client = { readonly socket: Socket; known: boolean; streams: boolean };

/** What a client may leave unread before it is dropped; it may come again and loses nothing but a part of the stream. */
const LONGEST_BACKLOG_BYTES = 4 * 1024 * 1024;
const LONGEST_LINE_CHARACTERS = 1024 * 1024;
const CLOSE_MS = 500;

/**
 * Opens the socket under a name of this process alone: its final one is taken only by the runner that won the start.
 *
 * @throws the system's error if it can't be made, and an Error if its folder belongs to somebody else.
 */
export async function openControlSocket(input: ControlInput): Promise<ControlSocket> {
  await makePrivateFolder(dirname(input.path));
  await assertPrivate(dirname(input.path));
  const clients = new Set<Client>();
  const told: RunnerReport[] = [{ type: 'hello', attempt: input.attempt, runId: input.runId, runner: input.runner }];
  const temporary = `${input.path}.${process.pid}`;
  const server = createServer((socket) => {
    const client: Client = { socket, known: false, streams: false };
    clients.add(client);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => clients.delete(client));
    const limit = { longest: LONGEST_LINE_CHARACTERS, tooLong: () => void socket.destroy() };
    socket.setEncoding('utf8').on(
      'data',
      lineReader((line) => receive(line, client), limit),
    );
  });
  await unlink(temporary).catch(() => undefined);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(temporary, resolve));
  await chmod(temporary, 0o600);
  let isPublished = false;

  const receive = (line: string, client: Client) => {
    const request = parse(line);
    if (request?.type === 'hello' && request.runId === input.runId && request.attempt === input.attempt) {
      client.known = true;
      for (const report of told) send(client, report);
    } else if (request === undefined || request.type === 'hello' || !client.known) client.socket.destroy();
    else if (request.type === 'stream') client.streams = request.on;
    else input.onRequest(request);
  };

  return {
    async publish() {
      await rename(temporary, input.path);
      isPublished = true;
    },
    report(report) {
      const earlier = told.findIndex((one) => one.type === 'trouble');
      if (report.type === 'trouble' && earlier >= 0) told.splice(earlier, 1);
      told.push(report);
      for (const client of clients) if (client.known) send(client, report);
    },
    stream(bytes) {
      let report: RunnerReport | undefined;
      for (const client of clients) {
        if (!client.streams) continue;
        report ??= { type: 'output', data: Buffer.from(bytes).toString('base64') };
        send(client, report);
      }
    },
    async close() {
      await unlink(isPublished ? input.path : temporary).catch(() => undefined);
      for (const { socket } of clients) socket.end();
      const timer = setTimeout(() => {
        for (const { socket } of clients) socket.destroy();
      }, CLOSE_MS);
      await new Promise<void>((resolve) => server.close(() => resolve()));
      clearTimeout(timer);
    },
  };
}

function send(client: Client, report: RunnerReport): void {
  if (client.socket.writableLength > LONGEST_BACKLOG_BYTES) client.socket.destroy();
  else if (client.socket.writable) client.socket.write(`${JSON.stringify(report)}\n`);
}

/** The folder is a promise of privacy only if it is ours and nobody else may look into it. */
async function assertPrivate(folder: string): Promise<void> {
  const found = await lstat(folder);
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (!found.isDirectory() || !isOurs || (found.mode & 0o077) !== 0) {
    throw new Error(`${folder} is no folder of mode 0700 of this user; the control socket can't be put there`);
  }
}

const REQUEST_TYPES: readonly string[] = ['hello', 'input', 'resize', 'stop', 'signal', 'stream'];

function parse(line: string): RunnerRequest | undefined {
  try {
    const value = JSON.parse(line) as RunnerRequest;
    return REQUEST_TYPES.includes(value.type) ? value : undefined;
  } catch {
    return undefined;
  }
}

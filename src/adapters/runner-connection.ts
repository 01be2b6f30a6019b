import { connect, type Socket } from 'node:net';
import type { RunnerReport, RunnerRequest } from '../runner/spec.ts';
import { lineReader } from './line-reader.ts';

/** One connection to a runner that said who it is. */
export interface RunnerConnection {
  send(request: RunnerRequest): void;
  close(): void;
}

export type ConnectInput = {
  readonly path: string;
  readonly runId: string;
  readonly attempt: number;
  /** How long the runner may take to say who it is. */
  readonly timeoutMs: number;
  /** Every report after hello. */
  readonly receive: (report: Exclude<RunnerReport, { type: 'hello' }>) => void;
  /** Called once, when an established connection is over, whoever ended it. */
  readonly closed: () => void;
};

type Hello = Extract<RunnerReport, { type: 'hello' }>;

/** Connects to a runner; undefined if nobody answers there as the runner of this attempt. */
export function connectToRunner(
  input: ConnectInput,
): Promise<{ readonly connection: RunnerConnection; readonly hello: Hello } | undefined> {
  return new Promise((resolve) => {
    const socket = connect(input.path);
    let isEstablished = false;
    const timer = setTimeout(() => socket.destroy(), input.timeoutMs);
    socket.on('connect', () => write(socket, { type: 'hello', runId: input.runId, attempt: input.attempt }));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearTimeout(timer);
      if (isEstablished) input.closed();
      else resolve(undefined);
    });
    const read = lineReader((line) => {
      const report = parse(line);
      if (report === undefined) return socket.destroy();
      if (report.type !== 'hello') return isEstablished ? input.receive(report) : socket.destroy();
      if (report.runId !== input.runId || report.attempt !== input.attempt) return socket.destroy();
      isEstablished = true;
      clearTimeout(timer);
      const send = (request: RunnerRequest) => write(socket, request);
      return resolve({ connection: { send, close: () => socket.destroy() }, hello: report });
    });
    socket.setEncoding('utf8').on('data', read);
  });
}

function write(socket: Socket, request: RunnerRequest): void {
  if (socket.writable) socket.write(`${JSON.stringify(request)}\n`);
}

function parse(line: string): RunnerReport | undefined {
  try {
    const value = JSON.parse(line) as RunnerReport;
    return typeof value.type === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

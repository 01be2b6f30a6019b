import { Agent, type AgentOptions, type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Duplex } from 'node:stream';
import { type DockerClient, type DockerConnection, openDockerConnection } from './docker-connection.ts';
import { answerLate, answerRefused, clientMissing, type DockerFailure, failureOfClient } from './docker-failure.ts';

/** How a question to the engine ended; `taken back`: by the asker's signal, or because all was closed. */
export type DockerAnswer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'failed'; readonly failure: DockerFailure }
  | { readonly kind: 'taken back' };

/** How a stream is read. */
export type StreamReader = {
  /** The engine has accepted and begins to send; nothing it does from now on is missed. */
  readonly onOpen?: () => void;
  /** Gets the bytes as they come; no more are read before a promise it returns is settled. */
  readonly onData: (bytes: Uint8Array) => void | Promise<void>;
  readonly signal?: AbortSignal;
};

/** The Engine API, reached as the operator's `docker` reaches it. Nothing of it rejects. */
export type DockerApi = {
  /** Asks for one JSON value, such as `/containers/json`. */
  readonly getJson: (path: string, signal?: AbortSignal) => Promise<DockerAnswer<unknown>>;
  /** Reads an answer that goes on, over a connection of its own; `answered`: the engine ended it. */
  readonly stream: (path: string, reader: StreamReader) => Promise<DockerAnswer<undefined>>;
  /** Ends every connection, and what is being asked. */
  readonly close: () => void;
};

/** Connections that are kept for questions; more would be more processes of the client, 20–30 MB each. */
const KEPT_CONNECTIONS = 2;
const ANSWER_MS = 10_000;
const LONGEST_REFUSAL = 4 * 1024;

/**
 * Opens the way to the engine; the first question connects. Its processes end with `close`, or when this process exits.
 *
 * @param timeoutMs within which a question is answered and a stream begins, a new connection included; 10 s where absent.
 */
export function openDockerApi(input: DockerClient & { readonly timeoutMs?: number }): DockerApi {
  const { timeoutMs = ANSWER_MS } = input;
  const closing = new AbortController();
  const connections = createConnections(input);
  const keeping = connections.agent({ keepAlive: true, maxSockets: KEPT_CONNECTIONS });
  const close = () => {
    process.removeListener('exit', close);
    closing.abort();
    connections.kill();
  };
  process.once('exit', close);

  const exchange = async <Value>(question: Question<Value>, isSecond = false): Promise<DockerAnswer<Value>> => {
    const signal = AbortSignal.any([closing.signal, ...(question.signal === undefined ? [] : [question.signal])]);
    if (signal.aborted) return { kind: 'taken back' };
    const asked = request({ host: 'docker', path: question.path, agent: question.agent, signal });
    const deadline = deadlineOf(asked, timeoutMs);
    try {
      const response = await answered(asked);
      if (!isSuccess(response)) return { kind: 'failed', failure: await refusal(response) };
      return { kind: 'answered', value: await question.read(response, deadline.clear) };
    } catch {
      asked.destroy();
      if (signal.aborted) return { kind: 'taken back' };
      if (deadline.isOver()) return { kind: 'failed', failure: answerLate(timeoutMs) };
      // The engine closed a kept connection in the moment it was to be used again.
      if (asked.reusedSocket && !isSecond) return await exchange(question, true);
      return { kind: 'failed', failure: await connections.whyOver(asked) };
    } finally {
      deadline.clear();
    }
  };

  return {
    getJson: (path, signal) => exchange({ path, agent: keeping, read: readJson, ...(signal && { signal }) }),
    stream: (path, { onOpen, onData, signal }) =>
      exchange({
        path,
        agent: connections.agent({ keepAlive: false }),
        read: async (response, begun) => {
          begun();
          onOpen?.();
          for await (const bytes of response as AsyncIterable<Uint8Array>) await onData(bytes);
          return undefined;
        },
        ...(signal && { signal }),
      }),
    close,
  };
}

type Question<Value> = {
  readonly path: string;
  readonly agent: Agent;
  /** Reads the body; `begun`: it may take as long as it likes from here on. */
  readonly read: (response: IncomingMessage, begun: () => void) => Promise<Value>;
  readonly signal?: AbortSignal;
};

function createConnections(client: DockerClient) {
  const open = new Set<DockerConnection>();
  const bySocket = new WeakMap<Duplex, DockerConnection>();
  const connect = () => {
    const connection = openDockerConnection(client);
    open.add(connection);
    bySocket.set(connection.socket, connection);
    void connection.over.then(() => open.delete(connection));
    return connection.socket;
  };
  return {
    agent(options: AgentOptions): Agent {
      const agent = new Agent(options);
      agent.createConnection = connect;
      return agent;
    },
    kill(): void {
      for (const { kill } of open) kill();
    },
    /** What the client says of the end of a request's connection; it is ended where it still stands. */
    async whyOver(asked: ClientRequest): Promise<DockerFailure> {
      const connection = asked.socket === null ? undefined : bySocket.get(asked.socket);
      connection?.socket.destroy();
      const end = await connection?.over;
      return end?.kind === 'could not start'
        ? clientMissing(end.why)
        : failureOfClient(end?.words ?? '', process.platform);
    },
  };
}

/** Runs from the moment in which the request has a connection: waiting for a turn is no fault of the engine. */
function deadlineOf(asked: ClientRequest, timeoutMs: number) {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  asked.once('socket', () => {
    timer = setTimeout(() => {
      isOver = true;
      asked.destroy();
    }, timeoutMs);
  });
  return { isOver: () => isOver, clear: () => clearTimeout(timer) };
}

function answered(asked: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once('response', resolve);
    asked.on('error', reject);
    asked.once('close', () => reject(new Error('closed')));
    asked.end();
  });
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode <= 299;
}

async function readJson(response: IncomingMessage): Promise<unknown> {
  return JSON.parse(await textOf(response, Number.POSITIVE_INFINITY));
}

async function refusal(response: IncomingMessage): Promise<DockerFailure> {
  const text = await textOf(response, LONGEST_REFUSAL);
  return answerRefused(response.statusCode ?? 0, messageIn(text));
}

/** The engine puts its words into `{"message":…}`; what stands between may not. */
function messageIn(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'message' in value) return String(value.message);
  } catch {
    return text;
  }
  return text;
}

async function textOf(response: IncomingMessage, longest: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of response as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > longest) return text.slice(0, longest);
  }
  return text;
}

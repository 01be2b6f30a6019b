import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { DockerClient } from './docker-connection.ts';
import { answerLate, answerRefused, askingFailed, type DockerFailure } from './docker-failure.ts';
import { createDockerWays } from './docker-ways.ts';
import { createEngineClock } from './engine-clock.ts';
import { killGroupedCommands } from './grouped-command.ts';

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
  /** How many questions are asked at a time; more wait for their turn. */
  readonly atOnce: () => number;
  /**
   * How far the engine's clock is ahead of ours, in milliseconds, within a second or so; learned from each answer.
   * 0 where it is not known or less than two seconds.
   */
  readonly clockOffsetMs: () => number;
  /** Ends every connection, and what is being asked. */
  readonly close: () => void;
};

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
  const ways = createDockerWays({ ...input, timeoutMs }, closing.signal);
  const clock = createEngineClock();
  const exit = () => {
    ways.close();
    killGroupedCommands();
  };
  process.once('exit', exit);

  const exchange = async <Value>(question: Question<Value>): Promise<DockerAnswer<Value>> => {
    const signal = AbortSignal.any([closing.signal, ...(question.signal === undefined ? [] : [question.signal])]);
    try {
      return await exchangeOnce(question, signal);
    } catch (error) {
      return signal.aborted ? { kind: 'taken back' } : { kind: 'failed', failure: askingFailed(error) };
    }
  };
  const exchangeOnce = async <Value>(
    question: Question<Value>,
    signal: AbortSignal,
    isSecond = false,
  ): Promise<DockerAnswer<Value>> => {
    const way = signal.aborted ? undefined : await ways.find();
    if (way === undefined || signal.aborted) return { kind: 'taken back' };
    const asked = request({ host: 'docker', path: question.path, ...way.connecting(question.keeps), signal });
    const deadline = deadlineOf(asked, timeoutMs);
    let hasAnswered = false;
    try {
      const response = await answered(asked);
      hasAnswered = true;
      clock.heard({ date: response.headers.date, askedAt: deadline.beganAt(), hadAt: Date.now() });
      if (!isSuccess(response)) return { kind: 'failed', failure: await refusal(response) };
      return { kind: 'answered', value: await question.read(response, deadline.clear) };
    } catch {
      asked.destroy();
      if (signal.aborted) return { kind: 'taken back' };
      ways.giveUp(way);
      if (deadline.isOver()) return { kind: 'failed', failure: answerLate(timeoutMs) };
      // The engine closed a kept connection in the moment it was to be used again, or has just gone from its socket.
      if (!isSecond && (asked.reusedSocket || (way.isDirect && !hasAnswered)))
        return await exchangeOnce(question, signal, true);
      return { kind: 'failed', failure: await way.whyOver(asked) };
    } finally {
      deadline.clear();
    }
  };

  return {
    atOnce: ways.atOnce,
    clockOffsetMs: clock.offsetMs,
    getJson: (path, signal) => exchange({ path, keeps: true, read: readJson, ...(signal && { signal }) }),
    stream: (path, { onOpen, onData, signal }) =>
      exchange({
        path,
        keeps: false,
        read: async (response, begun) => {
          begun();
          onOpen?.();
          for await (const bytes of response as AsyncIterable<Uint8Array>) await onData(bytes);
          return undefined;
        },
        ...(signal && { signal }),
      }),
    close() {
      process.removeListener('exit', exit);
      closing.abort();
      ways.close();
    },
  };
}

type Question<Value> = {
  readonly path: string;
  /** The connection is kept for the next question. */
  readonly keeps: boolean;
  /** Reads the body; `begun`: it may take as long as it likes from here on. */
  readonly read: (response: IncomingMessage, begun: () => void) => Promise<Value>;
  readonly signal?: AbortSignal;
};

/** Runs from the moment in which the request has a connection: waiting for a turn is no fault of the engine. */
function deadlineOf(asked: ClientRequest, timeoutMs: number) {
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let beganAt = Date.now();
  asked.once('socket', () => {
    beganAt = Date.now();
    timer = setTimeout(() => {
      isOver = true;
      asked.destroy();
    }, timeoutMs);
  });
  return { isOver: () => isOver, beganAt: () => beganAt, clear: () => clearTimeout(timer) };
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

import type { AttemptReport } from '../engine/ports.ts';
import type { AttemptSpec, ProcessIdentity, RunnerReport, RunnerRequest } from '../runner/spec.ts';
import { longestStopMs } from '../runner/stop.ts';
import { type Asking, askWhileStopping } from './ask-while-stopping.ts';
import { withdrawStart } from './claim-start.ts';
import { clearSocket } from './clear-socket.ts';
import { isFolder } from './durable-file.ts';
import { examineStarted, lost, readStarted, resultOf, showsStart } from './examine-attempt.ts';
import { isWant } from './passing-fault.ts';
import { identifySelf, mayBeAlive } from './process-identity.ts';
import { reportedByFiles, startedOf, terminateRunner } from './runner-by-files.ts';
import { connectToRunner, type RunnerConnection } from './runner-connection.ts';

/** Follows one attempt from the screen's side, over as many connections as it takes. */
export interface AttemptWatcher {
  /** Sends a request now, or as soon as there is a connection if `isKept`. */
  send(request: RunnerRequest, isKept?: 'kept'): void;
  /** Ends the attempt even where the runner can't be reached over its socket. */
  stop(): Promise<void>;
  /** Hands over what is printed; returns how to end it. */
  stream(receive: (data: Uint8Array) => void): () => void;
  /** Lets go: nothing is reported any more. Resolves once a stop that was asked for can't be lost any more; never rejects. */
  release(): Promise<void>;
}

export type WatchInput = {
  readonly folder: string;
  readonly spec: AttemptSpec;
  readonly report: (report: AttemptReport) => void;
  /** Called once, after the last report or `release`. */
  readonly over: () => void;
  /**
   * The process this screen started as the runner: resolves when it has exited, with what it said. Absent: the attempt
   * was started by somebody else.
   */
  readonly exited?: Promise<string>;
};

/** The attempt's folder can't be read: nothing is known of it. */
const UNREADABLE: AttemptReport = {
  type: 'lost',
  evidence: { kind: 'lost', why: 'runner does not answer', command: 'unknown' },
};
/** Why an attempt did not start that was asked to stop in time. */
export const STOPPED_BEFORE = 'it was stopped before it started';
const ANSWER_MS = 2_000;
const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 250;
/**
 * A runner that lives and can't be reached for so long is told of: nobody hears from it what its files don't say. Before,
 * it may only be slow, or still take its start back.
 */
const UNREACHED_MS = 3_000;
const UNANSWERED = 'was told to stop and does not answer: its runner may be halted';

/** Starts following an attempt. */
export function watchAttempt(input: WatchInput): AttemptWatcher {
  let connection: RunnerConnection | undefined;
  let runner: ProcessIdentity | undefined;
  let exitMessage: string | undefined;
  let isOver = false;
  /** Told on every connection from then on: the one it was told on may break off before it is read. */
  let isStopAsked = false;
  let asking: Asking | undefined;
  let wake: () => void = () => undefined;
  const waiting: RunnerRequest[] = [];
  const told = new Set<string>();
  const streams = new Set<(data: Uint8Array) => void>();

  void input.exited?.then((message) => {
    exitMessage = message;
    wake();
  });
  const finish = (report?: AttemptReport) => {
    if (isOver) return;
    isOver = true;
    connection?.close();
    asking?.end();
    wake();
    if (report !== undefined) input.report(report);
    input.over();
  };
  const tellOnce = (key: string, report: AttemptReport) => {
    if (isOver || told.has(key)) return;
    told.add(key);
    input.report(report);
  };
  const receive = (report: Exclude<RunnerReport, { type: 'hello' }>) => {
    asking?.heard();
    // Before what it tells itself, which may be another trouble.
    if (told.delete('trouble') && !isOver) input.report({ type: 'trouble' });
    switch (report.type) {
      case 'output': {
        const bytes = Buffer.from(report.data, 'base64');
        for (const stream of streams) stream(bytes);
        return;
      }
      case 'started':
      case 'ready':
        return tellOnce(report.type, report);
      case 'stopping':
        return tellOnce(report.signal, { type: 'stopping', signal: report.signal });
      case 'trouble':
        if (!isOver) input.report(report);
        return undefined;
      case 'ended':
        return wake();
      default:
        return report satisfies never;
    }
  };
  const pause = (delayMs: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  /** Connects and stays until the connection is over; false: there was none. */
  const visit = async (): Promise<boolean> => {
    let closed: () => void = () => undefined;
    const over = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { socketPath: path, runId, attempt } = input.spec;
    const answer = await connectToRunner({ path, runId, attempt, timeoutMs: ANSWER_MS, receive, closed });
    if (answer === undefined) return false;
    connection = answer.connection;
    runner = answer.hello.runner;
    if (isStopAsked) connection.send({ type: 'stop' });
    if (streams.size > 0) connection.send({ type: 'stream', on: true });
    for (const request of waiting.splice(0)) connection.send(request);
    if (isOver) connection.close();
    await over;
    connection = undefined;
    return true;
  };
  /** It says who it is once more, and all that it told: its start at the least. */
  const greet = () => {
    const { runId, attempt } = input.spec;
    connection?.send({ type: 'hello', runId, attempt });
    return connection !== undefined;
  };
  /** It is followed on: it may be halted, and tell its end when it goes on. False: it can be heard of after all. */
  const callLost = async (): Promise<boolean> => {
    const { folder } = input;
    const evidence = await lost(folder, await startedOf(folder), 'runner does not answer');
    const { runner: seen, record } = evidence.seen ?? {};
    // Whose last act was to write its result says so by nothing else.
    if (record?.kind === 'written') finish({ type: 'ended', result: record.result });
    else if (seen?.kind === 'there' && seen.answers === true) return false;
    else tellOnce('lost', { type: 'lost', evidence });
    return true;
  };
  const follow = async () => {
    /** Since when its files say that it is there, and it can't be reached. */
    let unreachedFrom = performance.now();
    for (let retryMs = FIRST_RETRY_MS; !isOver; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      const hadExited = exitMessage;
      if (await visit()) {
        retryMs = FIRST_RETRY_MS;
        unreachedFrom = performance.now();
      }
      if (isOver) return;
      const known = { exitMessage: hadExited, hasStarted: told.has('started'), runner };
      const end = await endOf(input, known).catch(unlessWant);
      if (end !== undefined) {
        // Who may still be there still holds it; else nobody is left to remove it.
        if (end.type !== 'lost' || end.evidence.seen?.runner.kind === 'gone')
          await clearSocket(input.folder).catch(unlessWant);
        // A short attempt may be over before there was a connection.
        if (end.type === 'ended') tellOnce('started', { type: 'started', at: end.result.startedAt });
        return finish(end);
      }
      const seen = await reportedByFiles(input.folder).catch(unlessWant);
      if (seen === undefined) unreachedFrom = performance.now();
      else if (performance.now() - unreachedFrom > UNREACHED_MS) {
        runner ??= seen.runner;
        for (const report of seen.reports) tellOnce(report.type, report);
      }
      await pause(retryMs);
    }
  };
  follow().catch(() => finish(UNREADABLE));

  return {
    send(request, isKept) {
      if (connection !== undefined) connection.send(request);
      else if (isKept === 'kept') waiting.push(request);
    },
    async stop() {
      isStopAsked = true;
      // Before it is asked anything: a connection that breaks off then has at least brought this.
      connection?.send({ type: 'stop' });
      asking ??= askWhileStopping({
        // Twice as long as it takes to stop: a machine may be slow.
        longestMs: 2 * longestStopMs(input.spec.graceMs),
        ask: greet,
        missed: () => tellOnce('trouble', { type: 'trouble', text: UNANSWERED }),
        silent: callLost,
      });
      if (connection !== undefined) return;
      // Of what has started a file that is gone can't say that it did not.
      const mayHaveStarted = input.exited === undefined || told.has('started');
      // A disk that refuses to withdraw the start must not keep it from being told to stop.
      if (!mayHaveStarted && (await isWithdrawn(input.folder).catch(() => false)))
        finish({ type: 'did not start', message: STOPPED_BEFORE });
      else if (connection === undefined) await terminateRunner(input.folder, runner);
    },
    stream(receiveData) {
      streams.add(receiveData);
      connection?.send({ type: 'stream', on: true });
      return () => {
        streams.delete(receiveData);
        if (streams.size === 0) connection?.send({ type: 'stream', on: false });
      };
    },
    async release() {
      const isLeft = !isOver;
      finish();
      // A connection that is shut takes along what its runner has not read by then; a signal waits for it.
      if (isLeft && isStopAsked) await terminateRunner(input.folder, runner).catch(() => undefined);
    },
  };
}

/** Withdraws the start of an attempt; false: it has started, or may have. */
async function isWithdrawn(folder: string): Promise<boolean> {
  return !(await showsStart(folder)) && (await withdrawStart(folder, await identifySelf(), Date.now()));
}

/** Nothing is known of files that this process has no means to read now: they are asked again. */
function unlessWant(error: unknown): undefined {
  if (!isWant(error)) throw error;
}

type Known = {
  readonly exitMessage: string | undefined;
  readonly hasStarted: boolean;
  /** Who answered as the runner, or is by its files; absent: nobody is known yet. */
  readonly runner: ProcessIdentity | undefined;
};

/** What became of an attempt that is not connected; undefined: it is still to start, or alive. */
async function endOf(input: WatchInput, known: Known): Promise<AttemptReport | undefined> {
  const { folder } = input;
  const ended = await resultOf(folder);
  if (ended !== undefined) return { type: 'ended', result: ended.result };
  const started = await readStarted(folder);
  if (started.kind !== 'read') return endWithoutStart(input, known, started.kind === 'damaged');
  if (started.value.kind === 'withdrawn') {
    if (known.hasStarted || (await showsStart(folder)))
      return { type: 'lost', evidence: await lost(folder, undefined, 'files damaged') };
    return { type: 'did not start', message: known.exitMessage ?? 'its start was withdrawn' };
  }
  if (await mayBeAlive(started.value.runner)) return undefined;
  const evidence = await examineStarted(folder, started.value);
  if (evidence.kind === 'ended') return { type: 'ended', result: evidence.result };
  if (evidence.kind !== 'lost') return undefined;
  // A runner that could not make its claim last has taken it back, and executed nothing.
  if ((await readStarted(folder)).kind === 'none') return endWithoutStart(input, known, false);
  return { type: 'lost', evidence };
}

/** The file that says that it started is not to be read: it never was made, or somebody took it away since. */
async function endWithoutStart(
  { folder, exited }: WatchInput,
  { exitMessage, hasStarted, runner }: Known,
  isDamaged: boolean,
): Promise<AttemptReport | undefined> {
  if (exited !== undefined && exitMessage === undefined) return undefined;
  if (exited === undefined && runner !== undefined && (await mayBeAlive(runner))) return undefined;
  const isThere = await isFolder(folder);
  // What has started is not called pending.
  const wasStarted = exited === undefined || hasStarted || isDamaged || !isThere || (await showsStart(folder));
  if (!wasStarted) return { type: 'did not start', message: exitMessage ?? 'it was not started' };
  return { type: 'lost', evidence: await lost(folder, undefined, isDamaged ? 'files damaged' : 'files gone') };
}

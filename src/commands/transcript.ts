import type { EngineApi } from '../engine/api.ts';
import type { Clock } from '../engine/ports.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import type { RunEvent } from '../run/event.ts';
import { attemptsOfStep } from '../run/select.ts';
import { clockText, eventSentence } from '../run/sentences.ts';
import { type OutputTail, openTail, type Told } from './output-tail.ts';

/** How often the output of running commands is looked at. */
const LOOK_MS = 100;

/** How often a reader that does not keep up is looked at: one that reads on is not to wait. */
const BACKLOG_LOOK_MS = 20;

/** Follows a run on a plain terminal or in a file: what happens, and what commands print, as text without control codes. */
export type Transcript = {
  /** Resolves when all that has happened is told, which waits for a reader that does not keep up. */
  readonly finish: () => Promise<void>;
  /** Resolves at once, however much there is to tell: what happened, and the end of what was printed. */
  readonly stop: () => Promise<void>;
};

/** Where the reader does not keep up, what commands print waits in its files, and the run goes on. */
export function followRun(engine: EngineApi, clock: Clock, out: Told): Transcript {
  const tails = new Map<number, OutputTail>();
  let told = engine.run().lastSeq;
  let phase: 'following' | 'finishing' | 'stopping' = 'following';
  let failedAt: number | undefined;
  let wake = () => {};
  const mayGoOn = () => phase !== 'stopping' && !out.isBacklogged();

  const tellTrouble = troubleTeller(engine, (text) => out.out(`${clockText(clock.now())} ⚠ ${text}`));
  // At once: what is over before the next look has happened all the same.
  const unsubscribe = engine.subscribe(tellTrouble);
  /** What can't be read now, or is gone, counts as told: the run does not depend on what is told of it. */
  const tellOutput = (tail: OutputTail, isLast: boolean): Promise<boolean> =>
    (isLast ? tail.tellEnd().then(() => true) : tail.tell(mayGoOn)).catch(() => true);
  /** Resolves with whether all of an attempt that has ended is told. */
  const drain = async (attempt: number, isLast: boolean) => {
    const tail = tails.get(attempt);
    if (!tail) return true;
    if (!(await tellOutput(tail, isLast))) return false;
    tails.delete(attempt);
    tail.close();
    return true;
  };
  /** In their order: what an attempt printed stands before its end, and that before what came next. */
  const tellNews = async (isLast: boolean) => {
    tellTrouble();
    // A copy: there may be more while this waits.
    for (const event of engine.events().slice(told)) {
      if (event.type === 'AttemptEnded' && !(await drain(event.attempt, isLast))) return false;
      told = event.seq;
      if (event.type === 'AttemptStarted' && isFollowed(engine, event.attempt))
        tails.set(event.attempt, openTail(engine.attemptFolder(event.attempt), out));
      for (const line of linesOf(engine, event)) out.out(line);
    }
    return true;
  };
  /** An error that comes again at the same event would come for ever: what can't be told counts as told. */
  const tellNewsOrGiveUp = (isLast: boolean) =>
    tellNews(isLast).catch(() => {
      const isAgain = failedAt === told;
      failedAt = told;
      return isAgain;
    });
  /** Resolves with whether that was all. */
  const tellRunning = async () => {
    let isAll = true;
    for (const [attempt, tail] of tails) {
      if (engine.run().active.includes(attempt)) isAll = (await tellOutput(tail, false)) && isAll;
    }
    return isAll;
  };
  const pauseMs = (isAll: boolean) => {
    if (out.isBacklogged()) return BACKLOG_LOOK_MS;
    return phase === 'following' && isAll ? LOOK_MS : 0;
  };
  const pause = (isAll: boolean) =>
    new Promise<void>((resolve) => {
      const cancel = clock.after(pauseMs(isAll), resolve);
      wake = () => {
        cancel();
        resolve();
      };
    });
  const follow = async () => {
    for (;;) {
      const isLast = phase === 'stopping';
      const isFinishing = phase === 'finishing';
      const isAll = phase !== 'following' || (await tellRunning());
      const isTold = await tellNewsOrGiveUp(isLast);
      if (isLast || (isFinishing && isTold)) return unsubscribe();
      await pause(isAll && isTold);
    }
  };
  const following = follow();
  const end = (how: 'finishing' | 'stopping') => {
    phase = how;
    wake();
    return following;
  };
  return { finish: () => end('finishing'), stop: () => end('stopping') };
}

/** A watch tells what it sees through its file; its own chatter does not belong between the steps. */
function isFollowed(engine: EngineApi, attempt: number): boolean {
  const { purpose } = engine.run().attempts[attempt - 1] ?? {};
  if (purpose?.kind !== 'step') return true;
  const steps = engine.run().runbook.phases.flatMap((phase) => phase.steps);
  return (
    attemptsOfStep(engine.run(), purpose.stepId).length > 0 &&
    steps.find((step) => step.id === purpose.stepId)?.action.kind !== 'watch'
  );
}

function linesOf(engine: EngineApi, event: RunEvent): readonly string[] {
  const text = eventSentence(engine.run(), event);
  const mark = event.type === 'AttemptStarted' ? '▶' : '·';
  const notices = event.type === 'AttemptEnded' ? event.result.notices : [];
  return [
    ...(text === undefined ? [] : [`${clockText(event.at)} ${mark} ${harmlessLine(text)}`]),
    ...notices.map((notice) => `${clockText(event.at)} ⚠ ${harmlessLine(notice)}`),
  ];
}

/** Tells of what goes wrong beside the steps, a full disk say, once each time that it changes. */
export function troubleTeller(engine: EngineApi, write: (line: string) => void): () => void {
  let told: string | undefined;
  return () => {
    const trouble = engine.trouble();
    if (trouble === told) return;
    told = trouble;
    if (trouble !== undefined) write(harmlessLine(trouble));
  };
}

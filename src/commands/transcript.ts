import { openOutput } from '../adapters/output-reader.ts';
import type { EngineApi } from '../engine/api.ts';
import type { Clock } from '../engine/ports.ts';
import { harmlessLine, harmlessText } from '../live/harmless-text.ts';
import type { RunEvent } from '../run/event.ts';
import { attemptsOfStep } from '../run/select.ts';
import { clockText, eventSentence } from '../run/sentences.ts';

/** How often the output of running commands is looked at. */
const LOOK_MS = 100;
const READ_BYTES = 256 * 1024;

/** Follows a run on a plain terminal or in a file: what happens, and what commands print, as text without control codes. */
export type Transcript = { readonly stop: () => Promise<void> };

/** @param write called with whole lines. */
export function followRun(engine: EngineApi, clock: Clock, write: (line: string) => void): Transcript {
  const tails = new Map<number, Tail>();
  let told = engine.run().lastSeq;
  let stopped = false;
  let cancel = () => {};
  let reading: Promise<void> = Promise.resolve();

  const tellTrouble = troubleTeller(engine, (text) => write(`${clockText(clock.now())} ⚠ ${text}`));
  // At once: what is over before the next look has happened all the same.
  const unsubscribe = engine.subscribe(tellTrouble);
  const tellNews = async () => {
    tellTrouble();
    // A copy: there may be more while this waits.
    for (const event of engine.events().slice(told)) {
      told = event.seq;
      if (event.type === 'AttemptStarted' && isFollowed(engine, event.attempt))
        tails.set(event.attempt, openTail(engine.attemptFolder(event.attempt)));
      if (event.type === 'AttemptEnded') await drain(event.attempt);
      for (const line of linesOf(engine, event)) write(line);
    }
  };
  const drain = async (attempt: number) => {
    const tail = tails.get(attempt);
    tails.delete(attempt);
    if (!tail) return;
    await readTail(tail, write);
    if (tail.rest !== '') write(`  ${clean(tail.rest)}`);
  };
  const look = async () => {
    try {
      for (const [attempt, tail] of tails) {
        if (engine.run().active.includes(attempt)) await readTail(tail, write);
      }
      await tellNews();
    } catch {
      // Files that can't be read now, or are gone: the run does not depend on what is told of it.
    }
    if (!stopped) cancel = clock.after(LOOK_MS, next);
  };
  const next = () => {
    reading = look();
  };
  next();
  return {
    stop: async () => {
      stopped = true;
      unsubscribe();
      cancel();
      await reading;
      await tellNews();
    },
  };
}

type Tail = {
  readonly source: ReturnType<typeof openOutput>;
  offset: number;
  rest: string;
  readonly decoder: InstanceType<typeof TextDecoder>;
};

function openTail(folder: string): Tail {
  return { source: openOutput(folder), offset: 0, rest: '', decoder: new TextDecoder() };
}

async function readTail(tail: Tail, write: (line: string) => void): Promise<void> {
  for (;;) {
    const bytes = await tail.source.read(tail.offset, READ_BYTES);
    if (bytes.length === 0) return;
    tail.offset += bytes.length;
    const lines = (tail.rest + tail.decoder.decode(bytes, { stream: true })).split('\n');
    tail.rest = (lines.pop() ?? '').slice(-READ_BYTES);
    for (const line of lines) write(`  ${clean(line)}`);
  }
}

/** What a progress bar drew last, without anything a terminal would obey. */
function clean(line: string): string {
  const drawn = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  return harmlessText(drawn, false);
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

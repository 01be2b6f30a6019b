import type { EngineApi } from '../engine/api.ts';
import type { Interruption } from './interruption.ts';
import { whenOusted } from './ousted.ts';
import { exitStatus, type Outcome } from './outcome.ts';
import type { Transcript } from './transcript.ts';

/**
 * Does what a command was called for, until that is over, a signal asks the process to end, or somebody takes the run over.
 * Then lets go of the run, and only after that tells what is left to tell: nothing begins while a flood is told.
 */
export async function driveRun(input: {
  readonly engine: EngineApi;
  readonly interruption: Interruption;
  readonly transcript: Transcript;
  /** What is done; not begun where a signal came before. */
  readonly work: () => Promise<Outcome>;
  /** What an interrupted run is left as. */
  readonly afterSignal: string;
}): Promise<Outcome> {
  const { engine, interruption, transcript, work, afterSignal } = input;
  const interrupted = interruption.asked.then(
    (signal): Outcome => ({ status: exitStatus.interrupted, why: `interrupted by ${signal}; ${afterSignal}` }),
  );
  const outcome = await (interruption.isAsked()
    ? interrupted
    : Promise.race([interrupted, whenOusted(engine), work()]));
  await engine.close();
  interruption.forget();
  await (interruption.isAsked() ? transcript.stop() : transcript.finish());
  return outcome;
}

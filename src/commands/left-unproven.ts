import type { EngineApi } from '../engine/api.ts';
import type { Purpose } from '../run/event.ts';
import { missingForProof } from '../run/missing-for-proof.ts';
import { isVerifying } from '../run/select.ts';
import { asked } from './asked.ts';
import type { Outcome } from './outcome.ts';

/**
 * Asks the proofs again that were being asked when the last screen was gone.
 *
 * @param purposes of what has to be proven: where that wants a value, it is asked for.
 */
export async function verifyLeft(
  engine: EngineApi,
  purposes: readonly Purpose['kind'][] = ['step', 'undo'],
): Promise<Outcome | undefined> {
  for (const attempt of engine.run().attempts.filter((one) => isVerifying(engine.run(), one))) {
    const reply = await engine.send({ type: 'verify again', attempt: attempt.number });
    if (reply.kind === 'ask' && purposes.includes(attempt.purpose.kind)) return asked(reply.questions);
  }
  return undefined;
}

/** What ended meanwhile, and can't be proven without a value that nobody is there to give. */
export function unaskableProof(engine: EngineApi): Outcome | undefined {
  const run = engine.run();
  const missing = run.attempts
    .filter((attempt) => isVerifying(run, attempt))
    .flatMap((attempt) => missingForProof(run, attempt, { secretsHeld: engine.secretsHeld() }));
  return missing.length === 0 ? undefined : asked(missing);
}

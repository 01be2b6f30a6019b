import { type Answer, type Asker, type Surroundings, systemAsker } from './probe.ts';
import type { ResolvedPoll } from './spec.ts';
import { sleep } from './timer.ts';

/** `held: false` after the time was over or the signal was aborted; `found` is the last answer. */
export type Polled = Answer & { readonly asked: number };

/**
 * Asks a probe until it holds, its time is over or the signal is aborted. It is asked at least once; no asking goes on
 * beyond the end of the time.
 *
 * @param told is called with every answer.
 */
export async function poll(
  { probe, withinMs, everyMs }: ResolvedPoll,
  surroundings: Surroundings,
  told: (answer: Answer) => void,
  { clock, ask }: Asker = systemAsker,
): Promise<Polled> {
  const deadline = clock.monotonicMs() + withinMs;
  let previous: Answer | undefined;
  for (let asked = 1; ; asked++) {
    const askedAt = clock.monotonicMs();
    const restMs = Math.max(1, deadline - askedAt);
    // A timer takes whole milliseconds only.
    const timeoutMs = asked === 1 ? probe.timeoutMs : Math.ceil(Math.min(probe.timeoutMs, restMs));
    const answer = await ask({ ...probe, timeoutMs }, surroundings);
    if (surroundings.signal.aborted) return { ...answer, held: false, asked };
    // The end of the time cut this asking short: what it says is less than what was found before.
    const isCutShort = timeoutMs < probe.timeoutMs && !answer.held && clock.monotonicMs() >= deadline;
    if (isCutShort && previous !== undefined) return { ...previous, asked: asked - 1 };
    previous = answer;
    told(answer);
    const nextAt = Math.max(askedAt + everyMs, clock.monotonicMs());
    if (answer.held || nextAt > deadline) return { ...answer, asked };
    await sleep(nextAt - clock.monotonicMs(), surroundings.signal, clock);
    if (surroundings.signal.aborted) return { held: false, found: answer.found, asked };
  }
}

import type { EngineApi } from '../engine/api.ts';
import { isComplete, type UnknownEvidence } from '../run/attempt-sighting.ts';
import { evidenceRows } from '../run/evidence-text.ts';

/** Everything that can be known now of an attempt that nobody knows the end of; waits for what is asked, which is bounded. */
export function gatherEvidence(engine: EngineApi, attempt: number): Promise<UnknownEvidence> {
  return new Promise((resolve) => {
    let stop = () => {};
    stop = engine.askEvidence(attempt, (evidence) => {
      if (!isComplete(evidence)) return;
      // The first piece may come before there is anything to stop.
      queueMicrotask(() => stop());
      resolve(evidence);
    });
  });
}

/** The same as indented lines for a plain terminal. */
export async function evidenceLines(engine: EngineApi, attempt: number): Promise<readonly string[]> {
  const rows = evidenceRows(await gatherEvidence(engine, attempt));
  return rows.map(({ label, text }, index) => {
    const isAnother = label !== rows[index - 1]?.label;
    return `  ${(isAnother ? label : '').padEnd(9)}${text}`;
  });
}

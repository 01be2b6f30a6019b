import type { EngineApi } from '../engine/api.ts';
import { exitStatus, type Outcome } from './outcome.ts';

/** Resolves if somebody takes the run over from this process, with what ends it; else never. */
export function whenOusted(engine: EngineApi): Promise<Outcome> {
  return new Promise((resolve) => {
    const unsubscribe = engine.subscribe(() => {
      const holding = engine.holding();
      if (holding.kind !== 'viewer' || !holding.isOusted) return;
      unsubscribe();
      const who = holding.pid === 0 ? 'Somebody' : `${holding.holder} (pid ${holding.pid} on ${holding.host})`;
      resolve({
        status: exitStatus.waiting,
        why: `${who} took this run over: nothing more is begun here. runbook looks on.`,
      });
    });
  });
}

import type { Rule } from './rules.ts';

/** What a test did to the program, for the table at the end of the damage tests. */
export type DamageDone = {
  readonly rules: readonly Rule[];
  /** What was done to it, in a few words. */
  readonly way: string;
  tried: number;
  held: number;
  /** Nobody counted: it is one case, and held if the test passed. */
  isCounted: boolean;
};

declare module 'vitest' {
  interface TaskMeta {
    damage?: DamageDone[];
  }
}

/**
 * Notes which rules a test proves under which damage. A test of many cases counts them: `tried` before each, `held`
 * once all that must hold after it was looked at.
 */
export function underDamage(
  context: { readonly task: { readonly meta: { damage?: DamageDone[] } } },
  way: string,
  ...rules: readonly [Rule, ...Rule[]]
): { readonly tried: () => void; readonly held: () => void } {
  const done: DamageDone = { rules, way, tried: 0, held: 0, isCounted: false };
  const { meta } = context.task;
  meta.damage = [...(meta.damage ?? []), done];
  return {
    tried: () => {
      done.isCounted = true;
      done.tried += 1;
    },
    held: () => {
      done.held += 1;
    },
  };
}

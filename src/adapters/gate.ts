/** Lets so many through at a time; each gives its place back. */
export type Gate = {
  /** Resolves to how the place is given back, which may be called more than once. */
  readonly pass: () => Promise<() => void>;
};

/** Makes a gate with `places`. */
export function createGate(places: number): Gate {
  const waiting: (() => void)[] = [];
  let free = places;
  return {
    async pass() {
      if (free > 0) free--;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      };
    },
  };
}

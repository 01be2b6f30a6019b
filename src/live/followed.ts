/** A value that whoever shows it can follow. */
export type FollowedValue<T> = {
  readonly get: () => T;
  /** Returns how to end it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly set: (value: T) => void;
};

/** Holds a value; listeners hear of it only where it is another one. */
export function createFollowed<T>(first: T): FollowedValue<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
  };
}

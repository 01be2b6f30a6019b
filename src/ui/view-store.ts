import { firstView, reduceView, type ViewAction, type ViewState } from './view-state.ts';

/** Holds the view between keys: two keys of one burst must see each other's effect before anything is drawn. */
export type ViewStore = {
  readonly get: () => ViewState;
  readonly dispatch: (action: ViewAction) => void;
  readonly subscribe: (listener: () => void) => () => void;
};

/** A store that begins with the given actions done. */
export function createViewStore(actions: readonly ViewAction[]): ViewStore {
  let state = actions.reduce(reduceView, firstView);
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch: (action) => {
      const next = reduceView(state, action);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

import type { EngineApi } from './api.ts';

/** An engine that can be exchanged under a screen: a viewer that takes the run over, a writer that lost it. */
export type Switchable = {
  /** Answers as the engine that was switched to last. */
  readonly api: EngineApi;
  readonly switchTo: (engine: EngineApi) => void;
  readonly current: () => EngineApi;
};

/** @param letGo how it is closed, given how the engine of that moment is; absent: as that one. */
export function switchable(
  first: EngineApi,
  letGo: (close: () => Promise<void>) => Promise<void> = (close) => close(),
): Switchable {
  let engine = first;
  const listeners = new Set<() => void>();
  const publish = () => {
    for (const listener of [...listeners]) listener();
  };
  let unsubscribe = engine.subscribe(publish);
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const own: Partial<EngineApi> = { subscribe, close: () => letGo(() => engine.close()) };
  const api = new Proxy(first, {
    get: (_first, key: keyof EngineApi) => own[key] ?? engine[key].bind(engine),
  });
  return {
    api,
    current: () => engine,
    switchTo: (next) => {
      unsubscribe();
      engine = next;
      unsubscribe = engine.subscribe(publish);
      publish();
    },
  };
}

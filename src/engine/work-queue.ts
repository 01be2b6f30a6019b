/** Does one task at a time, and knows when nothing is in flight. */
export type WorkQueue = {
  /** Does a task after all that were handed over before it. */
  readonly enqueue: <T>(task: () => Promise<T>) => Promise<T>;
  /** Counts work that goes on beside the queue. */
  readonly track: (work: Promise<unknown>) => void;
  /** Resolves when neither a task nor tracked work is left. */
  readonly idle: () => Promise<void>;
  /** Resolves when the tasks handed over so far are done, whatever became of them. */
  readonly drained: () => Promise<void>;
};

/** @param failed told of what was thrown by a task or by tracked work. */
export function createWorkQueue(failed: (error: unknown) => void): WorkQueue {
  let queue: Promise<unknown> = Promise.resolve();
  let inFlight = 0;
  let waiters: (() => void)[] = [];
  const settle = () => {
    inFlight -= 1;
    if (inFlight > 0) return;
    const resolved = waiters;
    waiters = [];
    for (const resolve of resolved) resolve();
  };
  const track = (work: Promise<unknown>) => {
    inFlight += 1;
    work.then(settle, (error: unknown) => {
      failed(error);
      settle();
    });
  };
  return {
    enqueue: (task) => {
      const result = queue.then(task);
      queue = result.catch(() => undefined);
      track(result);
      return result;
    },
    track,
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    drained: async () => {
      await queue;
    },
  };
}

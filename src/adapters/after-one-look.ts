/**
 * Calls back when what has happened until now has been noticed: who was stalled, as a halted process is, finds its timers
 * run out before it reads what came meanwhile. What is there to be read is read between a timer and the following turn.
 *
 * @returns how to take it back.
 */
export function afterOneLook(callback: () => void): () => void {
  let look: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    look = setImmediate(callback);
  }, 0);
  return () => {
    clearTimeout(timer);
    clearImmediate(look);
  };
}

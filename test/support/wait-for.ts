/**
 * Resolves with the first truthy answer of a condition; asks again after a turn of the event loop.
 *
 * @throws {Error} if it does not hold within `withinMs` (20 s where absent); the message names `what`, asked for then.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: { readonly withinMs?: number; readonly what?: string | (() => string) } = {},
): Promise<NonNullable<T>> {
  const { withinMs = 20_000, what = condition.toString() } = options;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() > deadline)
      throw new Error(`not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

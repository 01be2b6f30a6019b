const ONE_CORE = 100;
const LEAST_MEMORY = 16 * 1024 * 1024;
/** A limit that many times what is used would press the line flat against the axis. */
const FLAT = 8;

/** The top of a scale for CPU, in per cent of one core: a whole core, and doubled where more was used. */
export function cpuScale(values: readonly (number | undefined)[]): number {
  return doubled(ONE_CORE, values);
}

/** The top of a scale for memory: the limit, or where none is near a power of two. */
export function memoryScale(
  values: readonly (number | undefined)[],
  limitBytes: number | undefined,
): { readonly top: number; readonly isLimit: boolean } {
  const step = doubled(LEAST_MEMORY, values);
  if (limitBytes === undefined || limitBytes > step * FLAT) return { top: step, isLimit: false };
  // A limit that was lowered leaves more behind than it allows.
  return limitBytes >= largest(values) ? { top: limitBytes, isLimit: true } : { top: step, isLimit: false };
}

function doubled(least: number, values: readonly (number | undefined)[]): number {
  const most = largest(values);
  let top = least;
  while (top < most && top < Number.MAX_SAFE_INTEGER) top *= 2;
  return top;
}

function largest(values: readonly (number | undefined)[]): number {
  let most = 0;
  for (const value of values) if (value !== undefined && value > most) most = value;
  return most;
}

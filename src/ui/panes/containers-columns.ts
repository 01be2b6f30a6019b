import type { Watched } from '../../live/system.ts';
import { widthOf } from '../spans.ts';

/** Cells of each column with the blank before it; 0: it has no room. */
export type Columns = {
  readonly name: number;
  readonly restarts: number;
  readonly spark: number;
  readonly cpu: number;
  /** Of memory, where there is room for a second one. */
  readonly memorySpark: number;
  readonly memory: number;
};

/** Cells before the name: what is selected, how it stands, a blank. */
export const leadCells = 3;

/** From this on the memory's column has room for the limit. */
export const wideMemoryCells = 12;

const CPU = 5;
const MEMORY = 7;
const TWO_SPARKS_FROM_WIDTH = 60;
const LEAST_SPARK = 5;
const MOST_SPARK = 61;
const READABLE_NAME = 8;
const LIMIT_FROM_WIDTH = 70;

/** Memory goes first where it is narrow, then the sparkline, then how often it was restarted. Pure. */
export function columnsFor(watched: readonly Watched[], width: number): Columns {
  const longest = Math.max(4, ...watched.map(({ name }) => widthOf(name)));
  const most = Math.max(0, ...watched.map((one) => one.restarts));
  // A blank, the mark, the digits.
  const restarts = most === 0 ? 0 : most < 10 ? 3 : 4;
  const memory = width >= LIMIT_FROM_WIDTH ? wideMemoryCells : MEMORY;
  const readable = Math.min(longest, READABLE_NAME);
  const sparks = width >= TWO_SPARKS_FROM_WIDTH ? 2 : 1;
  const choices = [
    { restarts, memory, sparks },
    { restarts, memory: 0, sparks: 1 },
    { restarts, memory: 0, sparks: 0 },
  ];
  for (const choice of choices) {
    const free = width - leadCells - choice.restarts - choice.memory - CPU;
    if (free - choice.sparks * LEAST_SPARK < readable) continue;
    const widest = choice.sparks === 0 ? 0 : Math.floor((free - longest) / choice.sparks);
    const spark = choice.sparks === 0 ? 0 : Math.min(MOST_SPARK, Math.max(LEAST_SPARK, widest));
    return {
      name: free - spark * choice.sparks,
      restarts: choice.restarts,
      spark,
      cpu: CPU,
      memorySpark: choice.sparks === 2 ? spark : 0,
      memory: choice.memory,
    };
  }
  return { name: Math.max(1, width - leadCells - CPU), restarts: 0, spark: 0, cpu: CPU, memorySpark: 0, memory: 0 };
}

import type { Sample } from './process-samples.ts';

/** One thing that has to be so, and whether it is. */
export type Verdict = { readonly what: string; readonly found: string; readonly holds: boolean };

/** What the heap may gain in the second half, over an hour: rings and caches fill in the first. */
const HEAP_MB = 3;
const RESIDENT_MB = 15;

/** Whether a process that lived long stayed as large as it was in the middle of its life. */
export function verdictsOf(name: string, samples: readonly Sample[]): readonly Verdict[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const heaps = half.flatMap(({ atMs, heapMb }) => (heapMb === undefined ? [] : [[atMs, heapMb] as const]));
  const resident = half.map(({ atMs, residentMb }) => [atMs, residentMb] as const);
  const quarter = (from: number) =>
    samples.slice(Math.floor(samples.length * from), Math.ceil(samples.length * (from + 0.25)));
  // A check that is being asked, or a log that is being read, has some for a moment; one that leaked is there in every sample.
  const leastDescriptors = (from: number) => Math.min(...quarter(from).map((one) => one.descriptors));
  const mostThreads = (from: number) => Math.max(...quarter(from).map((one) => one.threads));
  const [fdsThen, fdsNow] = [leastDescriptors(0.25), leastDescriptors(0.75)];
  const [threadsThen, threadsNow] = [mostThreads(0.25), mostThreads(0.75)];
  return [
    grown(`${name}: heap in the second half`, heaps, HEAP_MB),
    grown(`${name}: resident in the second half`, resident, RESIDENT_MB),
    { what: `${name}: descriptors`, found: `${fdsThen} → ${fdsNow}`, holds: fdsNow <= fdsThen },
    { what: `${name}: threads`, found: `${threadsThen} → ${threadsNow}`, holds: threadsNow <= threadsThen },
  ];
}

/** Growth by the line of least squares: one sample after a burst is no leak. */
function grown(what: string, points: readonly (readonly [number, number])[], mostMb: number): Verdict {
  if (points.length < 3) return { what, found: 'too few samples', holds: true };
  const gain = slope(points) * ((points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0));
  const last = points.at(-1)?.[1] ?? 0;
  return {
    what,
    found: `${gain >= 0 ? '+' : ''}${gain.toFixed(1)} MB, now ${last.toFixed(1)} MB`,
    holds: gain <= mostMb,
  };
}

function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0);
  const below = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  return below === 0 ? 0 : above / below;
}

import { basename, dirname, join } from 'node:path';
import type { Clock } from '../engine/ports.ts';
import type { LineBudget } from '../live/line-budget.ts';
import type { LogNews, LogSource, LogStart } from '../live/log-line.ts';
import type { Feed } from '../live/system.ts';
import { type FileLog, followFile } from './file-log.ts';
import { type GlobAnswer, globFiles } from './glob-files.ts';
import { createPolling } from './polling.ts';
import { systemClock } from './system-clock.ts';

type Input = {
  /** Absolute paths; `*` and `?` match within a name. */
  readonly globs: readonly string[];
  /** Absent: the last 100 lines of each file that is there at first. */
  readonly start?: LogStart;
  readonly budget: LineBudget;
  readonly tell: (news: LogNews) => void;
  readonly clock?: Clock;
};

type State = Input & {
  readonly clock: Clock;
  readonly files: Map<string, FileLog>;
  lookedAt: number;
  sources: string;
  trouble: string | undefined;
};

const TAIL: LogStart = { kind: 'tail', lines: 100 };
const LOOK_EVERY_MS = 1_000;
const MOST_FILES = 200;

/**
 * Follows files by asking for their size: that works on every system and over networks. Files that are rotated (renamed, or
 * copied and emptied), removed and made again are followed by their path; files that come to match later are read from
 * their beginning.
 */
export function followFileLogs(input: Input): Feed {
  const { clock = systemClock } = input;
  const state: State = {
    ...input,
    clock,
    files: new Map(),
    lookedAt: Number.NEGATIVE_INFINITY,
    sources: '[]',
    trouble: undefined,
  };
  return createPolling({
    clock,
    poll: async () => {
      const found = clock.now() - state.lookedAt >= LOOK_EVERY_MS ? await look(state) : undefined;
      const busy = await Promise.all(Array.from(state.files.values(), (file) => file.tick()));
      if (found !== undefined) await settle(state, found);
      tellSources(state);
      return busy.includes(true);
    },
    closed: async () => {
      await Promise.all(Array.from(state.files.values(), (file) => file.close()));
    },
  });
}

type Found = readonly ({ readonly glob: string } & GlobAnswer)[];

/** Looks which files there are, and begins with those that are new. */
async function look(state: State): Promise<Found> {
  const isFirst = state.lookedAt === Number.NEGATIVE_INFINITY;
  state.lookedAt = state.clock.now();
  const found = await Promise.all(state.globs.map(async (glob) => ({ glob, ...(await globFiles(glob)) })));
  for (const path of pathsOf(found)) {
    if (state.files.has(path) || state.files.size >= MOST_FILES) continue;
    const start = isFirst ? (state.start ?? TAIL) : ({ kind: 'all' } as const);
    const tell = (news: LogNews) => {
      // A source is told before what is told of it.
      tellSources(state);
      state.tell(news);
    };
    state.files.set(path, followFile({ ...state, path, start, isThereBefore: isFirst, tell }));
  }
  return found;
}

/** Lets go of paths that are nowhere any more, and tells what was looked for in vain. */
async function settle(state: State, found: Found): Promise<void> {
  const paths = pathsOf(found);
  for (const [path, file] of state.files) {
    if (file.isThere() || paths.includes(path)) continue;
    await file.close();
    state.files.delete(path);
  }
  const missing = found.filter(({ paths: some }) => !some.some((path) => state.files.get(path)?.isThere() === true));
  const troubles = [
    ...found.flatMap(({ faults }) => faults),
    ...missing.map(({ glob }) => `No file matches ${glob}: check the path under \`monitor\`, or wait for the file.`),
    ...(paths.length > MOST_FILES ? [`Only ${MOST_FILES} of ${paths.length} files are followed: name fewer.`] : []),
  ];
  const trouble = troubles.length === 0 ? undefined : troubles.join(' ');
  if (trouble !== state.trouble) state.tell({ kind: 'trouble', trouble });
  state.trouble = trouble;
}

function pathsOf(found: Found): readonly string[] {
  return Array.from(new Set(found.flatMap(({ paths }) => paths)));
}

function tellSources(state: State): void {
  const paths = Array.from(state.files).flatMap(([path, file]) => (file.isThere() ? [path] : []));
  const names = paths.map((path) => basename(path));
  const sources = paths.map((path, place): LogSource => {
    const name = names[place] ?? path;
    const isAlone = names.indexOf(name) === names.lastIndexOf(name);
    return { key: path, kind: 'file', name: isAlone ? name : join(basename(dirname(path)), name) };
  });
  const told = JSON.stringify(sources);
  if (told === state.sources) return;
  state.sources = told;
  state.tell({ kind: 'sources', sources });
}

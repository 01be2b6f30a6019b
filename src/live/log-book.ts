import { createErrorCount } from './error-count.ts';
import { createLineSearch } from './line-search.ts';
import { type LogLine, type LogNews, type LogSource, longestLine } from './log-line.ts';
import { createLogRing, type LogRing, type NewEntry } from './log-ring.ts';
import type { LogSourceStatus, LogsStatus } from './log-status.ts';

/** What is an error, compiled, and how many are too many. */
export type CompiledAlert = {
  readonly pattern: RegExp;
  readonly ignore?: RegExp;
  readonly max: number;
  readonly withinMs: number;
};

/** What happened to a book. */
export type BookChange =
  /** Entries from this position on are in a new order; those whose `id` is at least `firstNewId` have just come. */
  | { readonly kind: 'entries'; readonly from: number; readonly firstNewId: number }
  | { readonly kind: 'cleared' }
  /** Sources or troubles only. */
  | { readonly kind: 'status' };

/** Said of a book beside its lines; how they are looked at is the view's to say. */
export type BookStatus = Omit<LogsStatus, 'following' | 'newLines'>;

/** The newest lines of all sources, in order of time, and what is known of them. */
export type LogBook = Pick<LogRing, 'begin' | 'end' | 'at' | 'settle'> & {
  readonly take: (news: LogNews) => void;
  /** What the next entry that comes has as its `id`. */
  readonly nextId: () => number;
  /** Begins anew, as all sources are read from another start: lines, their counts and troubles go; sources keep their places, and the errors of the last minutes are neither forgotten nor counted twice. */
  readonly clear: () => void;
  /** As it stands now: errors leave their count as time passes. The same object while nothing changed. */
  readonly status: () => BookStatus;
  /** Told after each change that news made; returns how to end it. */
  readonly subscribe: (listener: (change: BookChange) => void) => () => void;
};

type Source = LogSource & {
  readonly index: number;
  /** Infinite: it is there. */
  goneAt: number;
  lines: number;
  errors: number;
  trouble: string | undefined;
  /** The latest time of a line. */
  latestAt: number;
  /** Lines up to this time were counted before everything was read again. */
  countedTo: number;
};

type State = {
  readonly sources: Map<string, Source>;
  readonly ring: LogRing;
  trouble: string | undefined;
  leftOut: number;
  nextId: number;
};

const CAPACITY = 20_000;
const LEAST_LINES_OF_ANY_LENGTH = 10_000;
// Shorter strings are never slices of a longer one.
const SHORT = 13;
/** More are known only where they are there, or lines of them are. */
const MOST_SOURCES = 200;
const ALERT_GIVEN_UP =
  'The pattern of the alert takes far too long on some lines and is not looked for any more, so errors are not counted: simplify `alert` in the runbook.';

/**
 * Opens an empty book. Memory is bounded: `capacity` lines (20,000 where absent), fewer only where they are very long.
 *
 * @param options.alert absent: no line counts as an error
 * @param options.now milliseconds since the epoch
 */
export function createLogBook(options: {
  readonly capacity?: number;
  readonly alert?: CompiledAlert;
  readonly now: () => number;
}): LogBook {
  const { now, alert, capacity = CAPACITY } = options;
  const characters = Math.min(capacity, LEAST_LINES_OF_ANY_LENGTH) * longestLine;
  const ring = createLogRing({ lines: capacity, characters });
  const state: State = { sources: new Map(), ring, trouble: undefined, leftOut: 0, nextId: 0 };
  const errors = alert === undefined ? undefined : createErrorSearch(alert);
  const listeners = new Set<(change: BookChange) => void>();
  const tell = (change: BookChange) => {
    for (const listener of listeners) listener(change);
  };
  const insert = (entries: readonly NewEntry[]) => {
    const [first] = entries;
    if (first === undefined) return;
    tell({ kind: 'entries', from: ring.insert(entries, now()), firstNewId: first.id });
  };
  const status = createStatus(state, errors, now);
  return {
    begin: ring.begin,
    end: ring.end,
    at: ring.at,
    settle: ring.settle,
    nextId: () => state.nextId,
    status: status.get,
    take(news) {
      status.spoil();
      if (news.kind === 'lines') return insert(entriesOf(state, news.lines, { errors, now: now() }));
      if (news.kind === 'left out') return insert(noteOf(state, news, now()));
      if (news.kind === 'sources') takeSources(state, news.sources, now());
      else takeTrouble(state, news);
      tell({ kind: 'status' });
    },
    clear() {
      status.spoil();
      ring.clear();
      state.leftOut = 0;
      // Who reads now begins without trouble, and does not tell that another's is over.
      state.trouble = undefined;
      for (const source of state.sources.values())
        Object.assign(source, { lines: 0, errors: 0, trouble: undefined, countedTo: source.latestAt });
      tell({ kind: 'cleared' });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

type ErrorSearch = ReturnType<typeof createErrorSearch>;

function createErrorSearch(alert: CompiledAlert) {
  return { search: createLineSearch(alert), count: createErrorCount(alert) };
}

function createStatus(
  state: State,
  errors: ErrorSearch | undefined,
  now: () => number,
): { readonly get: () => BookStatus; readonly spoil: () => void } {
  let told: BookStatus | undefined;
  return {
    get: () => {
      const alert = errors?.count.status(now());
      if (told !== undefined && told.alert === alert) return told;
      const trouble = [state.trouble, errors?.search.isGivenUp() === true ? ALERT_GIVEN_UP : undefined]
        .filter((sentence) => sentence !== undefined)
        .join(' ');
      told = {
        sources: Array.from(state.sources.values(), statusOf).sort((one, other) => one.index - other.index),
        ...(trouble === '' ? {} : { trouble }),
        lines: state.ring.lines(),
        leftOut: state.leftOut,
        ...(alert === undefined ? {} : { alert }),
      };
      return told;
    },
    spoil: () => {
      told = undefined;
    },
  };
}

function statusOf({ key, kind, name, index, goneAt, lines, errors, trouble }: Source): LogSourceStatus {
  const isThere = goneAt === Infinity;
  return { key, kind, name, index, isThere, lines, errors, ...(trouble === undefined ? {} : { trouble }) };
}

function takeSources({ sources: known, ring }: State, sources: readonly LogSource[], now: number): void {
  const there = new Set(sources.map(({ key }) => key));
  for (const source of known.values()) if (!there.has(source.key)) source.goneAt = Math.min(source.goneAt, now);
  for (const source of sources) {
    const before = known.get(source.key) ?? { ...nothingOf(source), index: freePlace(known, ring) };
    known.set(source.key, { ...before, ...source, goneAt: Infinity });
  }
}

function nothingOf(source: LogSource): Omit<Source, 'index'> {
  const none = { lines: 0, errors: 0, trouble: undefined };
  return { ...source, ...none, goneAt: Infinity, latestAt: -Infinity, countedTo: -Infinity };
}

/** Behind all; where there are very many, that of the source that has been gone longest, of those without a line. */
function freePlace(known: Map<string, Source>, ring: LogRing): number {
  if (known.size < MOST_SOURCES) return known.size;
  let oldest: Source | undefined;
  for (const source of known.values()) {
    const isFree = source.goneAt !== Infinity && !ring.has(source.index);
    if (isFree && source.goneAt < (oldest?.goneAt ?? Infinity)) oldest = source;
  }
  if (oldest === undefined) return known.size;
  known.delete(oldest.key);
  return oldest.index;
}

function takeTrouble(state: State, news: Extract<LogNews, { kind: 'trouble' }>): void {
  if (news.source === undefined) {
    state.trouble = news.trouble;
    return;
  }
  const source = state.sources.get(news.source);
  if (source !== undefined) source.trouble = news.trouble;
}

function entriesOf(
  state: State,
  lines: readonly LogLine[],
  { errors, now }: { readonly errors: ErrorSearch | undefined; readonly now: number },
): readonly NewEntry[] {
  const isError = errors?.search.matching(lines.map(({ text }) => text));
  const entries: NewEntry[] = [];
  const counted: LogLine[] = [];
  for (const [place, line] of lines.entries()) {
    const source = state.sources.get(line.source);
    if (source === undefined) continue;
    const entry = {
      id: state.nextId++,
      source: source.index,
      at: line.at,
      cameAt: now,
      text: ownCopy(line.text),
      isError: isError?.[place] === true,
      leftOut: 0,
    };
    entries.push(entry);
    source.lines++;
    source.latestAt = Math.max(source.latestAt, line.at);
    if (!entry.isError) continue;
    source.errors++;
    if (line.at > source.countedTo && line.isUndated !== true) counted.push({ ...line, text: entry.text });
  }
  errors?.count.add(counted, now);
  return entries;
}

function noteOf(state: State, news: Extract<LogNews, { kind: 'left out' }>, now: number): readonly NewEntry[] {
  state.leftOut += news.lines;
  const source = state.sources.get(news.source);
  if (source === undefined) return [];
  const { index } = source;
  return [
    { id: state.nextId++, source: index, at: news.at, cameAt: now, text: '', isError: false, leftOut: news.lines },
  ];
}

/** A string that was cut out of a read keeps all of that read alive. */
function ownCopy(text: string): string {
  return text.length < SHORT ? text : Buffer.from(text).toString();
}

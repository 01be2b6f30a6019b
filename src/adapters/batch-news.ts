import type { Clock } from '../engine/ports.ts';
import type { LogLine, LogNews } from '../live/log-line.ts';

/** Collects news and passes them on together, in the order in which they came. */
export type Batch = {
  readonly take: (news: LogNews) => void;
  /** Drops what was not passed on, and all that comes. */
  readonly close: () => void;
};

const BATCH_MS = 50;

type Waiting =
  | Exclude<LogNews, { kind: 'lines' | 'left out' }>
  | { readonly kind: 'lines'; readonly lines: LogLine[] }
  | { readonly kind: 'left out'; readonly source: string; readonly at: number; lines: number };

/**
 * Makes a batch that is passed on every 50 ms, where there is something; one note a source tells what it left out. A last
 * line that was left out and is still the last by then is passed on: a flood may end with the line that says why.
 */
export function createBatch(tell: (news: LogNews) => void, clock: Clock): Batch {
  let waiting: Waiting[] = [];
  /** By source, where nothing came after it. */
  const lastLeftOut = new Map<string, LogLine>();
  let cancel: (() => void) | undefined;
  let isClosed = false;

  const flush = () => {
    cancel = undefined;
    for (const line of lastLeftOut.values()) passOn(line);
    lastLeftOut.clear();
    const news = waiting.filter((one) => one.kind !== 'left out' || one.lines > 0);
    waiting = [];
    for (const one of news) if (!isClosed) tell(one);
  };
  const noteOf = (source: string) => waiting.find((one) => one.kind === 'left out' && one.source === source);
  const passOn = (line: LogLine) => {
    const note = noteOf(line.source);
    if (note?.kind === 'left out') note.lines -= 1;
    add({ kind: 'lines', lines: [line] });
  };
  const add = (news: LogNews) => {
    const last = waiting.at(-1);
    if (news.kind === 'lines') {
      for (const { source } of lastLeftOut.values())
        if (news.lines.some((line) => line.source === source)) lastLeftOut.delete(source);
      if (last?.kind === 'lines') for (const line of news.lines) last.lines.push(line);
      else waiting.push({ kind: 'lines', lines: Array.from(news.lines) });
      return;
    }
    if (news.kind !== 'left out') {
      waiting.push(news);
      return;
    }
    const { last: lastOfThem, ...note } = news;
    if (lastOfThem !== undefined) lastLeftOut.set(news.source, lastOfThem);
    const same = noteOf(news.source);
    if (same?.kind === 'left out') same.lines += news.lines;
    else waiting.push(note);
  };
  return {
    take(news) {
      if (isClosed) return;
      add(news);
      cancel ??= clock.after(BATCH_MS, flush);
    },
    close() {
      isClosed = true;
      cancel?.();
      waiting = [];
    },
  };
}

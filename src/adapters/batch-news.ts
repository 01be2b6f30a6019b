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

/** Makes a batch that is passed on every 50 ms, where there is something; one note a source tells what it left out. */
export function createBatch(tell: (news: LogNews) => void, clock: Clock): Batch {
  let waiting: Waiting[] = [];
  let cancel: (() => void) | undefined;
  let isClosed = false;

  const flush = () => {
    cancel = undefined;
    const news = waiting;
    waiting = [];
    for (const one of news) if (!isClosed) tell(one);
  };
  const add = (news: LogNews) => {
    const last = waiting.at(-1);
    if (news.kind === 'lines') {
      if (last?.kind === 'lines') for (const line of news.lines) last.lines.push(line);
      else waiting.push({ kind: 'lines', lines: Array.from(news.lines) });
      return;
    }
    if (news.kind !== 'left out') {
      waiting.push(news);
      return;
    }
    const same = waiting.find((one) => one.kind === 'left out' && one.source === news.source);
    if (same?.kind === 'left out') same.lines += news.lines;
    else waiting.push({ ...news });
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

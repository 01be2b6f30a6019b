import { followLogs, type LogsToFollow } from './adapters/follow-logs.ts';
import { searchPattern } from './definition/pattern.ts';
import type { EngineApi } from './engine/api.ts';
import { createFollowed } from './live/followed.ts';
import { type CompiledAlert, createLogBook } from './live/log-book.ts';
import type { LogNews, LogStart } from './live/log-line.ts';
import { createLogView, type LogView } from './live/log-view.ts';
import type { WatchedAttempt } from './monitor.ts';
import type { Docker } from './monitor-docker.ts';
import type { AlertRule, MonitorPlan } from './run/monitor-plan.ts';
import { attemptByNumber, isService } from './run/select.ts';
import type { LogsPort } from './ui/screen-ports.ts';

/** What is said beside the lines draws the whole screen anew, so it is said less often than lines come. */
const STATUS_MS = 500;
/** As time passes, errors leave the count of the last minute. */
const RECOUNT_MS = 2_000;

/** The logs of a run: what the screen says of them, and their lines, which are painted. */
export type RunLogs = LogsPort & {
  readonly lines: () => LogView;
  /** Told when the lines have changed; returns how to end it. */
  readonly onLines: (listener: () => void) => () => void;
  readonly watch: (plan: MonitorPlan) => void;
  readonly attemptsChanged: () => void;
  readonly close: () => void;
};

type Following = {
  readonly view: LogView;
  readonly begin: (start: LogStart | undefined) => void;
  readonly end: () => void;
};

/** Nothing is followed before `watch` says what. */
export function followLogsOfRun(input: {
  readonly engine: EngineApi;
  readonly openDocker: () => Docker;
  readonly attempts: () => readonly WatchedAttempt[];
}): RunLogs {
  const listeners = new Set<() => void>();
  let start: LogStart | undefined;
  const services = () => input.attempts().filter((one) => isServiceAttempt(input.engine, one));
  let told = '';
  let refresh = () => {};
  const open = (plan: MonitorPlan): Following => {
    const book = createLogBook({ now: Date.now, ...(plan.alert === undefined ? {} : { alert: compiled(plan.alert) }) });
    const view = createLogView({ book, columns: 80, rows: 10 });
    const tell = (news: LogNews) => book.take(masked(news, input.engine));
    const needsDocker = plan.logs.some((wanted) => wanted.kind === 'containers');
    let close = () => {};
    const begin = (from: LogStart | undefined) => {
      close();
      book.clear();
      const asking = new AbortController();
      close = () => asking.abort();
      void known(plan.logs, input.openDocker).then((wanted) => {
        if (asking.signal.aborted) return;
        const engine = needsDocker ? { engine: input.openDocker() } : {};
        const since = from === undefined ? {} : { start: from };
        const feed = followLogs({ wanted, outputs: services, tell, ...engine, ...since });
        refresh = feed.refresh;
        close = feed.close;
      });
    };
    const end = () => {
      close();
      view.dispose();
    };
    view.subscribe(() => {
      for (const listener of listeners) listener();
      statusSoon();
    });
    return { view, begin, end };
  };

  let following = open({ logs: [] });
  const status = createFollowed(following.view.status());
  let soon: NodeJS.Timeout | undefined;
  let recount: NodeJS.Timeout | undefined;
  const unplan = () => {
    clearTimeout(soon);
    clearTimeout(recount);
    soon = undefined;
    recount = undefined;
  };
  const statusNow = () => {
    unplan();
    const next = following.view.status();
    status.set(next);
    const counts = next.alert !== undefined && (next.alert.lastMinute > 0 || next.alert.count > 0);
    if (counts) recount = setTimeout(statusNow, RECOUNT_MS);
  };
  const statusSoon = () => {
    soon ??= setTimeout(statusNow, STATUS_MS);
  };

  return {
    get: status.get,
    subscribe: status.subscribe,
    lines: () => following.view,
    onLines: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    scroll: (command) => {
      following.view.scroll(command);
      statusNow();
    },
    follow: (from) => {
      start = from;
      following.begin(from);
    },
    watch: (plan) => {
      following.end();
      following = open(plan);
      following.begin(start);
      for (const listener of listeners) listener();
      statusSoon();
    },
    attemptsChanged: () => {
      const now = services()
        .map((one) => one.number)
        .join();
      if (now === told) return;
      told = now;
      refresh();
    },
    close: () => {
      unplan();
      following.end();
    },
  };
}

/** With the names of compose projects, which take a moment to be asked for. */
function known(wanted: MonitorPlan['logs'], openDocker: () => Docker): Promise<readonly LogsToFollow[]> {
  return Promise.all(
    wanted.map(async (one) =>
      one.kind === 'containers' ? { ...one, of: await openDocker().projects.known(one.of) } : one,
    ),
  );
}

function compiled({ pattern, ignore, max, withinMs }: AlertRule): CompiledAlert {
  return {
    pattern: searchPattern(pattern),
    ...(ignore === undefined ? {} : { ignore: searchPattern(ignore) }),
    max,
    withinMs,
  };
}

/** A container may print what its commands were given. */
function masked(news: LogNews, engine: EngineApi): LogNews {
  if (news.kind !== 'lines') return news;
  return { ...news, lines: news.lines.map((line) => ({ ...line, text: engine.maskedLine(line.text) })) };
}

function isServiceAttempt(engine: EngineApi, { number }: WatchedAttempt): boolean {
  const run = engine.run();
  return isService(run, attemptByNumber(run, number));
}

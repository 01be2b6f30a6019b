import type { Clock } from '../engine/ports.ts';
import { createLineBudget } from '../live/line-budget.ts';
import type { LogNews, LogStart } from '../live/log-line.ts';
import type { Feed } from '../live/system.ts';
import type { LogsWanted } from '../run/monitor-plan.ts';
import { createBatch } from './batch-news.ts';
import type { KnownWanted } from './compose-project.ts';
import type { ContainerDirectory } from './container-directory.ts';
import { followContainerLogs } from './container-logs.ts';
import type { DockerApi } from './docker-api.ts';
import { followFileLogs } from './file-logs.ts';
import { joinNews } from './join-news.ts';
import { type FollowedOutput, followOutputLogs } from './output-logs.ts';
import { systemClock } from './system-clock.ts';

/** One source, or one group of sources; of the containers of a compose file the project may be known. */
export type LogsToFollow =
  | Exclude<LogsWanted, { readonly kind: 'containers' }>
  | { readonly kind: 'containers'; readonly of: KnownWanted; readonly tail?: number };

/**
 * Follows all that is wanted, and the output of services. What it tells comes in batches, at most twenty a second; of a
 * flood it passes on a bounded number of lines and counts the others. Nothing is told after it was closed.
 *
 * @param options.start where all sources begin; absent: with the last lines of each, as many as are wanted of it
 * @param options.engine the way to containers, which stays the caller's; absent: none are followed
 * @param options.outputs the services that run now; call `refresh` when they changed
 */
export function followLogs(options: {
  readonly wanted: readonly LogsToFollow[];
  readonly start?: LogStart;
  readonly engine?: { readonly api: DockerApi; readonly directory: ContainerDirectory };
  readonly outputs: () => readonly FollowedOutput[];
  readonly tell: (news: LogNews) => void;
  readonly clock?: Clock;
}): Feed & { readonly refresh: () => void } {
  const { wanted, engine, outputs, clock = systemClock } = options;
  const batch = createBatch(options.tell, clock);
  const [ofContainers, ofFiles, ofOutputs] = joinNews(batch.take);
  const budget = createLineBudget(() => performance.now());
  const start = options.start === undefined ? {} : { start: options.start };
  const containers = wanted.flatMap((one) => (one.kind === 'containers' ? [one] : []));
  const globs = wanted.flatMap((one) => (one.kind === 'files' ? [one.glob] : []));
  const output = followOutputLogs({ ...start, outputs, budget, clock, tell: ofOutputs });
  const feeds: readonly Feed[] = [
    output,
    ...(globs.length === 0 ? [] : [followFileLogs({ ...start, globs, budget, clock, tell: ofFiles })]),
    ...(engine === undefined || containers.length === 0
      ? []
      : [followContainerLogs({ ...start, ...engine, wanted: containers, budget, clock, tell: ofContainers })]),
  ];
  return {
    refresh: output.refresh,
    close() {
      batch.close();
      for (const feed of feeds) feed.close();
    },
  };
}

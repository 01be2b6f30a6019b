/** What one container, or the processes of one attempt, used at one time. */
export type Usage = {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** CPU time over time since the measurement before: 100 is one core. Absent: there was none before. */
  readonly cpuPercent?: number;
  /** Without what the kernel can drop at once, as `docker stats` counts it. */
  readonly memoryBytes: number;
  /** Absent: none is known. */
  readonly memoryLimitBytes?: number;
  /** Since the container started; absent: not known. */
  readonly receivedBytes?: number;
  readonly sentBytes?: number;
  readonly readBytes?: number;
  readonly writtenBytes?: number;
  /** Processes and threads as the engine counts them (PIDs); for an attempt its processes. */
  readonly pids?: number;
};

/** States of a container as the engine names them; of processes only `running`. */
export type WatchedState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** Something whose use is measured. */
export type Watched = {
  /**
   * The same over a recreation: where the containers of one compose project are wanted `<service>` (with `-<n>` from the
   * second of its containers on), the container's name otherwise (two projects may have a service of one name),
   * `attempt-<number>` for processes.
   */
  readonly key: string;
  /** The container's id, all of it; the process id otherwise. */
  readonly id: string;
  /** What the operator calls it. */
  readonly name: string;
  readonly state: WatchedState;
  /** Absent: it has no health check. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  /** How often the engine restarted it by itself. */
  readonly restarts: number;
  /** Milliseconds since the epoch; absent: not known, or it never ran. */
  readonly startedAt?: number;
  /** Absent: it runs, or ended in an unknown way. */
  readonly exitStatus?: number;
  /** It was killed for want of memory. */
  readonly isOutOfMemory?: true;
  /** Image as the container was made from it, such as `app:v2`; absent for processes. */
  readonly image?: string;
};

/** How the way to the containers stands. */
export type ContainersStatus =
  /** No containers are asked for. */
  | { readonly kind: 'none' }
  | { readonly kind: 'connecting' }
  | { readonly kind: 'up' }
  /** `why` and `advice` are sentences; tried again at that time, in milliseconds since the epoch. */
  | { readonly kind: 'down'; readonly why: string; readonly advice: string; readonly retryAt: number };

/** What a feed of usage tells, in this order after it was opened: status, list, measurements. */
export type UsageNews =
  | { readonly kind: 'status'; readonly status: ContainersStatus }
  /** All there are now: what is not in it is gone. */
  | { readonly kind: 'list'; readonly watched: readonly Watched[] }
  /** One round of measuring, by key; what was not measured in it is not in it. */
  | { readonly kind: 'usage'; readonly usage: ReadonlyMap<string, Usage> };

/** Something that goes on telling until it is closed. */
export type Feed = { readonly close: () => void };

/** What is drawn from the measurements: the same object while nothing changed. */
export type SystemSnapshot = {
  readonly status: ContainersStatus;
  /** What `watched` are: where containers are not asked for, or no engine answers, the processes of running attempts. */
  readonly kind: 'containers' | 'processes';
  readonly watched: readonly Watched[];
  readonly history: UsageHistory;
  /** Measurements that could not be read or kept, as a sentence; absent: all were. */
  readonly notice?: string;
};

/** A figure of a {@link Usage} that can be drawn over time; the `…PerSecond` are made of two readings of a counter. */
export type UsageFigure =
  | 'cpuPercent'
  | 'memoryBytes'
  | 'receivedBytesPerSecond'
  | 'sentBytesPerSecond'
  | 'readBytesPerSecond'
  | 'writtenBytesPerSecond'
  | 'pids';

/** A stretch of time, in milliseconds since the epoch; `toAt` is not part of it. */
export type Stretch = { readonly fromAt: number; readonly toAt: number };

/** What was measured so far, bounded: fine for the last ten minutes at least, coarser before. Reading changes nothing. */
export type UsageHistory = {
  /** The last measurement of a key; undefined: there was none. */
  readonly latest: (key: string) => Usage | undefined;
  /** The stretch in `count` equal slots, each the mean of what was measured in it; undefined: nothing was, a gap. */
  readonly slots: (
    key: string,
    figure: UsageFigure,
    stretch: Stretch,
    count: number,
  ) => readonly (number | undefined)[];
  /** The mean over a stretch and how much of it was measured; undefined: nothing was. */
  readonly mean: (
    key: string,
    figure: UsageFigure,
    stretch: Stretch,
  ) => { readonly value: number; readonly coveredMs: number } | undefined;
  /** When the first measurement of any key was; undefined: there was none. */
  readonly firstAt: () => number | undefined;
};

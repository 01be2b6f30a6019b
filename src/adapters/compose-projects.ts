import type { Clock } from '../engine/ports.ts';
import type { ContainersWanted } from '../run/monitor-plan.ts';
import { askProject, type KnownWanted } from './compose-project.ts';
import { systemClock } from './system-clock.ts';

/** The names of compose projects, asked once for each file and remembered for all who want to know. */
export type ComposeProjects = {
  /**
   * Resolves when compose was asked for the project of what is wanted; what it resolves to knows the name also where it is
   * found, or changes, later. Never rejects.
   */
  readonly known: (wanted: ContainersWanted) => Promise<KnownWanted>;
  /** Containers came or went: what is not known is asked for again, each file once in 30 s at most. */
  readonly askAgain: () => void;
  /** The environment may be another one now: where it is, all are asked for again. */
  readonly environmentChanged: () => void;
  /** Calls back after a name has changed; returns how to end it. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly close: () => void;
};

const AGAIN_MS = 30_000;

/** @param input.environment what compose is asked with, looked at before each question. */
export function createComposeProjects(input: {
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
}): ComposeProjects {
  const { environment, clock = systemClock } = input;
  const closing = new AbortController();
  const listeners = new Set<() => void>();
  const files = new Map<string, ComposeFile>();
  const changed = () => {
    if (closing.signal.aborted) return;
    for (const listener of listeners) listener();
  };
  const fileOf = (path: string): ComposeFile => {
    const file = files.get(path) ?? createFile({ path, environment, clock, changed, signal: closing.signal });
    files.set(path, file);
    return file;
  };
  return {
    async known(wanted) {
      if (wanted.kind !== 'compose') return wanted;
      const file = fileOf(wanted.file);
      await file.asked;
      return {
        ...wanted,
        get project() {
          return file.project();
        },
      };
    },
    askAgain: () => {
      for (const file of files.values()) file.askAgain();
    },
    environmentChanged: () => {
      for (const file of files.values()) file.environmentChanged();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closing.abort();
      listeners.clear();
      for (const file of files.values()) file.close();
    },
  };
}

type ComposeFile = {
  /** Settled after the first answer. */
  readonly asked: Promise<void>;
  readonly project: () => string | undefined;
  readonly askAgain: () => void;
  readonly environmentChanged: () => void;
  readonly close: () => void;
};

function createFile({
  path,
  environment,
  clock,
  changed,
  signal,
}: {
  readonly path: string;
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly changed: () => void;
  readonly signal: AbortSignal;
}): ComposeFile {
  let project: string | undefined;
  let askedWith = '';
  let askedAt = 0;
  let isAsking = false;
  let cancel: (() => void) | undefined;
  const ask = async (): Promise<void> => {
    cancel?.();
    cancel = undefined;
    if (isAsking || signal.aborted) return;
    isAsking = true;
    askedAt = clock.now();
    const before = environment();
    askedWith = JSON.stringify(before);
    // A file that is being edited does not make the name that was known a wrong one.
    const found = (await askProject(path, { environment: before, signal })) ?? project;
    isAsking = false;
    const isOther = found !== project;
    project = found;
    if (isOther) changed();
    environmentChanged();
  };
  const environmentChanged = () => {
    if (askedWith !== JSON.stringify(environment())) void ask();
  };
  return {
    asked: ask(),
    project: () => project,
    askAgain: () => {
      if (project !== undefined || isAsking || signal.aborted) return;
      cancel ??= clock.after(Math.max(askedAt + AGAIN_MS - clock.now(), 0), () => void ask());
    },
    environmentChanged,
    close: () => cancel?.(),
  };
}

import { JournalWriteError, memoryJournal } from '../../src/adapters/journal-file.ts';
import type { Runbook } from '../../src/definition/runbook.ts';
import { Engine } from '../../src/engine/engine.ts';
import type {
  AttemptEvidence,
  AttemptReport,
  AttemptSighting,
  Clock,
  Journal,
  ProbeAnswer,
  Runners,
} from '../../src/engine/ports.ts';
import type { RunEvent } from '../../src/run/event.ts';
import { begin, replay } from '../../src/run/reduce.ts';
import type { AttemptSpec, Ending } from '../../src/runner/spec.ts';
import { aResult, runBegan } from './run-builder.ts';

/** What one attempt does, by the name of its folder; `stubborn`: starts and never ends, not even when it is stopped. */
export type Script = Ending | 'stubborn' | 'until stopped' | 'does not start';

export type EngineLab = {
  readonly engine: Engine;
  readonly runners: Runners;
  /** What happened, in order: `write A,B`, `start 0001-a`, `stop 0001-a`, `ask verify`, `fail`. */
  readonly log: string[];
  readonly specs: AttemptSpec[];
  /** Answers of questions by purpose, first come; what is not there holds. */
  readonly answers: Map<string, ProbeAnswer[]>;
  /** The next question has no answer until this is called with one. */
  readonly holdAnswer: () => (answer: ProbeAnswer) => void;
  readonly disk: { isFull: boolean };
  readonly clock: ManualClock;
  /** Definitions that may be adopted, by digest. */
  readonly definitions: Map<string, Runbook>;
  readonly report: (folder: string, report: AttemptReport) => void;
  /** The run's journal. */
  readonly events: readonly RunEvent[];
  /** The writer is gone, another one opens the same run. */
  readonly reopen: (
    evidence: Readonly<Record<string, AttemptEvidence>>,
    script?: Readonly<Record<string, Script>>,
  ) => EngineLab;
  /** @throws {Error} if an attempt of the script was never started. */
  readonly nothingLeft: () => void;
};

/** A clock that stands still until it is told to go on. */
export type ManualClock = Clock & { readonly go: (ms: number) => void };

export function manualClock(from = runBegan): ManualClock {
  let now = from;
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  return {
    now: () => now,
    after: (delayMs, callback) => {
      const timer = { at: now + delayMs, callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    go: (ms) => {
      now += ms;
      for (const timer of [...timers].filter((one) => one.at <= now)) {
        timers.delete(timer);
        timer.callback();
      }
    },
  };
}

type From = { readonly events: readonly RunEvent[]; readonly evidence: Readonly<Record<string, AttemptEvidence>> };

/**
 * An engine on fakes. An attempt that the script does not name is an extra: it fails the test by what it says.
 *
 * @param script by the name of the attempt's folder (`0001-a`).
 */
export function engineLab(runbook: Runbook, script: Readonly<Record<string, Script>> = {}, from?: From): EngineLab {
  const log: string[] = [];
  const specs: AttemptSpec[] = [];
  const answers = new Map<string, ProbeAnswer[]>();
  const held: Promise<ProbeAnswer>[] = [];
  const disk = { isFull: false };
  const definitions = new Map<string, Runbook>();
  const definitionOf = (digest: string) => definitions.get(digest) ?? runbook;
  const clock = manualClock(from?.events.at(-1)?.at ?? runBegan);
  const reports = new Map<string, (report: AttemptReport) => void>();
  const events: RunEvent[] = [...(from?.events ?? [])];
  const left = new Set(Object.keys(script));
  if (events.length === 0) events.push(startOf(runbook));
  const first = events[0];
  if (first?.type !== 'RunStarted') throw new Error('the journal does not begin with a run');
  const kept = memoryJournal('rob@studio', () => clock.now(), events.length);
  const journal: Journal = {
    append: async (bodies) => {
      if (disk.isFull) {
        log.push('fail');
        throw new JournalWriteError('journal.ndjson', new Error('ENOSPC: no space left on device'));
      }
      const written = await kept.append(bodies);
      events.push(...written);
      log.push(`write ${written.map((event) => event.type).join(',')}`);
      return written;
    },
    close: async () => {},
  };
  const report = (folder: string, one: AttemptReport) => {
    const receive = reports.get(folder);
    if (!receive) throw new Error(`nobody listens to ${folder}`);
    receive(one);
  };
  const runners = scripted({ script, left, log, specs, reports, clock, evidence: from?.evidence ?? {} });
  const engine = new Engine({
    run: from ? replay('r1', events, definitionOf) : begin('r1', first, runbook),
    events: [...events],
    definitionOf,
    journal,
    runners,
    probes: {
      ask: async ({ purpose }) => {
        log.push(`ask ${purpose}`);
        const withheld = held.shift();
        if (withheld) return withheld;
        return answers.get(purpose)?.shift() ?? { held: purpose !== 'unless', found: '' };
      },
    },
    edits: { preview: async () => ['diff'], isAsLeft: async () => ({ held: true, found: 'as left' }) },
    tails: { lastLines: async () => ['last line'] },
    clock,
    place: { home: '/home/rob', definitionDir: '/srv', runDir: '/run', node: '/node' },
    context: { hostsHere: [], hostName: 'studio', attended: true },
    secrets: {},
    limits: { graceMs: 10, outputCapBytes: 1000, probeTimeoutMs: 1000 },
    socketPath: (attempt) => `/s/${attempt}`,
  });
  return {
    engine,
    runners,
    log,
    specs,
    answers,
    holdAnswer: () => {
      const { promise, resolve } = Promise.withResolvers<ProbeAnswer>();
      held.push(promise);
      return resolve;
    },
    disk,
    clock,
    definitions,
    report,
    events,
    reopen: (evidence, next = {}) => {
      clock.go(1);
      return engineLab(runbook, next, { events: [...events], evidence });
    },
    nothingLeft: () => {
      if (left.size > 0) throw new Error(`never started: ${[...left].join(', ')}`);
    },
  };
}

function scripted(input: {
  readonly script: Readonly<Record<string, Script>>;
  readonly left: Set<string>;
  readonly log: string[];
  readonly specs: AttemptSpec[];
  readonly reports: Map<string, (report: AttemptReport) => void>;
  readonly clock: Clock;
  readonly evidence: Readonly<Record<string, AttemptEvidence>>;
}): Runners {
  const { script, left, log, specs, reports, clock, evidence } = input;
  const ended = (folder: string, ending: Ending) =>
    reports.get(folder)?.({ type: 'ended', result: aResult(ending, 3, clock.now()) });
  return {
    prepare: async () => {},
    start: async ({ folder, spec, report }) => {
      const name = nameOf(folder);
      log.push(`start ${name}`);
      specs.push(spec);
      const acts = script[name];
      if (acts === undefined || !left.delete(name)) throw new Error(`nobody expected ${name} to be started`);
      reports.set(name, report);
      if (acts === 'does not start') return report({ type: 'did not start', message: 'no space left' });
      report({ type: 'started', at: clock.now() });
      if (typeof acts === 'object') ended(name, acts);
      return undefined;
    },
    examine: async (folder) => {
      const found = evidence[nameOf(folder)];
      if (!found) throw new Error(`nobody expected ${folder} to be examined`);
      return found;
    },
    look: async (folder) => sightingOf(evidence[nameOf(folder)]),
    attach: async (folder, report) => {
      log.push(`attach ${nameOf(folder)}`);
      reports.set(nameOf(folder), report);
    },
    stop: async (folder) => {
      const name = nameOf(folder);
      log.push(`stop ${name}`);
      if (script[name] === 'until stopped') ended(name, { kind: 'stopped', signal: 'SIGINT' });
    },
    input: () => {},
    resize: () => {},
    stream: () => () => {},
    detach: async () => {
      log.push('detach');
    },
  };
}

/** What can be seen where a recovery would find this. */
function sightingOf(found: AttemptEvidence | undefined): AttemptSighting {
  const gone = { kind: 'gone', why: 'ended' } as const;
  const unknown = { kind: 'not known', why: 'nobody looked' } as const;
  if (found?.kind !== 'lost') return { runner: unknown, command: unknown, record: { kind: 'none' } };
  const commands = { running: { kind: 'there', pids: [77] }, gone, unknown } as const;
  return { runner: gone, command: commands[found.command], record: { kind: 'none' } };
}

function nameOf(folder: string): string {
  return folder.replace(/^.*\//, '');
}

function startOf(runbook: Runbook): RunEvent {
  const line = { seq: 1, at: runBegan, by: 'rob@studio', prev: '' };
  const { id: runbookId, title } = runbook;
  return {
    ...line,
    type: 'RunStarted',
    runbookId,
    title,
    definition: 'd',
    path: '/srv/book.yaml',
    values: {},
    origins: {},
    version: '1',
  };
}

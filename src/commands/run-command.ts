import { didYouMean } from '../definition/suggest.ts';
import type { EngineApi, Holding } from '../engine/api.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import { matchInTime } from '../live/match-in-time.ts';
import { openRun } from '../open-run.ts';
import { progressOf, runStatus } from '../run/status.ts';
import { resolveValues } from '../run/values.ts';
import type { DefinitionFile, Surroundings } from '../surroundings.ts';
import type { Console } from './console.ts';
import { driveRun } from './drive-run.ts';
import { stillRunning } from './farewell.ts';
import type { Interruption } from './interruption.ts';
import { CommandError, exitStatus, type Outcome } from './outcome.ts';
import { followRun, type Transcript, troubleTeller } from './transcript.ts';
import { runUnattended } from './unattended.ts';

export type RunOptions = {
  readonly phase?: string;
  readonly to?: string;
  readonly yes: boolean;
  readonly json: boolean;
  readonly vars: Readonly<Record<string, string>>;
};

/** `runbook run NAME`: the same engine without a screen. Resolves with the exit status. */
export async function runCommand(input: {
  readonly file: DefinitionFile;
  readonly options: RunOptions;
  readonly around: Surroundings;
  readonly projectVars: Readonly<Record<string, string>>;
  readonly console: Console;
  readonly interruption: Interruption;
}): Promise<number> {
  const { file, options, around, console } = input;
  requireNames(file, options);
  const values = valuesFor(file, options.vars, input.projectVars, around, console);
  const { session } = await openRun(file, values, around, true);
  const engine = session.api;
  const outcome = await driveRun({
    engine,
    interruption: input.interruption,
    transcript: tell(engine, around, console, options.json),
    work: async () =>
      (await applyVars(engine, Object.keys(options.vars), values.values)) ??
      runUnattended(engine, {
        yes: options.yes,
        ...(options.phase === undefined ? {} : { phaseId: options.phase }),
        ...(options.to === undefined ? {} : { toStepId: options.to }),
      }),
    afterSignal: 'runbook opens it again',
  });
  const status = runStatus(engine.run());
  const { done, total } = progressOf(engine.run());
  const { why, details = [] } = outcome;
  if (options.json) {
    const more = details.length === 0 ? {} : { details };
    console.json({ type: 'result', status, exit: outcome.status, why, ...more, done, total });
  } else
    for (const line of [`${done}/${total} · ${why}`, ...details, ...goingOn(engine)]) console.out(harmlessLine(line));
  return outcome.status;
}

/** What somebody else runs is theirs to tell: from here nobody sees how far it is. */
function goingOn(engine: EngineApi): readonly string[] {
  return engine.holding().kind === 'writer' ? stillRunning(engine.run()) : [];
}

/** @throws {CommandError} for a value that can't be. */
export function valuesFor(
  file: DefinitionFile,
  flags: Readonly<Record<string, string>>,
  project: Readonly<Record<string, string>>,
  around: Surroundings,
  console: Console,
) {
  const sources = { flags, environment: console.environment, project };
  const values = resolveValues(file.runbook, sources, around.place.home, matchInTime);
  if (values.problems.length > 0) throw new CommandError(values.problems.join('\n'));
  return values;
}

/** What ends a command that would write a run which it may only read; undefined: it may write. */
export function whyReadOnly(engine: EngineApi): Outcome | undefined {
  const { kind } = engine.holding();
  if (kind === 'writer') return undefined;
  return { status: statusOfHolding(kind), why: engine.refusal({ type: 'hold' }) ?? 'read-only' };
}

/** A run that goes on keeps its values; what `--var` says is set in it. */
async function applyVars(
  engine: EngineApi,
  names: readonly string[],
  values: Readonly<Record<string, string>>,
): Promise<Outcome | undefined> {
  const readOnly = whyReadOnly(engine);
  if (readOnly) return readOnly;
  for (const name of names) {
    const value = values[name];
    // A secret is not among the values.
    if (value === undefined || engine.run().values[name] === value) continue;
    const reply = await engine.send({ type: 'set variable', name, value });
    if (reply.kind === 'refused') return { status: exitStatus.usage, why: reply.why };
  }
  return undefined;
}

function statusOfHolding(kind: Exclude<Holding['kind'], 'writer'>): number {
  switch (kind) {
    case 'damaged':
      return exitStatus.usage;
    case 'unwritable':
      return exitStatus.failed;
    case 'viewer':
      return exitStatus.waiting;
    default:
      return kind satisfies never;
  }
}

export function requireNames(file: DefinitionFile, { phase, to }: Pick<RunOptions, 'phase' | 'to'>): void {
  const { phases } = file.runbook;
  requireName(
    'phase',
    phase,
    phases.map((one) => one.id),
  );
  requireName(
    'step',
    to,
    phases.flatMap((one) => one.steps.map((step) => step.id)),
  );
  const ids = phases.find(({ id }) => id === phase)?.steps.map(({ id }) => id);
  if (to !== undefined && ids?.includes(to) === false)
    throw new CommandError(`The phase ${phase} has no step ${to}; leave one of the two away.`);
}

/** @throws {CommandError} if a name is given that is none of the known ones. */
export function requireName(noun: 'phase' | 'step', name: string | undefined, known: readonly string[]): void {
  if (name === undefined || known.includes(name)) return;
  const meant = didYouMean(name, known);
  const guess = meant === undefined ? '; there' : `; did you mean "${meant}"? There`;
  throw new CommandError(`There is no ${noun} "${name}"${guess} are ${known.join(', ')}.`);
}

/** Tells what happens while it happens: as text, or its events as JSON. */
export function tell(engine: EngineApi, around: Surroundings, console: Console, json: boolean): Transcript {
  if (!json) return followRun(engine, around.clock, console);
  // Events alone stand on the standard output.
  const tellTrouble = troubleTeller(engine, console.error);
  let told = 0;
  const tellNews = () => {
    for (const event of engine.events().slice(told)) {
      told = event.seq;
      console.json(event);
    }
    tellTrouble();
  };
  tellNews();
  const unsubscribe = engine.subscribe(tellNews);
  const end = () => {
    unsubscribe();
    tellNews();
    return Promise.resolve();
  };
  return { finish: end, stop: end };
}

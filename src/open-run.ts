import { type JournalReading, openJournal, readJournal } from './adapters/journal-file.ts';
import { openingText } from './adapters/open-to-others.ts';
import {
  createRunFolder,
  digestOf,
  listRunIds,
  newRunId,
  type RunFolder,
  removeRunFolder,
  runFolder,
} from './adapters/run-folders.ts';
import { type Holder, type Lock, readLock, takeLock } from './adapters/run-lock.ts';
import type { EngineApi, Holding, OtherHolder, Reply } from './engine/api.ts';
import { Engine } from './engine/engine.ts';
import type { EngineParts } from './engine/parts.ts';
import type { Journal } from './engine/ports.ts';
import { recover } from './engine/recover.ts';
import { type Switchable, switchable } from './engine/switchable.ts';
import { createViewer } from './engine/viewer.ts';
import { followRun } from './follow-run.ts';
import { holdingOf, takenFrom } from './holding-of.ts';
import { matchInTime } from './live/match-in-time.ts';
import { lookAtDefinition, offerChange } from './offer-definition.ts';
import type { Opening } from './opening.ts';
import { definitionsOf, findCurrentRun, OpenRunError, readRun } from './read-run.ts';
import type { RunEvent, RunEventBody } from './run/event.ts';
import { begin } from './run/reduce.ts';
import { mayStillRun, runningAttempts } from './run/select.ts';
import { eventSentence } from './run/sentences.ts';
import type { Run } from './run/state.ts';
import { progressOf, runStatus } from './run/status.ts';
import type { ResolvedValues } from './run/values.ts';
import type { DefinitionFile, Surroundings } from './surroundings.ts';
import { turnToBegin } from './turn-to-begin.ts';

/** How often a writer looks whether it was taken over from. */
const HELD_MS = 1_000;

export type OpenedRun = {
  readonly session: Switchable;
  readonly folder: RunFolder;
  /** Reads the definition file again; a change of it is offered to the operator, a broken one is told. */
  readonly lookAtDefinition: () => Promise<void>;
};

/**
 * Opens the current run of a definition, or begins one: takes the lock, replays the journal, looks at what is left of
 * attempts. Where somebody else writes the run, or its journal is damaged, the result is read-only.
 *
 * @param fresh true: a run that has succeeded or was rolled back is put aside, and a new one begins.
 * @throws {OpenRunError} if its files can't be used.
 * @throws {JournalWriteError} if nothing can be written.
 */
export async function openRun(
  file: DefinitionFile,
  values: ResolvedValues,
  around: Surroundings,
  fresh = false,
): Promise<OpenedRun> {
  const current = await findCurrentRun(around.dataDir, file.runbook.id);
  if (current === undefined) return beginNext(file, values, around);
  // As it was called: what it finds out on opening a run is that run's, and begins no other.
  const wasOver = fresh && isOver(await readRun(current));
  const opening: Opening = { folder: current, file, values, around };
  const opened = await openExisting(opening);
  if (!wasOver) return opened;
  await opening.writer?.engine.proveGone();
  const { api } = opened.session;
  if (api.run().closed === undefined) return mayBePutAside(api) ? beginNext(file, values, around, opened) : opened;
  // Another one that was called at the same moment has put it aside.
  await api.close();
  return openRun(file, values, around, fresh);
}

/** Whether this process writes the run, nothing changed in it meanwhile, and all of it is proven gone. */
function mayBePutAside(api: EngineApi): boolean {
  const run = api.run();
  return api.holding().kind === 'writer' && hasEnded(run) && !run.attempts.some(mayStillRun);
}

/**
 * Begins the next run, unless somebody else is first. The one before it, which is over, is put aside once the new one has
 * begun, and held until then: there is a way back at every moment, and nobody goes on with it beside the new one.
 */
async function beginNext(
  file: DefinitionFile,
  values: ResolvedValues,
  around: Surroundings,
  before?: OpenedRun,
): Promise<OpenedRun> {
  const another = async () => {
    const found = await findCurrentRun(around.dataDir, file.runbook.id);
    return found?.runId === before?.folder.runId ? undefined : found;
  };
  try {
    const turn = await turnToBegin(file.runbook.id, around, another);
    if ('begun' in turn) return await openExisting({ folder: turn.begun, file, values, around });
    const mayBegin = async () => (await turn.lock.isHeld()) && (await another()) === undefined;
    try {
      const begun = await beginNew({ file, values, around, after: before?.folder.runId, mayBegin });
      if (begun) await before?.session.api.send({ type: 'close run', note: 'it was over, and another one began' });
      // Somebody else's, also if it is over by now: it was begun for the same call.
      return begun ?? (await openRun(file, values, around));
    } finally {
      // The run has begun, or has not, whatever becomes of it; who ends gives it back as well.
      await turn.lock.release().catch(() => undefined);
    }
  } finally {
    await before?.session.api.close();
  }
}

type Beginning = {
  readonly file: DefinitionFile;
  readonly values: ResolvedValues;
  readonly around: Surroundings;
  /** Id of the run that it takes the place of. */
  readonly after: string | undefined;
  /** Asked once its files are made, which may take long. */
  readonly mayBegin: () => Promise<boolean>;
};

/**
 * Nothing of a run that could not begin is left.
 *
 * @returns undefined: somebody else has begun one meanwhile.
 * @throws as {@link openRun}
 */
async function beginNew({ file, values, around, after, mayBegin }: Beginning): Promise<OpenedRun | undefined> {
  const { dataDir, clock } = around;
  const { id } = file.runbook;
  const runId = newRunId(clock.now(), await listRunIds(dataDir, id));
  try {
    const folder = await createRunFolder(dataDir, id, runId, file.text);
    if (await mayBegin()) return await beginRun({ folder, file, values, around }, after);
    await removeRunFolder(folder);
    return undefined;
  } catch (error) {
    await removeRunFolder(runFolder(dataDir, id, runId));
    throw error;
  }
}

function isOver({ run, reading }: Awaited<ReturnType<typeof readRun>>): boolean {
  // What stands behind a damaged line may have taken back what succeeded.
  return !reading.damage && hasEnded(run);
}

/** Nothing of it is left to go on with: it succeeded and its last screen said so, or all of it was taken back. */
function hasEnded(run: Run): boolean {
  if (run.runOn || runningAttempts(run).length > 0) return false;
  const status = runStatus(run);
  return status === 'succeeded' || (status === 'rolled back' && progressOf(run).done === 0);
}

async function beginRun(opening: Opening, after: string | undefined): Promise<OpenedRun> {
  const { folder } = opening;
  const taken = await lockOf(opening);
  if ('holder' in taken)
    throw new OpenRunError(`${folder.path} was taken by ${nameOf(taken.holder)} just now; open it again.`);
  try {
    return await beginLocked(opening, taken.lock, after);
  } catch (error) {
    await taken.lock.release();
    throw error;
  }
}

async function beginLocked(opening: Opening, lock: Lock, after: string | undefined): Promise<OpenedRun> {
  const { folder, file, values, around } = opening;
  const journal = await journalOf(opening, readJournal(new Uint8Array()), lock);
  const definition = digestOf(file.text);
  const [event] = await journal.append([
    {
      type: 'RunStarted',
      runbookId: file.runbook.id,
      title: file.runbook.title,
      definition,
      path: file.path,
      values: values.values,
      origins: values.origins,
      version: around.version,
      ...(after === undefined ? {} : { after }),
    },
  ]);
  if (event?.type !== 'RunStarted') throw new OpenRunError(`${folder.journal} could not be begun.`);
  const run = begin(folder.runId, event, file.runbook);
  const texts = new Map([[definition, file.text]]);
  const engine = new Engine(partsOf(opening, { run, events: [event], texts, journal }));
  opening.writer = { engine, lock, known: texts };
  await engine.record([openedEvent(around)]);
  return opened(opening, withLock(opening, engine, lock));
}

async function openExisting(opening: Opening): Promise<OpenedRun> {
  const { reading } = await readRun(opening.folder);
  if (reading.damage) return opened(opening, await viewerOf(opening));
  const seized = await seize(opening);
  return opened(opening, seized.kind === 'writer' ? seized.engine : await viewerOf(opening, { seized }));
}

type Seized =
  | { readonly kind: 'writer'; readonly engine: EngineApi }
  | { readonly kind: 'busy'; readonly holder: Holder }
  /** A disk that is full or read-only: the run can be looked at, and is taken when it can be written. */
  | { readonly kind: 'unwritable'; readonly problem: string };

/** It is being let go of, by whoever looked on. */
type Left = { readonly kind: 'left' };

/** @param from who it is taken from although not proven dead: the operator decided so. */
async function seize(opening: Opening, from?: Holder): Promise<Seized> {
  let lock: Lock | undefined;
  try {
    const taken = await lockOf(opening, from);
    if ('holder' in taken) return { kind: 'busy', holder: taken.holder };
    lock = taken.lock;
    return { kind: 'writer', engine: await writerOf(opening, lock) };
  } catch (error) {
    opening.writer = undefined;
    await lock?.release();
    const isOfTheSystem = error instanceof Error && ('syscall' in error || error.name === 'JournalWriteError');
    if (!isOfTheSystem) throw error;
    return { kind: 'unwritable', problem: `the run can't be written (${error.message}); it is taken when it can.` };
  }
}

function opened(opening: Opening, engine: EngineApi): OpenedRun {
  opening.session = switchable(engine, async (close) => {
    opening.isLeft = true;
    await close();
    // Who looked on may be taking the run in this moment: it is given back.
    await opening.taking;
  });
  return { session: opening.session, folder: opening.folder, lookAtDefinition: () => lookAtDefinition(opening) };
}

async function writerOf(opening: Opening, lock: Lock): Promise<EngineApi> {
  const { folder, around } = opening;
  // Read again now that nobody else writes.
  const { run, reading, texts } = await readRun(folder);
  if (reading.damage) {
    await lock.release();
    return viewerOf(opening);
  }
  const journal = await journalOf(opening, reading, lock);
  const known = new Map(texts);
  const parts = partsOf(opening, { run, events: reading.events, texts: known, journal });
  const engine = new Engine(parts);
  opening.writer = { engine, lock, known };
  await engine.record([openedEvent(around, lock)]);
  const taken = engine
    .events()
    .slice(-1)
    .flatMap((event) => eventSentence(engine.run(), event) ?? []);
  if (reading.torn) {
    engine.setTrouble('The last line of the journal was torn and is left out: what it announced has not happened.');
  }
  await offerChange(engine, opening, known);
  const news = await recover(engine, parts.runners, () => around.clock.now());
  if (run.attempts.length + taken.length > 0) engine.setWhileAway([...taken, ...news]);
  return withLock(opening, engine, lock);
}

function openedEvent(around: Surroundings, lock?: Lock): RunEventBody {
  const from = lock?.from === undefined ? {} : { from: takenFrom(lock.from.holder, lock.from.provenDead) };
  return { type: 'RunOpened', host: around.hostName, pid: process.pid, screen: around.attended, ...from };
}

type Taken = { readonly lock: Lock } | { readonly holder: Holder };

/** @param from who it is taken from although not proven dead: the operator decided so. */
async function lockOf({ folder, around }: Opening, from?: Holder): Promise<Taken> {
  const taken = await takeLock(folder.lock, around.by, around.clock.now(), from);
  return taken.kind === 'held' ? { lock: taken.lock } : { holder: taken.holder };
}

function nameOf(holder: Holder): string {
  return holder === 'unreadable' ? 'somebody whose lock can’t be read' : holder.by;
}

function journalOf(opening: Opening, reading: JournalReading, lock: Lock): Promise<Journal> {
  const { folder, around } = opening;
  return openJournal({
    path: folder.journal,
    reading,
    by: around.by,
    now: () => around.clock.now(),
    fence: lock.from?.provenDead === false,
    guard: async () => {
      if (await lock.isHeld()) return undefined;
      void becomeViewer(opening, lock);
      return 'somebody else has taken this run over; this screen only looks now';
    },
  });
}

/** A writer that lost its lock writes no more, but goes on showing. */
async function becomeViewer(opening: Opening, lost: Lock): Promise<void> {
  const { session, writer } = opening;
  // A write that hung may find it out when this screen has long taken the run again, by another lock.
  if (session === undefined || writer?.lock !== lost) return;
  opening.writer = undefined;
  try {
    session.switchTo(await viewerOf(opening, { isOusted: true }));
  } catch (error) {
    // Where the files are gone altogether there is nothing to show but what is known.
    writer.engine.setTrouble(error instanceof Error ? error.message : String(error));
    return;
  }
  await writer.engine.close();
}

function partsOf(
  { folder, values, around }: Opening,
  of: {
    readonly run: Run;
    readonly events: readonly RunEvent[];
    readonly texts: ReadonlyMap<string, string>;
    readonly journal: Journal;
  },
): EngineParts {
  const { newRunners, probes, edits, tails, clock, limits, hostName, hostsHere, attended } = around;
  return {
    run: of.run,
    events: of.events,
    // Looked up at each adoption: the map grows when a definition is adopted.
    definitionOf: (digest) => definitionsOf(of.texts)(digest),
    journal: of.journal,
    runners: newRunners(),
    probes,
    edits,
    tails,
    clock,
    place: { ...around.place, runDir: folder.path },
    context: { hostsHere, hostName, attended, matches: matchInTime },
    secrets: values.secrets,
    limits,
    socketPath: (attempt) => around.socketPath(folder.path, attempt),
  };
}

/** Warns of who can change the runbook, gives the lock back when the engine lets go, and notices that it was taken away. */
function withLock(opening: Opening, engine: Engine, lock: Lock): EngineApi {
  const [warning] = opening.file.openings ?? [];
  if (warning && engine.trouble() === undefined) engine.setTrouble(openingText(warning));
  const close = engine.close.bind(engine);
  const { clock } = opening.around;
  let isClosed = false;
  const look = async () => {
    const isLost = await lock.isHeld().then(
      (held) => !held,
      () => false,
    );
    if (isClosed) return;
    if (isLost) void becomeViewer(opening, lock);
    else cancel = clock.after(HELD_MS, () => void look());
  };
  let cancel = clock.after(HELD_MS, () => void look());
  engine.close = async () => {
    isClosed = true;
    cancel();
    await close();
    await lock.release();
  };
  return engine;
}

async function viewerOf(
  opening: Opening,
  how: { readonly seized?: Exclude<Seized, { kind: 'writer' }>; readonly isOusted?: boolean } = {},
): Promise<EngineApi> {
  const { folder, around } = opening;
  const followed = await followRun(folder);
  /** Whom the operator sees: a decision to take over is one against this one. */
  let holder = (await readLock(folder.lock)) ?? (how.seized?.kind === 'busy' ? how.seized.holder : undefined);
  const holdingNow = async (): Promise<Holding> => {
    const holding = await holdingOf(folder, followed.damage(), holder);
    return how.isOusted && holding.kind === 'viewer' ? { ...holding, isOusted: true } : holding;
  };
  const firstHolding: Holding = how.seized?.kind === 'unwritable' ? how.seized : await holdingNow();
  let lastHolding = JSON.stringify(firstHolding);
  let hasNews = false;
  return createViewer({
    run: followed.run(),
    events: followed.events(),
    holding: firstHolding,
    place: { ...around.place, runDir: folder.path },
    hostsHere: around.hostsHere,
    runners: around.newRunners(),
    tails: around.tails,
    probes: around.probes,
    clock: around.clock,
    secrets: opening.values.secrets,
    takeOver: async (from) => {
      const now = await holdingNow();
      if (now.kind === 'viewer' && !isSameHolder(from, now))
        return {
          kind: 'refused',
          why: `${now.holder} (pid ${now.pid} on ${now.host}) holds the run now: T asks about that.`,
        };
      return takeOver(opening, followed.damage(), holder);
    },
    look: async () => {
      hasNews = (await followed.look()) || hasNews;
      holder = await readLock(folder.lock);
      let holding = await holdingNow();
      // Proven dead on this machine: nobody has to be asked. A lock that is gone was given back.
      if (holding.kind === 'viewer' && holding.provenDead) {
        const seized = await takeRun(opening);
        if (seized.kind === 'writer') return undefined;
        if (seized.kind === 'unwritable') holding = seized;
      }
      const changed = JSON.stringify(holding) !== lastHolding;
      if (!hasNews && !changed) return undefined;
      lastHolding = JSON.stringify(holding);
      hasNews = false;
      return { run: followed.run(), events: followed.events(), holding };
    },
  });
}

function isSameHolder(one: OtherHolder, other: OtherHolder): boolean {
  return one.pid === other.pid && one.host === other.host && one.since === other.since;
}

/** @param from who the operator decided to take it from, although not proven dead; absent: nobody is there. */
async function takeOver(opening: Opening, damage: JournalReading['damage'], from?: Holder): Promise<Reply> {
  if (damage) return { kind: 'refused', why: 'A damaged journal is not written any more. It can only be read.' };
  const seized = await takeRun(opening, from);
  if (seized.kind === 'busy')
    return { kind: 'refused', why: `${nameOf(seized.holder)} holds the run. Look again before you take it over: T.` };
  if (seized.kind === 'unwritable') return { kind: 'refused', why: `Read-only: ${seized.problem}` };
  if (seized.kind === 'left') return { kind: 'refused', why: 'Read-only: this screen is being left.' };
  return { kind: 'done' };
}

/** Takes the run, and exchanges the engine of the session for its writer; one that is left meanwhile has nothing taken. */
function takeRun(opening: Opening, from?: Holder): Promise<Seized | Left> {
  const taken = takenUnlessLeft(opening, from);
  opening.taking = Promise.allSettled([opening.taking, taken]).then(() => undefined);
  return taken;
}

async function takenUnlessLeft(opening: Opening, from?: Holder): Promise<Seized | Left> {
  if (opening.isLeft) return { kind: 'left' };
  const seized = await seize(opening, from);
  if (seized.kind !== 'writer') return seized;
  if (opening.isLeft) {
    await seized.engine.close();
    return { kind: 'left' };
  }
  const previous = opening.session?.current();
  opening.session?.switchTo(seized.engine);
  await previous?.close();
  return seized;
}

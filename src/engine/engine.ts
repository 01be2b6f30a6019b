import type { UnknownEvidence } from '../run/attempt-sighting.ts';
import { decide } from '../run/decide.ts';
import type { Decision } from '../run/decision.ts';
import type { Effect } from '../run/effect.ts';
import type { Purpose, RollbackPlan, RollbackScope, RunEvent, RunEventBody } from '../run/event.ts';
import type { Completion, Context, Intent } from '../run/intent.ts';
import { missingVariables } from '../run/ordering.ts';
import { attemptFolderName, attemptName, encodedSecretsOf, planAttempt } from '../run/plan.ts';
import { planRollback } from '../run/rollback.ts';
import { attemptByNumber, isManual, isVerifying, runningAttempts, stepById } from '../run/select.ts';
import type { Run } from '../run/state.ts';
import { secretMisfit, secretProblem, writtenDown } from '../run/values.ts';
import type { AttemptSpec } from '../runner/spec.ts';
import { adoptionRefusal } from './adoption-refusal.ts';
import { type AskEffect, answerQuestion } from './answer-question.ts';
import type { EngineApi, Holding, Reply, UndoOutlook } from './api.ts';
import { askOutlook } from './ask-outlook.ts';
import { describeStep } from './describe.ts';
import { type JournaledRun, journaledRun } from './journaled-run.ts';
import { type KeptSecrets, keepSecrets } from './kept-secrets.ts';
import type { EngineParts } from './parts.ts';
import { beginsSomething, lookAtDoubtful, proofsOf, type Seen, withSightings } from './prove-gone.ts';
import { askEvidence } from './unknown-evidence.ts';
import { createWorkQueue } from './work-queue.ts';

/** One object for ever: screens compare it to see whether anything changed. */
const WRITER: Holding = { kind: 'writer' };

/** The definition's file says something else than the stored one. */
export type DefinitionChange = {
  /** What differs, a line each. */
  readonly changes: readonly string[];
  /** Why it can't be adopted, asked when it is to be; undefined: it can. */
  readonly whyNot: (run: Run) => string | undefined;
  readonly answer: (choice: 'stay' | 'adopt') => Promise<readonly RunEventBody[]>;
};

/** How long the engine waits before it tries again to write what has already happened. */
const REWRITE_MS = 2_000;

const LET_GO: Reply = { kind: 'refused', why: 'This screen has let go of the run.' };

/**
 * The only writer of a run. Takes intents and completions one at a time: decides, journals, folds, tells its listeners,
 * and only then performs.
 */
export class Engine implements EngineApi {
  private readonly journaled: JournaledRun;
  private readonly parts: EngineParts;
  private readonly listeners = new Set<() => void>();
  private readonly secrets: KeptSecrets;
  private readonly cancelTimers = new Set<() => void>();
  private readonly asking = new AbortController();
  private readonly work = createWorkQueue((error) => this.setTrouble(messageOf(error)));
  /** What happened and is not taken in yet, in its order. */
  private readonly happened: Completion[] = [];
  private settlesLater = false;
  /** Attempts whose verify is being asked, by number. */
  private readonly proving = new Set<number>();
  private problem: string | undefined;
  /** Journaled before anything else is: what opening the run says. */
  private owed: readonly RunEventBody[] = [];
  /** Attempts whose files can't be written, by number: why. */
  private readonly hindered = new Map<number, string>();
  private away: readonly string[] = [];
  private change: DefinitionChange | undefined;
  private size = { columns: 100, rows: 30 };
  private closed = false;

  constructor(parts: EngineParts) {
    this.parts = parts;
    this.journaled = journaledRun(parts);
    this.secrets = keepSecrets(parts.secrets, () => encodedSecretsOf(this.run().runbook).encodedSecrets ?? []);
  }

  run(): Run {
    return this.journaled.run();
  }

  events(): readonly RunEvent[] {
    return this.journaled.events();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  holding(): Holding {
    return WRITER;
  }

  takeOver(): Promise<Reply> {
    return Promise.resolve({ kind: 'refused', why: 'This screen writes the run already.' });
  }

  trouble(): string | undefined {
    return this.problem ?? this.hindered.values().next().value;
  }

  whileAway(): readonly string[] {
    return this.away;
  }

  definitionChange(): { readonly changes: readonly string[] } | undefined {
    return this.change;
  }

  /** Tells what recovery found; the opening of a run says it once. */
  setWhileAway(lines: readonly string[]): void {
    this.away = lines;
    this.publish();
  }

  /** Something outside a step that the operator has to know. */
  setTrouble(problem: string | undefined): void {
    this.problem = problem;
    this.publish();
  }

  answerDefinitionChange(choice: 'stay' | 'adopt'): Promise<Reply> {
    const { change } = this;
    if (!change) return Promise.resolve({ kind: 'refused', why: 'The definition has not changed.' });
    return this.work.enqueue(() => this.answerChange(change, choice));
  }

  /** Adopts a changed definition where nothing was done, or is about to be, by the stored one; else it is offered. */
  takeDefinition(change: DefinitionChange): Promise<void> {
    return this.work.enqueue(async () => {
      const isOffered = this.run().attempts.length > 0 || this.whyNotAdopt(change) !== undefined;
      const reply = isOffered ? undefined : await this.answerChange(change, 'adopt');
      if (reply?.kind === 'done') return;
      if (reply?.kind === 'refused') this.problem = `The stored definition holds: ${reply.why}`;
      this.change = change;
      this.publish();
    });
  }

  send(intent: Intent): Promise<Reply> {
    if (this.closed) return Promise.resolve(LET_GO);
    return this.work.enqueue(() => this.carryOut(this.secrets.maskIntent(intent)));
  }

  refusal(intent: Intent): string | undefined {
    const decision = decide(this.run(), intent, this.context());
    return decision.kind === 'refused' ? decision.why : undefined;
  }

  setSecret(name: string, value: string): Reply {
    const { runbook, values } = this.run();
    const variable = runbook.vars.find((one) => one.name === name);
    const misfit = variable && secretMisfit(variable, value, this.parts.context.matches);
    const why = secretProblem(name, value) ?? misfit ?? writtenDown(name, value, values);
    if (why !== undefined) return { kind: 'refused', why: `${why}.` };
    this.secrets.set(name, value);
    this.publish();
    // A proof that could not be asked without it, since the run was opened again.
    for (const attempt of this.run().attempts.filter((one) => isVerifying(this.run(), one)))
      void this.send({ type: 'verify again', attempt: attempt.number });
    return { kind: 'done' };
  }

  secretsHeld(): readonly string[] {
    return this.secrets.names();
  }

  maskedLine(line: string): string {
    return this.secrets.maskLine(line);
  }

  originOf(variable: string): string {
    const start = this.events()[0];
    const captured = this.run().runbook.phases.some((phase) => phase.steps.some((step) => step.capture === variable));
    if (this.journaled.isTyped(variable)) return 'typed';
    if (captured) return 'captured';
    return (
      (start?.type === 'RunStarted' ? start.origins[variable] : undefined) ??
      (this.secrets.has(variable) ? 'typed' : 'none')
    );
  }

  hostsHere(): readonly string[] {
    return this.parts.context.hostsHere;
  }

  attemptFolder(attempt: number): string {
    return this.folderOf(attempt, attemptByNumber(this.run(), attempt).purpose);
  }

  describeStep(stepId: string): readonly string[] {
    return describeStep(this.run(), this.parts.place, stepById(this.run(), stepId));
  }

  previewEdit(stepId: string): Promise<readonly string[]> {
    const { work } = planAttempt(this.run(), this.parts.place, {
      number: 0,
      purpose: { kind: 'step', stepId },
      title: '',
    });
    if (work.kind !== 'edit') return Promise.resolve([]);
    // A file may hold a secret, which its diff would show; one that has not been typed yet can't be masked in it.
    const unknown = missingVariables(this.run(), this.context()).filter(({ secret }) => secret);
    if (unknown.length > 0) {
      const names = unknown.map(({ name }) => name).join(', ');
      return Promise.resolve([`What it changes is shown once ${names} is known: the file may hold it. v: type it.`]);
    }
    return this.parts.edits.preview(work).then((lines) => lines.map((line) => this.maskedLine(line)));
  }

  input(attempt: number, data: Uint8Array): void {
    this.parts.runners.input(this.attemptFolder(attempt), data);
  }

  resize(columns: number, rows: number): void {
    if (columns === this.size.columns && rows === this.size.rows) return;
    this.size = { columns, rows };
    for (const attempt of runningAttempts(this.run())) {
      if (!isManual(this.run(), attempt)) this.parts.runners.resize(this.attemptFolder(attempt.number), columns, rows);
    }
  }

  stream(attempt: number, receive: (data: Uint8Array) => void): () => void {
    return this.parts.runners.stream(this.attemptFolder(attempt), receive);
  }

  rollbackPlan(scope: RollbackScope): RollbackPlan {
    return planRollback(this.run(), scope);
  }

  askOutlook(plan: RollbackPlan, receive: (outlook: readonly UndoOutlook[]) => void): () => void {
    return askOutlook({ run: this.run(), plan, parts: this.parts, secrets: this.secretValues(), receive });
  }

  askEvidence(attempt: number, receive: (evidence: UnknownEvidence) => void): () => void {
    return askEvidence({
      run: this.run(),
      parts: this.parts,
      secrets: this.secrets.values(),
      attempt,
      folder: this.attemptFolder(attempt),
      receive,
      signal: this.asking.signal,
    });
  }

  idle(): Promise<void> {
    return this.work.idle();
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const cancel of this.cancelTimers) cancel();
    this.asking.abort();
    await this.work.drained();
    await this.parts.runners.detach();
    await this.parts.journal.close();
  }

  /** Journals what opening a run says before anything else can happen; nothing does until it could be written. */
  record(bodies: readonly RunEventBody[]): Promise<boolean> {
    return this.work.enqueue(async () => {
      this.owed = [...this.owed, ...bodies];
      const written = await this.settle();
      this.publish();
      return written;
    });
  }

  /** Tells, until there is more to tell of the attempt, that it is hindered; without a text: it is not any more. */
  hinder(number: number, text: string | undefined): void {
    if (text === undefined) this.hindered.delete(number);
    else this.hindered.set(number, `“${attemptByNumber(this.run(), number).title}” ${text}`);
    this.publish();
  }

  /** Calls back when it is worth trying once more what a disk refused, unless this has let go by then. */
  tryLater(callback: () => void): void {
    this.later(REWRITE_MS, callback);
  }

  /**
   * Takes in what an effect, or a recovery, led to. What could not be written down is kept, and tried again: before
   * anything that comes after it, or a service would be ready before it has begun.
   */
  complete(completion: Completion): Promise<void> {
    return this.work.enqueue(async () => {
      if (this.closed) return;
      if (completion.type === 'attempt') {
        const { attempt, report } = completion;
        if (report.type === 'trouble') return this.hinder(attempt, report.text);
        if (report.type === 'ended' || report.type === 'lost') this.hindered.delete(attempt);
      }
      this.happened.push(completion);
      await this.settle();
    });
  }

  /** Journals what of the run is proven gone by now; what can't be written down is not proven. */
  proveGone(): Promise<void> {
    return this.work.enqueue(async () => {
      const seen = await this.lookAtDoubtful();
      await this.write(proofsOf(seen));
      this.publish();
    });
  }

  private lookAtDoubtful(): Promise<Seen> {
    return lookAtDoubtful(this.run(), this.parts.runners, (number) => this.attemptFolder(number));
  }

  private async answerChange(change: DefinitionChange, choice: 'stay' | 'adopt'): Promise<Reply> {
    const why = choice === 'adopt' ? this.whyNotAdopt(change) : undefined;
    if (why !== undefined) return { kind: 'refused', why };
    if (!(await this.settle())) return this.unwritable();
    let bodies: readonly RunEventBody[];
    try {
      bodies = await change.answer(choice);
    } catch (error) {
      return {
        kind: 'refused',
        why: `The changed definition could not be kept: ${messageOf(error)}. Nothing changed.`,
      };
    }
    const written = await this.write(bodies);
    if (written) this.change = undefined;
    this.publish();
    return written ? { kind: 'done' } : this.unwritable();
  }

  private whyNotAdopt(change: DefinitionChange): string | undefined {
    return adoptionRefusal(this.run()) ?? change.whyNot(this.run());
  }

  private folderOf(attempt: number, purpose: Purpose): string {
    return `${this.parts.place.runDir}/${attemptFolderName(attempt, attemptName(purpose))}`;
  }

  private context(): Context {
    const { context, place, clock } = this.parts;
    return { ...context, home: place.home, now: clock.now(), secretsHeld: this.secrets.names() };
  }

  private async carryOut(intent: Intent): Promise<Reply> {
    // It waited for what was being written, and this let go meanwhile.
    if (this.closed && beginsSomething(intent)) return LET_GO;
    const why = intent.type === 'set variable' ? this.holdsSecret(intent) : undefined;
    if (why !== undefined) return { kind: 'refused', why };
    if (!(await this.settle())) return this.unwritable();
    let decision = decide(this.run(), intent, this.context());
    let seen: Seen = [];
    if (decision.kind !== 'refused' && beginsSomething(intent)) {
      seen = await this.lookAtDoubtful();
      const proofs = proofsOf(seen);
      if (!(await this.write(proofs))) return this.unwritable();
      if (proofs.length > 0) decision = decide(this.run(), intent, this.context());
    }
    if (decision.kind === 'refused') return { kind: 'refused', why: decision.why };
    if (decision.kind === 'ask') return { kind: 'ask', questions: withSightings(this.run(), decision.questions, seen) };
    await this.prepare(decision);
    if (!(await this.write(decision.events))) return this.unwritable();
    this.afterWriting(decision);
    return { kind: 'done' };
  }

  /** Makes the folders of attempts before they are announced: one that is not there later was taken away. */
  private async prepare({ events, effects }: Extract<Decision, { kind: 'go' }>): Promise<void> {
    for (const event of events) {
      if (event.type !== 'AttemptStarted') continue;
      const isStarted = effects.some((one) => one.type === 'start attempt' && one.attempt === event.attempt);
      // What keeps it from being made keeps the attempt from starting too, and is told there.
      if (isStarted) await this.parts.runners.prepare(this.folderOf(event.attempt, event.purpose)).catch(() => {});
    }
  }

  private afterWriting(decision: Extract<Decision, { kind: 'go' }>): void {
    this.publish();
    for (const effect of decision.effects) {
      // What was being written while this let go announces it, and opening the run again finds that it did not begin.
      if (!this.closed || effect.type === 'stop attempt') this.perform(effect);
    }
  }

  private unwritable(): Reply {
    return { kind: 'refused', why: this.problem ?? 'The journal could not be written; nothing has begun.' };
  }

  /** False: nothing was written, and nothing that the events announce may happen. */
  private async write(bodies: readonly RunEventBody[], hasHappened = false): Promise<boolean> {
    if (bodies.length === 0) return true;
    try {
      await this.journaled.append(bodies);
      this.problem = undefined;
      return true;
    } catch (error) {
      this.problem = hasHappened ? unwrittenText(error) : messageOf(error);
      this.publish();
      return false;
    }
  }

  /** Writes down what is owed, and takes in what happened; false: not all of it could be, and it is tried again. */
  private async settle(): Promise<boolean> {
    const isSettled = await this.settleNow();
    if (isSettled || this.settlesLater) return isSettled;
    this.settlesLater = true;
    this.later(REWRITE_MS, () => {
      this.settlesLater = false;
      void this.work.enqueue(() => this.settle());
    });
    return false;
  }

  private async settleNow(): Promise<boolean> {
    if (!(await this.write(this.owed))) return false;
    this.owed = [];
    for (let [next] = this.happened; next !== undefined; [next] = this.happened) {
      const decision = decide(this.run(), next, this.context());
      if (decision.kind === 'go' && decision.events.length + decision.effects.length > 0) {
        await this.prepare(decision);
        if (!(await this.write(decision.events, true))) return false;
        this.afterWriting(decision);
      }
      this.happened.shift();
    }
    return true;
  }

  private perform(effect: Effect): void {
    switch (effect.type) {
      case 'start attempt':
        this.startAttempt(effect.attempt);
        break;
      case 'stop attempt':
        this.work.track(this.parts.runners.stop(this.attemptFolder(effect.attempt)));
        break;
      case 'ask verify':
        this.prove(effect);
        break;
      case 'ask unless':
      case 'ask item':
        this.work.track(this.ask(effect));
        break;
      case 'wake for retry':
        this.later(effect.dueAt - this.parts.clock.now(), () => {
          void this.complete({ type: 'retry due', stepId: effect.stepId, dueAt: effect.dueAt });
        });
        break;
      default:
        effect satisfies never;
    }
  }

  private startAttempt(number: number): void {
    const attempt = attemptByNumber(this.run(), number);
    const { graceMs, outputCapBytes } = this.parts.limits;
    const spec: AttemptSpec = {
      version: 1,
      runId: this.run().id,
      ...planAttempt(this.run(), this.parts.place, attempt),
      graceMs,
      ...this.size,
      socketPath: this.parts.socketPath(number),
      outputCapBytes,
    };
    this.work.track(
      this.parts.runners.start({
        folder: this.attemptFolder(number),
        spec,
        secrets: this.secretValues(),
        report: (report) => void this.complete({ type: 'attempt', attempt: number, report }),
      }),
    );
  }

  /** Asks a verify once, whoever wants it again before it has answered. */
  private prove(effect: Extract<AskEffect, { type: 'ask verify' }>): void {
    const { attempt } = effect;
    if (this.proving.has(attempt)) return;
    this.proving.add(attempt);
    this.work.track(this.ask(effect).finally(() => this.proving.delete(attempt)));
  }

  private async ask(effect: AskEffect): Promise<void> {
    const { parts } = this;
    const secrets = this.secretValues();
    const completion = await answerQuestion({ run: this.run(), parts, secrets, effect, signal: this.asking.signal });
    if (!this.closed) await this.complete(completion);
  }

  /** Every secret's value; one that is optional and was not given is the empty string, which the shell accepts. */
  private secretValues(): Readonly<Record<string, string>> {
    const declared = this.run().runbook.vars.filter((variable) => variable.secret);
    const held = this.secrets.values();
    return Object.fromEntries(declared.map(({ name }) => [name, held[name] ?? '']));
  }

  /** Why a value can't be written down; undefined: it can. */
  private holdsSecret({ name, value }: { readonly name: string; readonly value: string }): string | undefined {
    const held = Object.entries(this.secrets.values());
    const why = held.flatMap(([secret, text]) => writtenDown(secret, text, { [name]: value }) ?? [])[0];
    return why === undefined ? undefined : `${why}.`;
  }

  private later(delayMs: number, callback: () => void): void {
    const cancel = this.parts.clock.after(Math.max(0, delayMs), () => {
      this.cancelTimers.delete(cancel);
      if (!this.closed) callback();
    });
    this.cancelTimers.add(cancel);
  }

  private publish(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What has happened can't be taken back by a disk that is full; what would follow from it waits. */
function unwrittenText(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return `The journal can't be written (${messageOf(cause)}): what has happened since is recorded when it can be; nothing more begins until then.`;
}

import type { Runbook } from '../../src/definition/runbook.ts';
import type { AttemptReport } from '../../src/run/attempt-report.ts';
import { decide } from '../../src/run/decide.ts';
import type { Decision } from '../../src/run/decision.ts';
import type { Effect } from '../../src/run/effect.ts';
import type { Accepted, Probed, RollbackScope, RunEvent, RunEventBody } from '../../src/run/event.ts';
import type { Completion, Context, Intent } from '../../src/run/intent.ts';
import { begin, reduce } from '../../src/run/reduce.ts';
import { planRollback } from '../../src/run/rollback.ts';
import { stateOf } from '../../src/run/select.ts';
import type { ItemState, Run, StepState } from '../../src/run/state.ts';
import { runStatus } from '../../src/run/status.ts';
import type { AttemptResult, Ending } from '../../src/runner/spec.ts';
import { aResult, runBegan } from './run-builder.ts';

/** A run that is decided and folded without an engine: what is journaled and what is to be done lie open. */
export class DecidedRun {
  readonly events: RunEvent[] = [];
  /** Effects that nobody has performed yet. */
  readonly effects: Effect[] = [];
  context: Context = {
    now: runBegan,
    hostsHere: [],
    home: '/home/rob',
    hostName: 'studio',
    secretsHeld: [],
    attended: true,
  };
  run: Run;
  /** The definition that is adopted next, where another one is. */
  runbook: Runbook;

  constructor(runbook: Runbook, values: Readonly<Record<string, string>> = {}) {
    this.runbook = runbook;
    const { id: runbookId, title } = runbook;
    const start = { seq: 1, at: runBegan, by: 'rob@studio', prev: '', type: 'RunStarted', definition: 'd' } as const;
    const event = { ...start, runbookId, title, path: '/srv/book.yaml', values, origins: {}, version: '1' } as const;
    this.events.push(event);
    this.run = begin('r1', event, runbook);
  }

  /** Time goes on before the next thing is decided. */
  later(ms: number): this {
    this.context = { ...this.context, now: this.context.now + ms };
    return this;
  }

  decide(input: Intent | Completion): Decision {
    this.later(1);
    const decision = decide(this.run, input, this.context);
    if (decision.kind !== 'go') return decision;
    this.record(decision.events);
    this.effects.push(...decision.effects);
    return decision;
  }

  /** What nothing has to decide: a run that is opened again. */
  record(bodies: readonly RunEventBody[]): void {
    for (const body of bodies) {
      const event: RunEvent = { ...body, seq: this.run.lastSeq + 1, at: this.context.now, by: 'rob@studio', prev: '' };
      this.events.push(event);
      this.run = reduce(this.run, event, () => this.runbook);
    }
  }

  /** The operator adopts another definition, whatever would be refused of it. */
  adopt(runbook: Runbook): this {
    this.runbook = runbook;
    this.later(1).record([{ type: 'DefinitionAdopted', definition: 'e', file: 'runbook-e.yaml', changes: [] }]);
    return this;
  }

  /** The screen was gone and is back: nobody performs what was to be done before. */
  reopen(): this {
    this.later(1);
    this.effects.length = 0;
    this.record([{ type: 'RunOpened', host: 'studio', pid: 2, screen: true }]);
    return this;
  }

  /** Runs a step by Enter, with every confirmation given. */
  start(stepId: string): Decision {
    return this.accept({ type: 'run step', stepId, answers: [], accepted: 'person' });
  }

  runOn(limits: { readonly phaseId?: string; readonly toStepId?: string } = {}): Decision {
    return this.accept({ type: 'run on', ...limits, answers: [], accepted: 'person' });
  }

  /** Runs an undo again, with a note and every confirmation given. */
  retryUndo(itemId: string): Decision {
    return this.accept({ type: 'retry undo', itemId, note: 'looked at' });
  }

  /** Sends an intent, once more with every confirmation it was asked for. */
  accept(intent: Extract<Intent, { type: 'run step' | 'run on' | 'resolve unknown' | 'retry undo' }>): Decision {
    const first = this.decide(intent);
    if (first.kind !== 'ask') return first;
    const answers = first.questions.flatMap((one) =>
      one.kind === 'confirm' ? [{ ...one, said: one.typed ?? 'yes' }] : [],
    );
    return this.decide({ ...intent, answers });
  }

  rollBack(scope: RollbackScope = { kind: 'run' }, accepted: Accepted = '--yes'): Decision {
    return this.decide({ type: 'start rollback', plan: planRollback(this.run, scope), accepted });
  }

  report(attempt: number, report: AttemptReport): Decision {
    return this.decide({ type: 'attempt', attempt, report });
  }

  /** The attempt was spawned and has ended; with exit status 0 where nothing else is said. */
  end(attempt: number, ending: Ending | number = 0, more: Partial<AttemptResult> = {}): Decision {
    this.report(attempt, { type: 'started', at: this.context.now });
    const how: Ending = typeof ending === 'number' ? { kind: 'exited', status: ending } : ending;
    const unmet = how.kind === 'exited' && how.status !== 0 ? [exitUnmet(how.status)] : [];
    const result = { ...aResult(how, 5, this.context.now), unmet, ...more };
    return this.report(attempt, { type: 'ended', result });
  }

  /** Answers the `unless` of a step as it is being asked. */
  answerUnless(stepId: string, answer: Probed): Decision {
    const state = this.state(stepId);
    return this.decide({ type: 'unless answered', stepId, asked: askedOf(state), answer });
  }

  /** Answers an item of a checklist as it is being asked. */
  answerItem(itemId: string, answer: Probed): Decision {
    return this.decide({ type: 'item answered', itemId, asked: askedOf(this.run.items[itemId]), answer });
  }

  /** Performs every effect as if all went well, until nothing is left to do. */
  settle(): this {
    for (let effect = this.effects.shift(); effect; effect = this.effects.shift()) this.succeed(effect);
    return this;
  }

  private succeed(effect: Effect): void {
    const answer = { held: true, found: '' };
    switch (effect.type) {
      case 'start attempt':
        this.endOrReady(effect.attempt);
        return;
      case 'stop attempt':
        this.end(effect.attempt, { kind: 'stopped', signal: 'SIGINT' });
        return;
      case 'ask unless':
        this.answerUnless(effect.stepId, { held: false, found: '' });
        return;
      case 'ask verify':
        this.decide({ type: 'verify answered', attempt: effect.attempt, answer });
        return;
      case 'ask item':
        this.answerItem(effect.itemId, answer);
        return;
      case 'wake for retry':
        this.decide({ type: 'retry due', stepId: effect.stepId, dueAt: effect.dueAt });
        return;
      default:
        effect satisfies never;
    }
  }

  private endOrReady(attempt: number): void {
    const purpose = this.run.attempts[attempt - 1]?.purpose;
    const step = this.runbook.phases
      .flatMap((phase) => phase.steps)
      .find((one) => purpose?.kind === 'step' && one.id === purpose.stepId);
    if (step?.action.kind !== 'service') {
      this.end(attempt);
      return;
    }
    this.report(attempt, { type: 'started', at: this.context.now });
    this.report(attempt, { type: 'ready', at: this.context.now });
  }

  state(stepId: string): StepState {
    return stateOf(this.run, stepId);
  }

  /** Statuses of all steps, by id. */
  statuses(): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(this.run.steps).map(([id, state]) => [id, state.status]));
  }

  status(): string {
    return runStatus(this.run);
  }

  /** Types of the events after the first. */
  told(): readonly string[] {
    return this.events.slice(1).map((event) => event.type);
  }
}

function askedOf(state: StepState | ItemState | undefined): number {
  return state?.status === 'asking' ? state.asked : 0;
}

function exitUnmet(status: number): AttemptResult['unmet'][number] {
  return { what: 'exit', wanted: '0', found: String(status) };
}

/** The words of a refusal; of anything else, what it was. */
export function whyOf(decision: Decision): string {
  return decision.kind === 'refused' ? decision.why : decision.kind;
}

/** Reasons of the questions asked, variables by their names. */
export function reasonsOf(decision: Decision): readonly string[] {
  if (decision.kind !== 'ask') return [decision.kind];
  return decision.questions.map((one) => (one.kind === 'confirm' ? one.reason : one.name));
}

import type { EngineApi, Holding, Reply, UndoOutlook } from '../../src/engine/api.ts';
import { maskLine } from '../../src/live/mask.ts';
import type { UnknownEvidence } from '../../src/run/attempt-sighting.ts';
import type { RollbackPlan } from '../../src/run/event.ts';
import type { Intent } from '../../src/run/intent.ts';
import { planRollback } from '../../src/run/rollback.ts';
import type { Run } from '../../src/run/state.ts';

/** What a fake engine answers with; everything it is asked to do is recorded. */
export type FakeEngine = EngineApi & {
  readonly sent: Intent[];
  readonly typed: string[];
  readonly secrets: Map<string, string>;
  readonly choices: string[];
  /** Changes the run and tells the screen. */
  readonly become: (run: Run) => void;
  readonly hold: (holding: Holding) => void;
  readonly troubled: (text: string | undefined) => void;
};

/** Answers that differ from the plainest ones. */
export type FakeAnswers = {
  readonly reply?: (intent: Intent) => Reply | Promise<Reply>;
  readonly refusal?: (intent: Intent) => string | undefined;
  readonly outlook?: (plan: RollbackPlan) => readonly UndoOutlook[];
  readonly evidence?: Partial<UnknownEvidence>;
  readonly preview?: readonly string[];
  readonly away?: readonly string[];
  readonly changes?: readonly string[];
  readonly commands?: Readonly<Record<string, readonly string[]>>;
};

/** An engine that decides nothing: it shows a run and records what it is asked for. */
export function fakeEngine(first: Run, answers: FakeAnswers = {}): FakeEngine {
  let run = first;
  let holding: Holding = { kind: 'writer' };
  let trouble: string | undefined;
  // The same objects each time, as of a real engine: a screen compares them.
  const away = answers.away ?? [];
  const change = answers.changes === undefined ? undefined : { changes: answers.changes };
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const sent: Intent[] = [];
  const typed: string[] = [];
  const choices: string[] = [];
  const secrets = new Map<string, string>();
  const scripted = (stepId: string): readonly string[] => {
    const step = run.runbook.phases.flatMap((phase) => phase.steps).find((one) => one.id === stepId);
    return step !== undefined && 'script' in step.action ? step.action.script.split('\n') : [];
  };
  return {
    sent,
    typed,
    secrets,
    choices,
    become: (next) => {
      run = next;
      tell();
    },
    hold: (next) => {
      holding = next;
      tell();
    },
    troubled: (text) => {
      trouble = text;
      tell();
    },
    run: () => run,
    events: () => [],
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: async (intent) => {
      sent.push(intent);
      return answers.reply?.(intent) ?? { kind: 'done' };
    },
    refusal: (intent) => answers.refusal?.(intent),
    holding: () => holding,
    takeOver: async (from) => {
      choices.push(`take over from ${from.pid}`);
      return { kind: 'done' };
    },
    trouble: () => trouble,
    whileAway: () => away,
    definitionChange: () => change,
    answerDefinitionChange: async (choice) => {
      choices.push(choice);
      return { kind: 'done' };
    },
    setSecret: (name, value) => {
      if (value.length < 4) return { kind: 'refused', why: `${name} is shorter than 4 characters.` };
      secrets.set(name, value);
      return { kind: 'done' };
    },
    secretsHeld: () => [...secrets.keys()],
    maskedLine: (line) => maskLine(line, [...secrets.values()]),
    originOf: () => 'default',
    hostsHere: () => ['studio'],
    attemptFolder: (attempt) => `/tmp/attempts/${attempt}`,
    describeStep: (stepId) => answers.commands?.[stepId] ?? scripted(stepId),
    previewEdit: async () => answers.preview ?? [],
    input: (_, data) => {
      typed.push(new TextDecoder().decode(data));
    },
    resize: () => {},
    stream: () => () => {},
    rollbackPlan: (scope) => planRollback(run, scope),
    askOutlook: (plan, receive) => {
      receive(answers.outlook?.(plan) ?? plan.items.map((item) => ({ itemId: item.id, kind: 'not asked' })));
      return () => {};
    },
    askEvidence: (attempt, receive) => {
      receive({ attempt, patienceMs: 20_000, ...answers.evidence });
      return () => {};
    },
    idle: async () => {},
    close: async () => {},
  };
}

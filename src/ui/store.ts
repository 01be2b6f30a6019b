import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { EngineApi, Holding, UndoOutlook } from '../engine/api.ts';
import type { UnknownEvidence } from '../run/attempt-sighting.ts';
import type { RollbackPlan, RollbackScope } from '../run/event.ts';
import { isActive, isInteractive } from '../run/select.ts';
import type { Run } from '../run/state.ts';
import { evidenceAttempt } from './evidence-attempt.ts';
import type { LiveAnswers } from './scene.ts';
import type { Followed, ScreenPorts } from './screen-ports.ts';
import { standingOverlays } from './standing-overlays.ts';
import type { ViewState } from './view-state.ts';
import type { ViewStore } from './view-store.ts';

/** What the engine says of the run, as one value that is the same while nothing changed. */
export type EngineSnapshot = {
  readonly run: Run;
  readonly holding: Holding;
  readonly trouble: string | undefined;
  readonly away: readonly string[];
  readonly change: { readonly changes: readonly string[] } | undefined;
};

const tickMs = 1000;

/** Follows the engine. */
export function useEngine(engine: EngineApi): EngineSnapshot {
  const last = useRef<EngineSnapshot>(undefined);
  const subscribe = useCallback((listener: () => void) => engine.subscribe(listener), [engine]);
  return useSyncExternalStore(subscribe, () => {
    const next = {
      run: engine.run(),
      holding: engine.holding(),
      trouble: engine.trouble(),
      away: engine.whileAway(),
      change: engine.definitionChange(),
    };
    const before = last.current;
    const keys = ['run', 'holding', 'trouble', 'away', 'change'] as const;
    const same = before !== undefined && keys.every((key) => before[key] === next[key]);
    if (before !== undefined && same) return before;
    last.current = next;
    return next;
  });
}

/** Follows the view. */
export function useView(store: ViewStore): ViewState {
  return useSyncExternalStore(store.subscribe, store.get);
}

/** The view without the overlays whose phase or step is not in the definition any more; closes them too, and says so. */
export function useStanding(view: ViewState, run: Run, store: ViewStore): ViewState {
  const overlays = standingOverlays(run, view.overlays);
  const isGone = overlays !== view.overlays;
  useEffect(() => {
    if (!isGone) return;
    store.dispatch({ type: 'keep', overlays: standingOverlays(run, store.get().overlays) });
    store.dispatch({ type: 'say', text: 'The definition has changed: what was open is not in it.', tone: 'refused' });
  }, [isGone, run, store]);
  return isGone ? { ...view, overlays } : view;
}

/** Follows something that changes by itself. */
export function useFollowed<T>(followed: Followed<T>): T {
  return useSyncExternalStore(followed.subscribe, followed.get);
}

/** The time in whole seconds, in milliseconds; it goes on by itself only while something runs. */
export function useNow(now: () => number, ticking: boolean): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      if (!ticking) return () => {};
      const timer = setInterval(listener, tickMs);
      return () => clearInterval(timer);
    },
    [ticking],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(now() / tickMs) * tickMs);
}

/** Asks the engine for what the overlay on top and the selected step show, and takes the answers as they come. */
export function useLiveAnswers(input: {
  readonly engine: EngineApi;
  readonly run: Run;
  readonly view: ViewState;
  /** An `edit` step that is selected and has not run; absent: none. */
  readonly editStepId?: string;
}): LiveAnswers {
  const { engine, run, view, editStepId } = input;
  const overlays = view.overlays.map((frame) => frame.overlay);
  const scope = overlays.findLast((overlay) => overlay.kind === 'rollback plan')?.scope;
  const plan = usePlan(engine, run, scope);
  const outlook = useOutlook(engine, plan);
  const preview = useAnswer<readonly string[]>(editStepId, (stepId) => engine.previewEdit(stepId), overlays.length);
  const evidence = useEvidence(engine, evidenceAttempt(run, view.overlays), view.looks);
  return {
    ...(plan === undefined ? {} : { plan }),
    ...(outlook === undefined ? {} : { outlook }),
    ...(evidence === undefined ? {} : { evidence }),
    ...(preview === undefined ? {} : { preview }),
  };
}

/** Gives the keyboard to an attempt while typing is on; Ctrl-G, or its end, takes it back. */
export function useTyping(ports: ScreenPorts, run: Run, store: ViewStore): void {
  const { typing } = useView(store);
  const { engine, setRawInput, restKeys } = ports;
  const attempt = typing === undefined ? undefined : run.attempts[typing - 1];
  const over = typing !== undefined && (attempt === undefined || !isActive(attempt));
  useEffect(() => {
    if (!over) return;
    restKeys();
    store.dispatch({ type: 'typing ended' });
  }, [over, store, restKeys]);
  useEffect(() => {
    if (typing === undefined || over) return undefined;
    setRawInput((data) => {
      const end = data.indexOf(ctrlG);
      const head = end === -1 ? data : data.subarray(0, end);
      if (head.length > 0) engine.input(typing, head);
      if (end !== -1) store.dispatch({ type: 'typing ended' });
    });
    return () => setRawInput(undefined);
  }, [typing, over, engine, setRawInput, store]);
}

const ctrlG = 7;

/** Says that keys are left out, and when they count again. */
export function useRest(isResting: boolean, store: ViewStore): void {
  const was = useRef(false);
  useEffect(() => {
    if (isResting === was.current) return;
    was.current = isResting;
    const text = isResting
      ? 'What had the keyboard has ended. Keys are left out until you pause for a second.'
      : 'The keys are the screen’s again.';
    store.dispatch({ type: 'say', text, tone: 'plain' });
  }, [isResting, store]);
}

/**
 * Hands the terminal over to each interactive attempt that begins while this screen is there, once. Not in the middle of
 * what is being typed or decided: that would answer what the command asks.
 */
export function useHandOver(input: {
  readonly run: Run;
  readonly isWriter: boolean;
  readonly isBusy: boolean;
  readonly store: ViewStore;
  readonly handOver: (attempt: number) => void;
}): void {
  const { run, isWriter, isBusy, store, handOver } = input;
  const seen = useRef(run.attempts.length);
  const next = run.attempts.find(
    (attempt) => attempt.number > seen.current && attempt.life.status === 'running' && isInteractive(run, attempt),
  );
  useEffect(() => {
    // What began under another screen is handed over only when it is asked for.
    if (!isWriter) seen.current = run.attempts.length;
    if (next === undefined || !isWriter || next.number <= seen.current) return;
    seen.current = next.number;
    if (!isBusy) handOver(next.number);
    else store.dispatch({ type: 'say', text: `“${next.title}” waits for the terminal: ⏎ on it.`, tone: 'refused' });
  }, [next, isWriter, isBusy, store, handOver, run]);
}

/** Tells what came up after the screen was opened: a definition that changed, what a take-over found. */
export function useNews({ away, change }: EngineSnapshot, store: ViewStore, ports: ScreenPorts): void {
  const told = useRef({ away, change });
  useEffect(() => {
    const before = told.current;
    told.current = { away, change };
    // What is being typed meanwhile was not meant for it.
    const burst = ports.currentBurst();
    if (away !== before.away && away.length > 0) store.dispatch({ type: 'open', overlay: { kind: 'away' }, burst });
    if (change !== before.change && change !== undefined)
      store.dispatch({ type: 'open', overlay: { kind: 'definition' }, burst });
  }, [away, change, store, ports]);
}

/** Calls back with pasted text. */
export function usePastes(onPaste: ScreenPorts['onPaste'], receive: (text: string) => void): void {
  const latest = useRef(receive);
  useEffect(() => {
    latest.current = receive;
  });
  useEffect(() => onPaste((text) => latest.current(text)), [onPaste]);
}

function usePlan(engine: EngineApi, run: Run, scope: RollbackScope | undefined): RollbackPlan | undefined {
  const key = scope === undefined ? undefined : JSON.stringify(scope);
  const last = useRef<RollbackPlan>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a plan follows from the run, which is not named in it
  return useMemo(() => {
    const plan = scope === undefined ? undefined : engine.rollbackPlan(scope);
    // The same plan stays the same object: its undos are not asked anew because something else happened.
    if (JSON.stringify(plan) !== JSON.stringify(last.current)) last.current = plan;
    return last.current;
  }, [engine, run, key]);
}

function useOutlook(engine: EngineApi, plan: RollbackPlan | undefined): readonly UndoOutlook[] | undefined {
  const [answers, setAnswers] = useState<{ readonly plan: RollbackPlan; readonly outlook: readonly UndoOutlook[] }>();
  useEffect(() => {
    if (plan === undefined) return undefined;
    return engine.askOutlook(plan, (outlook) => setAnswers({ plan, outlook }));
  }, [engine, plan]);
  return answers !== undefined && answers.plan === plan ? answers.outlook : undefined;
}

/** @param looks asked anew with each. */
function useEvidence(engine: EngineApi, attempt: number | undefined, looks: number): UnknownEvidence | undefined {
  const [answer, setAnswer] = useState<{ readonly looks: number; readonly evidence: UnknownEvidence }>();
  // A screen that takes the run over, or loses it, asks with another engine.
  const { kind } = engine.holding();
  // biome-ignore lint/correctness/useExhaustiveDependencies: who answers changes with `kind`
  useEffect(() => {
    if (attempt === undefined) return undefined;
    return engine.askEvidence(attempt, (evidence) => setAnswer({ looks, evidence }));
  }, [engine, attempt, looks, kind]);
  return answer !== undefined && answer.evidence.attempt === attempt && answer.looks === looks
    ? answer.evidence
    : undefined;
}

/** @param occasion asks again when it changes: what was done meanwhile may change the answer. */
function useAnswer<T>(stepId: string | undefined, ask: (stepId: string) => Promise<T>, occasion = 0): T | undefined {
  const [answer, setAnswer] = useState<{ readonly stepId: string; readonly occasion: number; readonly value: T }>();
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    if (stepId === undefined) return undefined;
    let wanted = true;
    const receive = (value: T) => {
      if (wanted) setAnswer({ stepId, occasion, value });
    };
    // What could not be found out is left out: the engine tells of its own trouble.
    latest.current(stepId).then(receive, () => {});
    return () => {
      wanted = false;
    };
  }, [stepId, occasion]);
  return answer !== undefined && answer.stepId === stepId ? answer.value : undefined;
}

import type { Intent } from '../../run/intent.ts';
import {
  activeRollback,
  currentStepId,
  foregroundStepId,
  isActive,
  isInteractive,
  phaseOfStep,
} from '../../run/select.ts';
import { ask, type Effect, refuse, send, view } from '../effects.ts';
import type { Binding } from '../keymap.ts';
import { type Scene, takesInput } from '../scene.ts';
import { everyPane } from './contexts.ts';

/** Keys that set something going, or end it. */
export const runKeys: readonly Binding[] = [
  {
    keys: ['enter'],
    when: ['steps'],
    label: (scene) => enterMeaning(scene).label,
    about: 'run the step, or retry what failed; on a running one, go to its output',
    footer: 2,
    whyNot: (scene) => enterMeaning(scene).whyNot,
    act: (scene) => enterMeaning(scene).effects,
  },
  {
    keys: ['a'],
    when: everyPane,
    label: (scene) => (scene.run.runOn === undefined ? 'run on' : 'hold'),
    about: 'run on to the next stop (gate, manual step, failure); once more: hold after this step',
    footer: 3,
    whyNot: (scene) => scene.engine.refusal(runOnIntent(scene)),
    act: (scene) => once(scene, [send(runOnIntent(scene)), view({ type: 'follow' })]),
  },
  {
    keys: ['space'],
    when: ['steps', 'output'],
    label: (scene) => (isManualRunning(scene) ? 'done' : 'tick'),
    about: 'tick or untick a checklist item; finish a manual step',
    footer: 4,
    whyNot: spaceRefusal,
    act: (scene) => {
      const intent = spaceIntent(scene);
      return intent === undefined ? [] : once(scene, [send(intent)]);
    },
  },
  {
    keys: ['x'],
    when: everyPane,
    label: 'stop',
    about: 'stop the step that runs (asks first)',
    footer: 5,
    whyNot: (scene) => {
      const target = stopTarget(scene);
      if (target === undefined) return 'Nothing runs that could be stopped.';
      return scene.engine.refusal(
        target.kind === 'stop undo' ? { ...target, type: target.kind } : { ...target, type: target.kind },
      );
    },
    act: (scene) => {
      const target = stopTarget(scene);
      return target === undefined ? [] : [ask(target, scene.burst)];
    },
  },
  {
    keys: ['s'],
    when: ['steps', 'output'],
    label: 'skip',
    about: 'skip the step, with a reason',
    footer: 12,
    whyNot: (scene) =>
      scene.row?.kind === 'step'
        ? scene.engine.refusal({ type: 'skip step', stepId: scene.row.step.id, reason: 'asked for next' })
        : 'Only a step can be skipped.',
    act: (scene) =>
      scene.row?.kind === 'step'
        ? [
            view({
              type: 'open',
              overlay: { kind: 'field', purpose: { kind: 'skip', stepId: scene.row.step.id } },
              burst: scene.burst,
            }),
          ]
        : [],
  },
  {
    keys: ['enter'],
    when: ['output'],
    label: 'type',
    about: 'type into the running command (Ctrl-G ends it)',
    footer: 2,
    whyNot: (scene) =>
      scene.shown !== undefined && takesInput(scene.run, scene.shown)
        ? undefined
        : 'Nothing runs here that could be typed into.',
    act: (scene) => (scene.shown === undefined ? [] : [typingOrTerminal(scene, scene.shown.number)]),
  },
];

type Meaning = { readonly label: string; readonly whyNot?: string | undefined; readonly effects: readonly Effect[] };

/** Enter in the list means what the selected row needs next. */
function enterMeaning(scene: Scene): Meaning {
  const { row } = scene;
  if (row === undefined) return { label: 'run', whyNot: 'This phase has no steps.', effects: [] };
  if (row.kind === 'item') return { label: 'tick', whyNot: spaceRefusal(scene), effects: tickEffects(scene) };
  if (row.kind === 'gate') return gateMeaning(scene, row.phaseId);
  return stepMeaning(scene, row.step.id);
}

function stepMeaning(scene: Scene, stepId: string): Meaning {
  const status = scene.step?.state.status ?? 'pending';
  switch (status) {
    case 'pending':
    case 'undone':
    case 'skipped':
    case 'undo failed':
      return runMeaning(scene, stepId, 'run');
    case 'failed':
    case 'timed out':
    case 'stopped':
      return runMeaning(scene, stepId, 'retry');
    case 'asking':
    case 'starting':
    case 'running':
    case 'verifying':
      if (isManualRunning(scene))
        return { label: 'run', whyNot: 'This is yours to do: space says that it is done.', effects: [] };
      return watchMeaning(scene);
    case 'unknown':
      return {
        label: 'decide',
        effects: [view({ type: 'open', overlay: { kind: 'unknown', stepId }, burst: scene.burst })],
      };
    case 'succeeded':
    case 'satisfied':
      return scene.shown !== undefined && isActive(scene.shown) ? watchMeaning(scene) : nextMeaning(scene, stepId);
    default:
      return status satisfies never;
  }
}

function runMeaning(scene: Scene, stepId: string, label: string): Meaning {
  const intent: Intent = { type: 'run step', stepId, answers: [], accepted: 'person' };
  const select = view({ type: 'select', phaseId: scene.phase.id, rowId: `step:${stepId}` });
  return { label, whyNot: scene.engine.refusal(intent), effects: once(scene, [select, send(intent)]) };
}

function watchMeaning(scene: Scene): Meaning {
  const attempt = scene.shown;
  if (attempt === undefined) return { label: 'watch', whyNot: 'It is starting.', effects: [] };
  const isWriter = scene.holding.kind === 'writer';
  if (isWriter && isInteractive(scene.run, attempt) && takesInput(scene.run, attempt)) {
    return { label: 'terminal', effects: [{ type: 'hand over', attempt: attempt.number }] };
  }
  return { label: 'watch', effects: [view({ type: 'focus', pane: 'output' })] };
}

/** A done step leads on to what is next, and never runs anything: what is next is seen before it is run. */
function nextMeaning(scene: Scene, stepId: string): Meaning {
  const next = currentStepId(scene.run);
  if (next === undefined || next === stepId) return { label: 'next', whyNot: 'Nothing is left to do.', effects: [] };
  const phaseId = phaseOfStep(scene.run, next).id;
  const gate = scene.phase.gate !== undefined && phaseId !== scene.phase.id;
  if (gate) return { label: 'next', effects: once(scene, [view({ type: 'follow' })]) };
  return { label: 'next', effects: once(scene, [view({ type: 'select', phaseId, rowId: `step:${next}` })]) };
}

function gateMeaning(scene: Scene, phaseId: string): Meaning {
  const intent: Intent = { type: 'open gate', phaseId, said: 'yes', accepted: 'person' };
  return {
    label: 'open gate',
    whyNot: scene.engine.refusal(intent),
    effects: [ask({ kind: 'gate', phaseId }, scene.burst)],
  };
}

/** Keys of one burst set only one thing going: a held Enter must not run through the steps. */
function once(scene: Scene, effects: readonly Effect[]): readonly Effect[] {
  if (scene.view.ranIn === scene.burst) return [];
  return [view({ type: 'ran', burst: scene.burst }), ...effects];
}

function runOnIntent(scene: Scene): Intent {
  return scene.run.runOn === undefined ? { type: 'run on', answers: [], accepted: 'person' } : { type: 'hold' };
}

function isManualRunning(scene: Scene): boolean {
  return scene.step?.step.action.kind === 'manual' && scene.step.state.status === 'running';
}

function spaceIntent(scene: Scene): Intent | undefined {
  const { row } = scene;
  if (row?.kind === 'item') return { type: 'tick item', itemId: row.item.id, accepted: 'person' };
  if (row?.kind === 'step' && row.step.action.kind === 'manual') {
    return { type: 'finish manual', stepId: row.step.id, note: '', accepted: 'person' };
  }
  return undefined;
}

function spaceRefusal(scene: Scene): string | undefined {
  const intent = spaceIntent(scene);
  if (intent !== undefined) return scene.engine.refusal(intent);
  return scene.row?.kind === 'gate'
    ? 'A gate is opened with Enter.'
    : 'Space ticks checklist items and manual steps; Enter runs a step.';
}

function tickEffects(scene: Scene): readonly Effect[] {
  const intent = spaceIntent(scene);
  return intent === undefined ? [] : once(scene, [send(intent)]);
}

/** What `x` would stop: the undo that runs, the selected step, else the one in the foreground. */
function stopTarget(scene: Scene) {
  const rollback = activeRollback(scene.run);
  const undo = rollback?.plan.items.find((item) => rollback.items[item.id]?.status === 'running');
  if (undo !== undefined) return { kind: 'stop undo', itemId: undo.id } as const;
  const shown = scene.shown;
  if (shown?.purpose.kind === 'step' && isActive(shown))
    return { kind: 'stop step', stepId: shown.purpose.stepId } as const;
  const status = scene.step?.state.status;
  if (scene.step !== undefined && (status === 'running' || status === 'starting')) {
    return { kind: 'stop step', stepId: scene.step.step.id } as const;
  }
  const foreground = foregroundStepId(scene.run);
  return foreground === undefined ? undefined : ({ kind: 'stop step', stepId: foreground } as const);
}

function typingOrTerminal(scene: Scene, attempt: number): Effect {
  const shown = scene.shown;
  if (scene.holding.kind !== 'writer') return refuse('This view is read-only: the run is held by another screen.');
  return shown !== undefined && isInteractive(scene.run, shown)
    ? { type: 'hand over', attempt }
    : view({ type: 'typing', attempt });
}

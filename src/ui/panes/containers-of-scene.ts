import { baselineOf } from '../../live/baseline.ts';
import { endedAt, phaseBeganAt } from '../../run/elapsed.ts';
import { expandFor } from '../../run/plan.ts';
import { isActive, latestAttempt, stateOf } from '../../run/select.ts';
import { clockText } from '../../run/sentences.ts';
import type { Attempt, Run } from '../../run/state.ts';
import type { PlacedPane } from '../layout.ts';
import type { Scene } from '../scene.ts';
import { marks, stepLook } from '../theme.ts';
import type { StepMark } from './chart-time.ts';
import { type ContainersView, containersPane, type DrawnContainers } from './containers.ts';
import { containersZoomed } from './containers-zoomed.ts';

/** The pane of containers as the scene has it: the list, or all figures and charts where it is zoomed. */
export function containersOf(scene: Scene, pane: Extract<PlacedPane, { id: 'containers' }>): DrawnContainers {
  const { system, now } = scene;
  const { width, height } = pane.rect;
  const view: ContainersView = {
    ...scene.view.containers,
    system,
    now,
    focused: scene.view.focus === 'containers' && scene.top === undefined,
    width,
    height,
    top: pane.top,
  };
  if (!pane.zoomed) return containersPane(view);
  const beganAt = phaseBeganAt(scene.run, scene.phase.id);
  const keys = system.watched.map(({ key }) => key);
  return containersZoomed({
    ...view,
    marks: marksOf(scene),
    ...(beganAt === undefined ? {} : { phaseStartedAt: beganAt }),
    baseline: baselineOf(system.history, keys, { beganAt, now }),
    clock: clockText,
    ...(scene.drawChart === undefined ? {} : { drawChart: scene.drawChart }),
  });
}

function marksOf({ run }: Scene): readonly StepMark[] {
  return run.attempts.map((attempt) => {
    const until = isActive(attempt) ? undefined : endedAt(attempt);
    return {
      at: attempt.startedAt,
      ...(until === undefined ? {} : { until }),
      label: expandFor(run, attempt.title),
      glyph: glyphOf(run, attempt),
    };
  });
}

/** How the attempt stands: of a step's last one what is said of the step, of an earlier one that it was not the last. */
function glyphOf(run: Run, attempt: Attempt): string {
  const { purpose } = attempt;
  if (purpose.kind === 'undo') return marks.undo;
  const isLast = latestAttempt(run, purpose.stepId)?.number === attempt.number;
  return stepLook(isLast ? stateOf(run, purpose.stepId).status : 'failed').glyph;
}

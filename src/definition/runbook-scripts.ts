import type { Phase, Probe, Runbook, Step } from './runbook.ts';

/** A script of a runbook with the surroundings it is executed in. */
export type PlacedScript = {
  readonly text: string;
  /** The step, or the checklist item, that it belongs to. */
  readonly ownerId: string;
  /** Absent: wherever the program runs. */
  readonly host?: string;
  /** Runs in the same shell before it; empty: nothing. */
  readonly before: string;
  readonly cwd?: string;
  readonly env: Readonly<Record<string, string>>;
  readonly shell: readonly string[];
};

/** Every script that a run may execute, in the order of the runbook; cheat sheets and advice are not among them. */
export function runbookScripts(runbook: Runbook): readonly PlacedScript[] {
  return runbook.phases.flatMap((phase) => [
    ...[...phase.steps, ...(phase.rollback ?? [])].flatMap((step) =>
      stepTexts(step).map((text) => ({ text, ownerId: step.id, ...surroundingsOf(step) })),
    ),
    ...phase.checklist.flatMap((item) =>
      item.run === undefined ? [] : [{ text: item.run, ownerId: item.id, ...surroundingsOf(phase) }],
    ),
  ]);
}

function surroundingsOf({ host, before, cwd, env, shell }: Step | Phase): Omit<PlacedScript, 'text' | 'ownerId'> {
  return { ...(host === undefined ? {} : { host }), ...(cwd === undefined ? {} : { cwd }), before, env, shell };
}

function stepTexts(step: Step): readonly string[] {
  const { undo } = step;
  const texts = [
    step.unless?.script,
    ...actionTexts(step),
    step.verify,
    undo?.requires?.script,
    undo?.script,
    undo?.verify,
  ];
  return texts.filter((text) => text !== undefined);
}

function actionTexts({ action }: Step): readonly (string | undefined)[] {
  switch (action.kind) {
    case 'run':
    case 'interactive':
      return [action.script];
    case 'service':
      return [action.script, action.ready && probeText(action.ready.probe)];
    case 'check':
      return [probeText(action.poll.probe)];
    case 'watch':
      return [probeText(action.probe)];
    case 'manual':
    case 'edit':
      return [];
    default:
      return action satisfies never;
  }
}

function probeText(probe: Probe): string | undefined {
  return probe.kind === 'command' ? probe.script : undefined;
}

import { readFileSync } from 'node:fs';
import { loadRunbook } from '../../src/definition/load-runbook.ts';
import type { Probe, Runbook, Step } from '../../src/definition/runbook.ts';

/** The runbooks that come with the program. */
export const shippedNames = ['practice', 'python-3.12-migration'] as const;
export type ShippedName = (typeof shippedNames)[number];

export function textOf(name: ShippedName): string {
  return readFileSync(new URL(`../../runbooks/${name}.yaml`, import.meta.url), 'utf8');
}

/** @throws {Error} with every problem, if the runbook can't be loaded. */
export function shipped(name: ShippedName): Runbook {
  const { runbook, problems } = loadRunbook(textOf(name));
  if (!runbook) throw new Error(problems.map((one) => `${one.position.line}: ${one.path}: ${one.message}`).join('\n'));
  return runbook;
}

/** A script of a runbook as its shell gets it, and where it stands. */
export type ShippedScript = { readonly place: string; readonly script: string };

/** Every piece of shell text: steps and their questions, undos, plans, checklists, fixes, cheat sheets. */
export function scriptsOf(runbook: Runbook): readonly ShippedScript[] {
  const phases = runbook.phases.flatMap((phase) => [
    ...[...phase.steps, ...(phase.rollback ?? [])].flatMap(scriptsOfStep),
    ...phase.checklist.flatMap((item) =>
      item.run === undefined ? [] : [{ place: item.id, script: `${phase.before}\n${item.run}` }],
    ),
  ]);
  const fixes = runbook.troubleshooting.flatMap((one) =>
    one.fix === undefined ? [] : [{ place: one.id, script: one.fix }],
  );
  const sheets = runbook.cheatsheet.flatMap((sheet) =>
    sheet.commands.map((command) => ({ place: sheet.title, script: command.run })),
  );
  return [...phases, ...fixes, ...sheets];
}

function scriptsOfStep(step: Step): readonly ShippedScript[] {
  const scripts = [
    ...actionScripts(step),
    step.unless?.script,
    step.verify,
    step.undo?.script,
    step.undo?.requires?.script,
    step.undo?.verify,
  ];
  return scripts
    .filter((script) => script !== undefined)
    .map((script) => ({ place: step.id, script: `${step.before}\n${script}` }));
}

function actionScripts(step: Step): readonly (string | undefined)[] {
  const { action } = step;
  switch (action.kind) {
    case 'run':
    case 'interactive':
      return [action.script];
    case 'service':
      return [action.script, commandOf(action.ready?.probe)];
    case 'check':
      return [commandOf(action.poll.probe)];
    case 'watch':
      return [commandOf(action.probe)];
    case 'manual':
    case 'edit':
      return [];
    default:
      return action satisfies never;
  }
}

function commandOf(probe: Probe | undefined): string | undefined {
  return probe?.kind === 'command' ? probe.script : undefined;
}

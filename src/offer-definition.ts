import { readDefinitionText } from './adapters/read-definition-text.ts';
import { digestOf, storeDefinition } from './adapters/run-folders.ts';
import { diffDefinitions } from './definition/definition-diff.ts';
import { loadRunbook } from './definition/load-runbook.ts';
import { diffPhases } from './definition/phase-diff.ts';
import type { Runbook } from './definition/runbook.ts';
import type { Engine } from './engine/engine.ts';
import { matchInTime } from './live/match-in-time.ts';
import type { Opening } from './opening.ts';
import type { RunEventBody } from './run/event.ts';
import type { Run } from './run/state.ts';
import { resolveValues } from './run/values.ts';
import { whyNotAdopt } from './run/why-not-adopt.ts';

/** Reads the definition file again: a change of it is offered to the operator, a broken one is told. A viewer offers nothing. */
export async function lookAtDefinition(opening: Opening): Promise<void> {
  const { writer, file } = opening;
  if (!writer) return;
  const read = await readDefinitionText(file.path);
  if (read.kind !== 'text') {
    const why = read.kind === 'absent' ? 'is gone' : `can't be read: ${read.why}`;
    return writer.engine.setTrouble(`The stored definition holds: ${file.path} ${why}.`);
  }
  const { text } = read;
  const { runbook, problems } = loadRunbook(text, matchInTime);
  if (!runbook) {
    const first = problems.find((problem) => problem.severity === 'error');
    const place = first ? `:${first.position.line}:${first.position.column} ${first.message}` : '';
    return writer.engine.setTrouble(
      `The stored definition holds; runbook check says what is wrong with the file: ${file.path}${place}`,
    );
  }
  opening.file = { path: file.path, text, runbook };
  await offerChange(writer.engine, opening, writer.known);
}

/** A changed definition of a run that has done nothing yet, and does nothing, is simply taken; else the operator chooses. */
export async function offerChange(engine: Engine, opening: Opening, known: Map<string, string>): Promise<void> {
  const { folder, file } = opening;
  const run = engine.run();
  const digest = digestOf(file.text);
  if (digest === run.definition || digest === run.keptOver) return;
  const changes = changeLines(run.runbook, file.runbook);
  const adopt = async (): Promise<readonly RunEventBody[]> => {
    const name = await storeDefinition(folder, file.text);
    known.set(digest, file.text);
    return [
      { type: 'DefinitionAdopted', definition: digest, file: name, changes },
      ...newValues(engine.run(), file.runbook, opening),
    ];
  };
  await engine.takeDefinition({
    changes: changes.length > 0 ? changes : ['no step differs: texts, variables or comments do'],
    whyNot: (now) => whyNotAdopt(now, file.runbook),
    answer: (choice) =>
      choice === 'adopt' ? adopt() : Promise.resolve([{ type: 'DefinitionKept', definition: digest }]),
  });
}

/** A line for each phase that asks something else, then one for each step that differs. */
function changeLines(old: Runbook, now: Runbook): readonly string[] {
  const told = (changes: readonly string[]) => (changes.length > 0 ? ` (${changes.join(', ')})` : '');
  return [
    ...diffPhases(old, now).map((one) => `changed ${one.phaseId}: ${one.title}${told(one.changes)}`),
    ...diffDefinitions(old, now).map(
      (one) => `${one.kind} ${one.phaseId}/${one.stepId}: ${one.title}${told(one.changes)}`,
    ),
  ];
}

/** Values of variables that came with a changed definition, and have none by now. */
function newValues(run: Run, runbook: Runbook, { values, around }: Opening): readonly RunEventBody[] {
  const sources = { flags: {}, environment: {}, project: { ...values.values, ...run.values } };
  const resolved = resolveValues(runbook, sources, around.place.home, matchInTime).values;
  return Object.entries(resolved)
    .filter(([name]) => run.values[name] === undefined)
    .map(([name, value]) => ({ type: 'VariableSet', name, value }));
}

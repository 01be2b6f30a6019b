import type { JournalReading } from '../adapters/journal-file.ts';
import { openingText, openToOthers } from '../adapters/open-to-others.ts';
import { readDefinitionText } from '../adapters/read-definition-text.ts';
import { listRunbookIds } from '../adapters/run-folders.ts';
import { jsonSchema, projectJsonSchema } from '../definition/json-schema.ts';
import { loadRunbook } from '../definition/load-runbook.ts';
import { loadProjectFile } from '../definition/project-file.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import { matchInTime } from '../live/match-in-time.ts';
import { findCurrentRun, readRun } from '../read-run.ts';
import { staysAfter } from '../run/left-running.ts';
import { activeRollback, currentStepId, stateOf, stepById } from '../run/select.ts';
import { clockText, stateText } from '../run/sentences.ts';
import type { Run } from '../run/state.ts';
import { phaseProgress, phaseStatus, progressOf, type RunStatus, runStatus } from '../run/status.ts';
import type { Console } from './console.ts';
import { formatAll, listDefinitions, type Project } from './find-definition.ts';
import { exitStatus } from './outcome.ts';

/** `runbook check`: every problem of every file. Resolves with the exit status. */
export async function checkCommand(files: readonly string[], console: Console): Promise<number> {
  let broken = false;
  for (const file of files) {
    const read = await readDefinitionText(file);
    if (read.kind !== 'text') {
      broken = true;
      console.out(`${harmlessLine(file)} ${read.kind === 'absent' ? 'is gone' : `can't be read: ${read.why}`}.`);
      continue;
    }
    const { text } = read;
    const isProject = /(^|\/)runbook\.ya?ml$/.test(file);
    const { problems } = isProject ? loadProjectFile(text) : loadRunbook(text, matchInTime);
    if (problems.some((problem) => problem.severity === 'error')) broken = true;
    console.out(
      problems.length === 0
        ? `${harmlessLine(file)}: nothing to complain of`
        : formatAll(problems, { file, text, color: console.color }),
    );
    for (const opening of await openToOthers(file)) console.out(`Warning: ${openingText(opening)}`);
  }
  return broken ? exitStatus.usage : exitStatus.succeeded;
}

/** `runbook schema`: the JSON Schema of a runbook, or of the project file. */
export function schemaCommand(of: 'runbook' | 'project', console: Console): number {
  console.json(of === 'runbook' ? jsonSchema() : projectJsonSchema(), 2);
  return exitStatus.succeeded;
}

/** `runbook list`: the runbooks that can be named here, and those that have a run. */
export async function listCommand(input: {
  readonly project: Project;
  readonly shipped: string;
  readonly dataDir: string;
  readonly json: boolean;
  readonly console: Console;
}): Promise<number> {
  const { dataDir, console } = input;
  const definitions = await listDefinitions(input.project, input.shipped);
  const withRuns = new Set(await listRunbookIds(dataDir));
  const rows = await Promise.all(
    [...definitions].map(async ([name, path]) => {
      const read = await readDefinitionText(path);
      const runbook = read.kind === 'text' ? loadRunbook(read.text, matchInTime).runbook : undefined;
      const status = runbook && withRuns.has(runbook.id) ? await statusOf(dataDir, runbook.id) : undefined;
      return { name, path, title: runbook?.title ?? 'broken: runbook check says why', status: status ?? 'no run' };
    }),
  );
  if (input.json) console.json(rows, 2);
  else for (const row of rows) console.out(rowText(row));
  if (!input.json && rows.length === 0) console.out('No runbooks here. Put some into runbooks/, or name a file.');
  return exitStatus.succeeded;
}

function rowText({
  name,
  status,
  title,
}: {
  readonly name: string;
  readonly status: string;
  readonly title: string;
}): string {
  return harmlessLine(`${name.padEnd(28)} ${status.padEnd(20)} ${title}`);
}

async function statusOf(dataDir: string, id: string): Promise<string | undefined> {
  const folder = await findCurrentRun(dataDir, id);
  if (!folder) return undefined;
  return readRun(folder).then(
    ({ run, reading }) => statusText(run, reading.damage),
    () => 'damaged',
  );
}

/** `runbook status`: how the current run of a runbook stands, without opening it. */
export async function statusCommand(input: {
  readonly runbookId: string;
  readonly dataDir: string;
  readonly json: boolean;
  readonly console: Console;
}): Promise<number> {
  const { console } = input;
  const folder = await findCurrentRun(input.dataDir, input.runbookId);
  if (!folder) {
    if (input.json) console.json({ runbook: input.runbookId, status: 'no run' });
    else console.out(`${input.runbookId}: no run`);
    return exitStatus.succeeded;
  }
  const { run, reading } = await readRun(folder);
  const { damage } = reading;
  if (damage) console.error(`${folder.journal}:${damage.line} is damaged: ${damage.why}`);
  if (input.json) console.json(statusData(run, folder.path, damage), 2);
  else for (const line of statusLines(run, folder.path, damage)) console.out(harmlessLine(line));
  return damage ? exitStatus.usage : exitStatus.succeeded;
}

/** How the run stands; behind a damaged line nobody knows. */
function statusText(run: Run, damage: JournalReading['damage']): RunStatus | 'damaged' {
  return damage ? 'damaged' : runStatus(run);
}

function statusData(run: Run, folder: string, damage: JournalReading['damage']): object {
  const rollback = activeRollback(run) ?? run.rollbacks.at(-1);
  return {
    runbook: run.runbook.id,
    run: run.id,
    folder,
    status: statusText(run, damage),
    // All that is said of the run is from before that line.
    ...(damage ? { damage: { ...damage, knownAt: run.lastAt } } : {}),
    startedAt: run.startedAt,
    progress: progressOf(run),
    current: currentStepId(run),
    phases: run.runbook.phases.map((phase) => ({
      id: phase.id,
      status: phaseStatus(run, phase.id),
      ...phaseProgress(run, phase.id),
      steps: phase.steps.map((step) => ({ id: step.id, ...stateOf(run, step.id) })),
      checklist: phase.checklist.map((item) => ({ id: item.id, ...run.items[item.id] })),
    })),
    ...(rollback
      ? { rollback: { items: rollback.items, ending: rollback.ending, remaining: staysAfter(run, rollback) } }
      : {}),
  };
}

function statusLines(run: Run, folder: string, damage: JournalReading['damage']): readonly string[] {
  const { done, total } = progressOf(run);
  const current = currentStepId(run);
  return [
    `${run.runbook.title}: ${statusText(run, damage)}, ${done}/${total}`,
    ...(damage ? [`What stands here is from ${clockText(run.lastAt)}: nobody knows how it went on.`] : []),
    ...run.runbook.phases.map((phase) => {
      const part = phaseProgress(run, phase.id);
      return `  ${phase.title.padEnd(32)} ${`${part.done}/${part.total}`.padStart(7)}  ${phaseStatus(run, phase.id)}`;
    }),
    ...(current === undefined
      ? []
      : [`${damage ? 'then' : 'now'}: ${stepById(run, current).title}: ${stateText(stateOf(run, current))}`]),
    `files: ${folder}`,
  ];
}

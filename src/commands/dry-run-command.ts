import { dryProbes, dryRunners } from '../adapters/dry-run.ts';
import { memoryJournal } from '../adapters/journal-file.ts';
import { openingText } from '../adapters/open-to-others.ts';
import { digestOf } from '../adapters/run-folders.ts';
import type { Runbook } from '../definition/runbook.ts';
import { Engine } from '../engine/engine.ts';
import { begin } from '../run/reduce.ts';
import { stepsOf } from '../run/select.ts';
import type { DefinitionFile, Surroundings } from '../surroundings.ts';
import type { Console } from './console.ts';
import { type RunOptions, requireNames, valuesFor } from './run-command.ts';
import { followRun } from './transcript.ts';
import { runUnattended } from './unattended.ts';

/** `--dry-run`: the same engine on adapters that execute nothing and keep nothing. */
export async function dryRunCommand(input: {
  readonly file: DefinitionFile;
  readonly options: RunOptions;
  readonly around: Surroundings;
  readonly projectVars: Readonly<Record<string, string>>;
  readonly console: Console;
}): Promise<number> {
  const { file, options, around, console } = input;
  requireNames(file, options);
  const values = valuesFor(file, options.vars, input.projectVars, around, console);
  const now = () => around.clock.now();
  const journal = memoryJournal(around.by, now, 0);
  const definition = digestOf(file.text);
  const started = { type: 'RunStarted', runbookId: file.runbook.id, title: file.runbook.title, definition } as const;
  const [event] = await journal.append([
    { ...started, path: file.path, values: values.values, origins: values.origins, version: around.version },
  ]);
  if (event?.type !== 'RunStarted') return 1;
  const tell = (lines: readonly string[]) => {
    for (const line of lines) console.out(`  ${line.replace(/\r?\n/g, '\n    ')}`);
  };
  for (const opening of file.openings ?? []) console.out(`Warning: ${openingText(opening)}`);
  const safe = safeScripts(file.runbook);
  const engine = new Engine({
    run: begin('dry-run', event, file.runbook),
    events: [event],
    definitionOf: () => file.runbook,
    journal,
    runners: dryRunners(tell, now),
    probes: dryProbes({ real: around.probes, isSafe: (script) => safe.some((one) => script.endsWith(one)), tell }),
    edits: around.edits,
    tails: around.tails,
    clock: around.clock,
    place: { ...around.place, runDir: `${around.dataDir}/runs/${file.runbook.id}/<run>` },
    context: { hostsHere: around.hostsHere, hostName: around.hostName, attended: true },
    secrets: values.secrets,
    limits: around.limits,
    socketPath: () => '',
  });
  const transcript = followRun(engine, around.clock, console);
  const outcome = await runUnattended(engine, {
    yes: true,
    ...(options.phase === undefined ? {} : { phaseId: options.phase }),
    ...(options.to === undefined ? {} : { toStepId: options.to }),
  });
  await transcript.finish();
  await engine.close();
  console.out(`dry run: ${stepsOf(engine.run()).length} steps, nothing was executed · ${outcome.why}`);
  return outcome.status;
}

function safeScripts(runbook: Runbook): readonly string[] {
  const steps = runbook.phases.flatMap((phase) => phase.steps);
  return steps.flatMap((step) => [
    ...(step.unless?.safe ? [step.unless.script] : []),
    ...(step.undo?.requires?.safe ? [step.undo.requires.script] : []),
  ]);
}

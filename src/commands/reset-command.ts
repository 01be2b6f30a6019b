import type { EngineApi, Reply } from '../engine/api.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import { openRun } from '../open-run.ts';
import { findCurrentRun } from '../read-run.ts';
import type { DefinitionFile, Surroundings } from '../surroundings.ts';
import type { Console } from './console.ts';
import { CommandError, exitStatus } from './outcome.ts';
import { valuesFor, whyReadOnly } from './run-command.ts';

/** `runbook reset`: puts the current run aside. Its files stay where they are. */
export async function resetCommand(input: {
  readonly file: DefinitionFile;
  readonly note: string;
  readonly around: Surroundings;
  readonly console: Console;
}): Promise<number> {
  const { file, note, around, console } = input;
  const current = await findCurrentRun(around.dataDir, file.runbook.id);
  if (!current)
    throw new CommandError(`${file.runbook.id} has no run: there is nothing to put aside.`, exitStatus.failed);
  const { session } = await openRun(file, valuesFor(file, {}, {}, around, console), around);
  const readOnly = whyReadOnly(session.api);
  if (readOnly) {
    await session.api.close();
    throw new CommandError(readOnly.why, readOnly.status);
  }
  const reply = await closeRun(session.api, note, console);
  await session.api.close();
  if (reply.kind === 'refused') throw new CommandError(reply.why, exitStatus.failed);
  if (reply.kind === 'ask')
    throw new CommandError(
      'Nothing was put aside. End what may still run, or type the name on a terminal.',
      exitStatus.waiting,
    );
  console.out(`Put aside: ${current.path}. The next run begins anew.`);
  return exitStatus.succeeded;
}

/** Asks what has to be answered before, on the terminal alone: nobody else says yes to what may still be running. */
async function closeRun(engine: EngineApi, note: string, console: Console): Promise<Reply> {
  const reply = await engine.send({ type: 'close run', note });
  const [question] = reply.kind === 'ask' ? reply.questions : [];
  if (question?.kind !== 'confirm') return reply;
  for (const line of [question.text, ...question.details]) console.out(harmlessLine(line));
  const said = (await console.ask(`Type ${question.typed} to put it aside: `))?.trim();
  if (said === undefined || said !== question.typed) return reply;
  const { reason, phaseId } = question;
  return engine.send({ type: 'close run', note, answers: [{ reason, phaseId, said }] });
}

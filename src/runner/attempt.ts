import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { attemptFile } from '../adapters/attempt-files.ts';
import { claimStart } from '../adapters/claim-start.ts';
import { processGroup } from '../adapters/process-group.ts';
import { identifySelf } from '../adapters/process-identity.ts';
import { secretForms } from '../live/secret-forms.ts';
import type { Child } from './child.ts';
import { commandEnvironment } from './command-environment.ts';
import { type ControlInput, type ControlSocket, openControlSocket } from './control-socket.ts';
import { fillWork } from './fill-secrets.ts';
import { openOutput } from './output.ts';
import { perform } from './perform.ts';
import { readSecrets, readSpec } from './read-input.ts';
import type { AttemptResult, AttemptSpec, ProcessIdentity, RunnerSecrets } from './spec.ts';
import type { HaltReason } from './stop.ts';
import { writeUntilWritten } from './write-until-written.ts';

const STOPPED: HaltReason = { kind: 'stopped' };

export type AttemptProcess = {
  readonly folder: string;
  readonly stdin: Readable;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls back when this process is asked to end. */
  readonly onTerminate: (callback: () => void) => void;
};

/**
 * Executes the attempt of a folder, from claiming its start to its result.
 *
 * @returns whether it was executed; false: its start was taken or withdrawn by somebody else.
 * @throws {RunnerInputError} and the system's errors if it could not be started; nothing was executed then.
 */
export async function executeAttempt({ folder, stdin, environment, onTerminate }: AttemptProcess): Promise<boolean> {
  const spec = await readSpec(folder);
  const [secrets, runner] = await Promise.all([readSecrets(stdin, spec.secretNames), identifySelf()]);
  const halt = new AbortController();
  const typed: Typed = {};
  const onRequest: ControlInput['onRequest'] = (request) => {
    if (request.type === 'stop') halt.abort(STOPPED);
    else if (typed.child !== undefined) pass(request, typed.child);
  };
  const control = await openControlSocket({ ...spec, path: spec.socketPath, runner, onRequest });
  onTerminate(() => halt.abort(STOPPED));
  try {
    return await execute({ folder, spec, secrets, runner, environment, control, halt, typed });
  } finally {
    await control.close();
  }
}

/** The command that gets what is typed; absent: none runs. */
type Typed = { child?: Child };

type Execution = Pick<AttemptProcess, 'folder' | 'environment'> & {
  readonly spec: AttemptSpec;
  readonly secrets: RunnerSecrets;
  readonly runner: ProcessIdentity;
  readonly control: ControlSocket;
  readonly halt: AbortController;
  readonly typed: Typed;
};

async function execute(input: Execution): Promise<boolean> {
  const { folder, spec, secrets, control, halt, typed } = input;
  const values = secretForms(secrets, spec.encodedSecrets);
  const output = openOutput({
    folder,
    spec,
    secrets: values,
    stream: (bytes) => control.stream(bytes),
    onTrouble: (text) => control.report({ type: 'trouble', ...(text === undefined ? {} : { text }) }),
  });
  const at = Date.now();
  if (!(await claimStart(folder, input.runner, at))) return false;
  // Without its door it can't be typed into; it is followed by its files, and stopped by a signal.
  await control
    .publish()
    .catch((error: Error) => output.line(`its control socket could not be made: ${error.message}`));
  control.report({ type: 'started', at });
  const result = await perform({
    folder,
    spec: { ...spec, work: fillWork(spec.work, secrets) },
    env: commandEnvironment(input.environment, spec, secrets),
    secrets: values,
    output,
    halt,
    report: (report) => control.report(report),
    connect: (spawned) => {
      typed.child = spawned;
      // Its pid may be somebody else's afterwards.
      void spawned.exit.then(() => {
        delete typed.child;
      });
    },
  });
  await writeResult(folder, result, control);
  control.report({ type: 'ended' });
  return true;
}

type PassedOn = Exclude<Parameters<ControlInput['onRequest']>[0], { type: 'stop' }>;

function pass(request: PassedOn, child: Child): void {
  switch (request.type) {
    case 'input':
      child.write(Buffer.from(request.data, 'base64'));
      return;
    case 'resize':
      child.resize(request.columns, request.rows);
      return;
    case 'signal':
      processGroup(child.pid).signal(request.signal);
      return;
    default:
      request satisfies never;
  }
}

/** An ending that was not written down would be an unknown one. What refused it is told meanwhile, and noted in it. */
async function writeResult(folder: string, result: AttemptResult, control: ControlSocket): Promise<void> {
  const refusals: string[] = [];
  await writeUntilWritten({
    path: join(folder, attemptFile.result),
    content: () => JSON.stringify({ ...result, notices: [...result.notices, ...refusals] }),
    onRefused: (code) => {
      refusals.push(`how it ended could not be recorded at once: ${code}`);
      const text = `has ended, but how can't be recorded: ${code}; this is tried again until it can`;
      control.report({ type: 'trouble', text });
    },
  });
}

import { homedir, hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { editPreviews } from '../adapters/edit-preview.ts';
import { outputTails } from '../adapters/output-tails.ts';
import { createProbes } from '../adapters/probe-command.ts';
import { createRunners } from '../adapters/runner-process.ts';
import { socketFolder, socketPath } from '../adapters/socket-path.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { withoutSecrets } from '../run/without-secrets.ts';
import type { DefinitionFile, Surroundings } from '../surroundings.ts';
import { hostsHere } from './hosts-here.ts';

/** Between SIGINT and SIGTERM, and between SIGTERM and SIGKILL. */
const GRACE_MS = 10_000;
/** What is kept of one attempt's output. */
export const OUTPUT_CAP_BYTES = 256 * 1024 * 1024;
const PROBE_TIMEOUT_MS = 5 * 60_000;

/** Puts together what opening a run on this machine needs. */
export function surround(input: {
  readonly file: DefinitionFile;
  readonly dataDir: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the built program. */
  readonly programDir: string;
  readonly version: string;
  readonly attended: boolean;
}): Surroundings {
  const { file, dataDir, programDir, version, attended } = input;
  const { RUNBOOK_REEXECUTED: _, ...inherited } = input.environment;
  const environment = { ...withoutSecrets(inherited, file.runbook), SHLVL: shellLevelOf(inherited.SHLVL) };
  const hostName = hostname();
  const sockets = socketFolder();
  return {
    dataDir,
    by: `${userInfo().username}@${hostName.replace(/\..*$/, '')}`,
    hostName,
    hostsHere: hostsHere(file.runbook.hosts, hostName),
    place: { home: homedir(), definitionDir: dirname(file.path), node: process.execPath },
    environment,
    clock: systemClock,
    newRunners: () => createRunners({ runnerEntry: [process.execPath, join(programDir, 'runner.js')], environment }),
    probes: createProbes({ environment }),
    edits: editPreviews,
    tails: outputTails,
    limits: { graceMs: GRACE_MS, outputCapBytes: OUTPUT_CAP_BYTES, probeTimeoutMs: PROBE_TIMEOUT_MS },
    socketPath: (runDir, attempt) => socketPath(sockets, runDir, attempt),
    version,
    attended,
  };
}

/**
 * At least 1: below it bash takes itself for the first shell of a login over ssh and reads ~/.bashrc before a script too,
 * where `ssh HOST runbook` or a timer started the program.
 */
function shellLevelOf(inherited: string | undefined): string {
  return String(Math.max(1, Math.trunc(Number(inherited)) || 0));
}

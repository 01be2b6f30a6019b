import { access, stat } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { dirname } from 'node:path';
import { createAskCommand } from '../adapters/ask-command.ts';
import { freeBytes, lookAtFolder } from '../adapters/look-at-folder.ts';
import { socketFolderPath, socketPath } from '../adapters/socket-path.ts';
import { tryTerminal } from '../adapters/try-terminal.ts';
import type { Monitor } from '../definition/runbook.ts';
import { harmlessLine } from '../live/harmless-text.ts';
import { matchInTime } from '../live/match-in-time.ts';
import { findCurrentRun, readRun } from '../read-run.ts';
import { monitorOf } from '../run/monitor-plan.ts';
import { type ResolvedValues, resolveValues } from '../run/values.ts';
import { withoutSecrets } from '../run/without-secrets.ts';
import type { DefinitionFile } from '../surroundings.ts';
import type { Console } from './console.ts';
import { askDocker, dockerFindings, wantsDocker } from './doctor/check-docker.ts';
import { folderFinding, folderNeeds } from './doctor/check-folders.ts';
import { hostFindings, sshHosts } from './doctor/check-hosts.ts';
import { leftoverFindings } from './doctor/check-leftovers.ts';
import { type MachineFacts, machineFindings } from './doctor/check-machine.ts';
import { openingFindings } from './doctor/check-openings.ts';
import { askProgram, isAskable, programFinding } from './doctor/check-programs.ts';
import { type TerminalFacts, terminalFindings } from './doctor/check-terminal.ts';
import { variableFindings } from './doctor/check-variables.ts';
import { type Finding, findingGroups, isFailure, isWarning } from './doctor/finding.ts';
import { inTurns } from './doctor/in-turns.ts';
import type { Platform } from './doctor/program-facts.ts';
import { dockerNeeds, type ProgramNeed, programNeeds, terminalSteps } from './doctor/program-needs.ts';
import { reportLines } from './doctor/report.ts';
import { isHere, type Scope } from './doctor/scope.ts';
import { hostsHere } from './hosts-here.ts';
import { findLeftovers, placesText } from './leftovers/find-leftovers.ts';
import { exitStatus } from './outcome.ts';

/** Bounds a machine that is busy or whose programs hang. */
const AT_ONCE = 6;

/** What `runbook doctor` is asked with. */
export type DoctorInput = {
  readonly file: DefinitionFile;
  readonly dataDir: string;
  readonly projectVars: Readonly<Record<string, string>>;
  /** What the project says of the live panes; absent: nothing. */
  readonly projectMonitor?: Monitor | undefined;
  /** `--var`. */
  readonly vars: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly terminal: TerminalFacts;
  /** Smallest size of the screen. */
  readonly leastSize: { readonly columns: number; readonly rows: number };
  /** What one attempt's output may take on the disk. */
  readonly outputCapBytes: number;
  /** After which a program that is asked is said to hang. */
  readonly timeoutMs: number;
  readonly console: Console;
};

/** `runbook doctor`: what the runbook needs on this machine, and whether it is there. Resolves with the exit status. */
export async function doctorCommand(input: DoctorInput): Promise<number> {
  const { file, json, console } = input;
  const hostName = hostname();
  const resolved = await valuesOf(input);
  const scope: Scope = {
    runbook: file.runbook,
    hostsHere: hostsHere(file.runbook.hosts, hostName),
    values: { ...resolved.values, RUNBOOK_DIR: dirname(file.path), RUNBOOK_NODE: process.execPath },
    definitionDir: dirname(file.path),
    home: homedir(),
  };
  const platform = await platformHere();
  const [leftovers, ...asked] = await Promise.all([
    findLeftovers(input.dataDir, socketFolderPath()),
    programs(scope, platform, input),
    docker(scope, platform, input),
    folders(scope),
    machine(scope, input),
  ]);
  const findings = [
    ...hostFindings(scope, hostName),
    ...asked.flat(),
    ...openingFindings(file.openings ?? []),
    ...variableFindings(scope, resolved),
    ...terminalFindings(input.terminal, console.environment, input.leastSize),
    ...leftoverFindings(leftovers),
  ];
  if (json) console.json(reportData(file, scope, hostName, findings), 2);
  else {
    console.out(harmlessLine(`${file.runbook.title}: what it needs on ${hostName}`));
    console.out('');
    for (const line of reportLines(findings, console.color)) console.out(line);
  }
  return findings.some(isFailure) ? exitStatus.failed : exitStatus.succeeded;
}

/** `runbook doctor` where no runbook is meant: only what crashes left is looked for. Resolves with the exit status. */
export async function leftoversCommand(input: {
  readonly dataDir: string;
  readonly json: boolean;
  readonly console: Console;
}): Promise<number> {
  const { dataDir, json, console } = input;
  const sockets = socketFolderPath();
  const findings = leftoverFindings(await findLeftovers(dataDir, sockets));
  if (json) console.json({ machine: hostname(), findings }, 2);
  else if (findings.length === 0) console.out(`No crash left anything in ${placesText(dataDir, sockets)}.`);
  else for (const line of reportLines(findings, console.color).slice(0, -1)) console.out(line);
  return exitStatus.succeeded;
}

/** A run that goes on keeps its values, as it does when it is opened. */
async function valuesOf({ file, dataDir, projectVars, vars, console }: DoctorInput): Promise<ResolvedValues> {
  const { runbook } = file;
  const kept = await findCurrentRun(dataDir, runbook.id)
    .then(async (folder) => (folder ? (await readRun(folder)).run.values : {}))
    // A damaged run is told by every other command; here only its values are missing.
    .catch((): Readonly<Record<string, string>> => ({}));
  const declared = new Set(runbook.vars.filter(({ secret }) => !secret).map(({ name }) => name));
  const ofRun = Object.fromEntries(Object.entries(kept).filter(([name]) => declared.has(name)));
  const sources = { flags: { ...ofRun, ...vars }, environment: console.environment, project: projectVars };
  return resolveValues(runbook, sources, homedir(), matchInTime);
}

async function platformHere(): Promise<Platform> {
  if (process.platform === 'darwin') return 'macos';
  return access('/etc/debian_version').then(
    () => 'debian',
    () => 'other',
  );
}

function asking({ console, file, timeoutMs }: DoctorInput) {
  return createAskCommand({
    environment: withoutSecrets(console.environment, file.runbook),
    cwd: console.cwd,
    timeoutMs,
  });
}

async function programs(scope: Scope, platform: Platform, input: DoctorInput): Promise<readonly Finding[]> {
  const { console } = input;
  const found = { ask: asking(input), cwd: scope.definitionDir, searchPath: console.environment.PATH };
  const needs = [...programNeeds(scope), ...sshNeed(scope)];
  return inTurns(needs, AT_ONCE, async (need) =>
    programFinding(need, isAskable(need) ? await askProgram(need, found) : undefined, platform),
  );
}

/** The operator goes to the other hosts with it; a script that calls it has a need of its own. */
function sshNeed(scope: Scope): readonly ProgramNeed[] {
  const hosts = sshHosts(scope);
  if (hosts.length === 0 || programNeeds(scope).some(({ name, users }) => name === 'ssh' && users.here.length > 0))
    return [];
  const users = { here: hosts, hosts: [] };
  return [{ name: 'ssh', isKnown: true, users, perhaps: 'no step calls it, but other hosts are reached with it' }];
}

async function docker(scope: Scope, platform: Platform, input: DoctorInput): Promise<readonly Finding[]> {
  const { docker: containers, logs } = monitorOf(scope.runbook, input.projectMonitor);
  const logsOfDocker = logs.filter((source) => source.kind === 'docker');
  const composed = [containers, ...logsOfDocker].some((source) => source !== undefined && 'compose' in source);
  const wants = {
    ...dockerNeeds(scope),
    isMonitored: containers !== undefined || logsOfDocker.length > 0,
    isComposeMonitored: composed,
  };
  const answers = wantsDocker(wants) ? await askDocker(asking(input)) : undefined;
  return dockerFindings(wants, answers, { platform, dockerHost: input.console.environment.DOCKER_HOST });
}

async function folders(scope: Scope): Promise<readonly Finding[]> {
  return inTurns(folderNeeds(scope), AT_ONCE, async (need) => {
    if (need.users.here.length === 0) return folderFinding(need, undefined);
    const found = await stat(need.path).catch(() => undefined);
    return folderFinding(need, found?.isDirectory() === true);
  });
}

async function machine(
  scope: Scope,
  { dataDir, outputCapBytes, timeoutMs, console }: DoctorInput,
): Promise<readonly Finding[]> {
  const temporary = console.environment.TMPDIR || '/tmp';
  const sockets = socketFolderPath();
  const [terminalTrouble, data, dataFree, temporaryFree, socketLook] = await Promise.all([
    tryTerminal({ cwd: '/', timeoutMs }),
    lookAtFolder(dataDir),
    freeBytes(dataDir),
    freeBytes(temporary),
    lookAtFolder(sockets),
  ]);
  const facts: MachineFacts = {
    node: { version: process.versions.node, path: process.execPath },
    ...(terminalTrouble === undefined ? {} : { terminalTrouble }),
    data: { path: dataDir, look: data, ...(dataFree === undefined ? {} : { freeBytes: dataFree }) },
    temporary: { path: temporary, ...(temporaryFree === undefined ? {} : { freeBytes: temporaryFree }) },
    sockets: { path: sockets, look: socketLook, longestPath: socketPath(sockets, dataDir, 999_999) },
  };
  return machineFindings(facts, { terminalSteps: terminalSteps(scope), outputCapBytes });
}

function reportData(file: DefinitionFile, scope: Scope, hostName: string, findings: readonly Finding[]): object {
  const told = findings.map((finding) => ({
    ...finding,
    verdict: isFailure(finding) ? 'failure' : isWarning(finding) ? 'warning' : 'fine',
  }));
  return {
    runbook: file.runbook.id,
    file: file.path,
    machine: hostName,
    hosts: scope.runbook.hosts.filter(({ id }) => isHere(scope, id)).map(({ id }) => id),
    ready: !findings.some(isFailure),
    findings: findingGroups.flatMap((group) => told.filter((finding) => finding.group === group)),
  };
}

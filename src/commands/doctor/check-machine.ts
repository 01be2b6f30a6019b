import type { FolderLook } from '../../adapters/look-at-folder.ts';
import type { Finding } from './finding.ts';
import { isOlder } from './version.ts';

/** The least Node that this program and its dependencies run on. */
const LEAST_NODE = '22.0';
/** Longest path of a unix socket on macOS, the shorter of both systems (sys/un.h). */
const SOCKET_PATH_BYTES = 104;

/** What was found out about this machine. Bytes are absent where the system doesn't tell. */
export type MachineFacts = {
  readonly node: { readonly version: string; readonly path: string };
  /** What keeps a pseudo-terminal from working; absent: it works. */
  readonly terminalTrouble?: string;
  readonly data: { readonly path: string; readonly look: FolderLook; readonly freeBytes?: number };
  readonly temporary: { readonly path: string; readonly freeBytes?: number };
  readonly sockets: { readonly path: string; readonly look: FolderLook; readonly longestPath: string };
};

/** @param terminalSteps ids of the steps here that want a pseudo-terminal. */
export function machineFindings(
  facts: MachineFacts,
  needs: { readonly terminalSteps: readonly string[]; readonly outputCapBytes: number },
): readonly Finding[] {
  const { data, temporary } = facts;
  return [
    nodeFinding(facts.node),
    pseudoTerminal(facts.terminalTrouble, needs.terminalSteps),
    dataFolder(data.path, data.look),
    space(`space for files of runs`, data, needs.outputCapBytes, true),
    space(`space for temporary files`, temporary, needs.outputCapBytes, false),
    socketFolder(facts.sockets),
  ];
}

const base = { group: 'machine', isNeeded: true, neededBy: [] as readonly string[] } as const;

function nodeFinding({ version, path }: MachineFacts['node']): Finding {
  const node = { ...base, what: 'Node', version, path };
  if (!isOlder(version, LEAST_NODE)) return { ...node, state: 'found' };
  return {
    ...node,
    state: 'too old',
    found: '22 is needed',
    mend: 'Install a newer Node, or let npm ci bring one along.',
  };
}

function pseudoTerminal(trouble: string | undefined, neededBy: readonly string[]): Finding {
  const terminal = { ...base, what: 'pseudo-terminal', neededBy, isNeeded: neededBy.length > 0 };
  if (trouble === undefined) return { ...terminal, state: 'found', found: 'one was opened' };
  const mend = 'Run npm ci again on this machine; steps with `terminal: false` do without.';
  return { ...terminal, state: 'unusable', found: trouble, mend };
}

function dataFolder(path: string, look: FolderLook): Finding {
  const folder = { ...base, what: 'data folder', path };
  const elsewhere = 'Make it yours and writable, or set RUNBOOK_HOME to a folder that is.';
  if (look.kind === 'no folder') return { ...folder, state: 'unusable', found: 'is no folder', mend: elsewhere };
  if (look.kind === 'absent') {
    if (look.makeable) return { ...folder, state: 'found', found: 'not there yet; the first run makes it' };
    return { ...folder, state: 'unusable', found: `can’t be made in ${look.nearest}`, mend: elsewhere };
  }
  if (look.unwritable !== undefined) return { ...folder, state: 'unusable', found: look.unwritable, mend: elsewhere };
  if (look.isPrivate) return { ...folder, state: 'found', found: 'private; a file was written and synced' };
  const found = 'others may look into it, or it is not yours';
  return { ...folder, isNeeded: false, state: 'unusable', found, mend: `Make it private: chmod 700 ${path}` };
}

function space(
  what: string,
  { path, freeBytes }: { readonly path: string; readonly freeBytes?: number },
  neededBytes: number,
  isNeeded: boolean,
): Finding {
  const folder = { ...base, what, path, isNeeded };
  if (freeBytes === undefined)
    return { ...folder, isNeeded: false, state: 'not checked', found: 'the system doesn’t tell' };
  const found = `${sizeText(freeBytes)} free`;
  if (freeBytes >= neededBytes) return { ...folder, state: 'found', found };
  const most = `${found}; one attempt’s output may take ${sizeText(neededBytes)}`;
  return { ...folder, state: 'unusable', found: most, mend: 'Make room on that disk.' };
}

function socketFolder({ path, look, longestPath }: MachineFacts['sockets']): Finding {
  const folder = { ...base, what: 'socket folder', path };
  if (Buffer.byteLength(longestPath) > SOCKET_PATH_BYTES)
    return {
      ...folder,
      state: 'unusable',
      found: `its paths are longer than ${SOCKET_PATH_BYTES} bytes`,
      mend: 'Use a user with a shorter id.',
    };
  if (look.kind === 'absent') {
    if (look.makeable) return { ...folder, state: 'found', found: 'not there yet; the first step makes it' };
    return {
      ...folder,
      state: 'unusable',
      found: `can’t be made in ${look.nearest}`,
      mend: `Make ${look.nearest} writable.`,
    };
  }
  if (look.kind === 'there' && look.isPrivate && look.unwritable === undefined)
    return { ...folder, state: 'found', found: 'private' };
  const found = look.kind === 'there' ? (look.unwritable ?? 'is not a private folder of yours') : 'is no folder';
  return { ...folder, state: 'unusable', found, mend: `Find out whose it is and remove it: ls -ld ${path}` };
}

function sizeText(bytes: number): string {
  const gigabytes = bytes / 1024 ** 3;
  return gigabytes >= 1 ? `${gigabytes.toFixed(gigabytes < 10 ? 1 : 0)} GB` : `${Math.floor(bytes / 1024 ** 2)} MB`;
}

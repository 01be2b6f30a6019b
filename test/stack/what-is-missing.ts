import { execFileSync } from 'node:child_process';
import { findPython } from './images/python-tree.ts';

/** What is asked, and how it is called in the note; each has to answer something and end with 0. */
const asked: readonly (readonly [readonly [string, ...string[]], string])[] = [
  [['docker', 'version', '--format', '{{.Server.Version}}'], 'a Docker engine that answers'],
  [['docker', 'compose', 'version', '--short'], 'Docker Compose v2'],
  [['docker-registry', '--version'], 'docker-registry'],
  [['dpkg-deb', '--version'], 'Debian'],
  [['apt-cache', 'show', 'python3-celery/trixie'], "packages of Debian's trixie"],
];

/** What a replica of the stack wants and this machine lacks, as the note of a test that is left out; undefined: nothing. */
export function whatIsMissing(): string | undefined {
  const missing = [
    ...asked.filter(([command]) => !holds(command)).map(([, name]) => name),
    ...['3.11', '3.12'].filter((minor) => findPython(minor) === undefined).map((minor) => `Python ${minor} of pyenv`),
  ];
  if (missing.length === 0) return undefined;
  const found = `missing here: ${missing.join(', ')}`;
  return `wants a Docker engine, Compose v2, Debian and two Pythons of pyenv; ${found}. .ci/run installs what Debian has`;
}

function holds([program, ...args]: readonly [string, ...string[]]): boolean {
  try {
    return execFileSync(program, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 10_000 }).length > 0;
  } catch {
    return false;
  }
}

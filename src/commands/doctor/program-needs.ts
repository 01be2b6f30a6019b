import { expand } from '../../definition/expand.ts';
import { type PlacedScript, runbookScripts } from '../../definition/runbook-scripts.ts';
import { type ProgramUse, shellPrograms } from '../../definition/shell-programs.ts';
import { bash4Feature, leastVersion } from './program-facts.ts';
import { allSteps, folderOf, isHere, noUsers, type Scope, type Users, withUser } from './scope.ts';

/** A program that scripts of the runbook start. */
export type ProgramNeed = {
  /** A name, a path, or what can't be known before it runs (`$TOOL`). */
  readonly name: string;
  readonly isKnown: boolean;
  readonly users: Users;
  /** Where a relative path stands; absent: it is a name, or the folder is not known yet. */
  readonly cwd?: string;
  /** The PATH that the steps set; absent: that of this process. */
  readonly searchPath?: string;
  /** Why it may be there when it is wanted although it isn't now; absent: nothing speaks for it. */
  readonly perhaps?: string;
  readonly atLeast?: { readonly version: string; readonly why: string };
};

/** What the scripts ask of Docker. */
export type DockerNeeds = { readonly engine: Users; readonly compose: Users };

type Found = {
  readonly script: PlacedScript;
  readonly use: ProgramUse;
  readonly perhaps?: string;
  readonly least?: Least;
};
type Least = NonNullable<ProgramNeed['atLeast']>;

/** What scripts start, each program once, in the order of the runbook. */
export function programNeeds(scope: Scope): readonly ProgramNeed[] {
  const needs = new Map<string, ProgramNeed>();
  for (const found of programsIn(scope)) {
    const { script } = found;
    const name = expandedName(found.use.name, scope);
    const [first = ''] = name.split(/\s+/);
    if (first === scope.values.RUNBOOK_NODE) continue;
    const isKnown = !/[$*?]/.test(first);
    const cwd = isKnown && first.includes('/') ? folderOf(scope, script) : undefined;
    const path = script.env.PATH === undefined ? undefined : expand(script.env.PATH, scope.values);
    const searchPath = typeof path === 'string' ? path : undefined;
    const key = [first, cwd ?? '', searchPath ?? ''].join('\0');
    const before = needs.get(key);
    needs.set(key, {
      name: first,
      isKnown,
      users: withUser(before?.users ?? noUsers, scope, script.ownerId, script.host),
      ...(cwd === undefined ? {} : { cwd }),
      ...(searchPath === undefined ? {} : { searchPath }),
      ...perhapsOf(before, found, isHere(scope, script.host), isKnown && first.includes('/')),
      ...leastOf(before, isHere(scope, script.host) ? found.least : undefined),
    });
  }
  return [...needs.values()];
}

function perhapsOf(
  before: ProgramNeed | undefined,
  found: Found,
  here: boolean,
  isPath: boolean,
): { perhaps?: string } {
  const known = before?.perhaps === undefined ? {} : { perhaps: before.perhaps };
  // One use on this machine for which nothing speaks is enough for a need.
  if (!here || (before && before.users.here.length > 0 && before.perhaps === undefined)) return known;
  const perhaps = found.perhaps ?? (isPath ? 'an earlier step may make it' : undefined);
  return perhaps === undefined ? {} : { perhaps };
}

function leastOf(before: ProgramNeed | undefined, least: Least | undefined): { atLeast?: Least } {
  const atLeast = before?.atLeast ?? least;
  return atLeast === undefined ? {} : { atLeast };
}

/** Every use of a program, that of the shell itself before those in its script. */
function programsIn(scope: Scope): readonly Found[] {
  const installed = new Set<string>();
  return runbookScripts(scope.runbook).flatMap((script) => {
    const [shell = ''] = script.shell;
    const setUp = shellPrograms(script.before);
    const work = shellPrograms(script.text);
    const feature = shell === 'bash' ? bash4Feature(`${script.before}\n${script.text}`) : undefined;
    const found = [
      {
        script,
        use: { name: shell, words: script.shell },
        ...least(feature === undefined ? undefined : { version: '4.0', why: feature }),
      },
      ...setUp.uses.map((use) => ({ script, use, ...reasons(use, setUp.lookedFor, installed, false) })),
      ...work.uses
        .filter(({ name }) => !setUp.functions.has(name))
        .map((use) => ({
          script,
          use,
          ...reasons(
            use,
            new Set([...setUp.lookedFor, ...work.lookedFor]),
            installed,
            setUp.changesPath || work.changesPath,
          ),
        })),
    ];
    for (const { use } of found) for (const name of installs(use)) installed.add(name);
    return found;
  });
}

function least(atLeast: Least | undefined): { least?: Least } {
  return atLeast === undefined ? {} : { least: atLeast };
}

function reasons(
  use: ProgramUse,
  lookedFor: ReadonlySet<string>,
  installed: ReadonlySet<string>,
  changesPath: boolean,
): Pick<Found, 'perhaps' | 'least'> {
  const perhaps = lookedFor.has(use.name)
    ? 'its script looks whether it is there'
    : installed.has(use.name)
      ? 'an earlier step installs it'
      : changesPath
        ? 'what runs before it in the same shell (`before`) may put it on the PATH'
        : undefined;
  return { ...(perhaps === undefined ? {} : { perhaps }), ...least(leastVersion(use)) };
}

/** Names that a package manager is told to bring. */
function installs({ words }: ProgramUse): readonly string[] {
  const at = words.findIndex((word) => word === 'install' || word === 'add');
  return at === -1 ? [] : words.slice(at + 1).filter((word) => !word.startsWith('-'));
}

function expandedName(name: string, { values }: Scope): string {
  return name.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (whole, variable: string) => values[variable] ?? whole);
}

/** What of Docker beyond its client is used. */
export function dockerNeeds(scope: Scope): DockerNeeds {
  let engine = noUsers;
  let compose = noUsers;
  for (const { script, use } of programsIn(scope)) {
    const [name, verb = '', next = ''] = use.words;
    const isCompose = name === 'docker' && verb === 'compose';
    if (isCompose) compose = withUser(compose, scope, script.ownerId, script.host);
    const asksClientOnly = verb.startsWith('-') || verb === 'context' || (isCompose && next === 'version');
    if ((name === 'docker' && !asksClientOnly) || name === 'docker-compose')
      engine = withUser(engine, scope, script.ownerId, script.host);
  }
  return { engine, compose };
}

/** Steps on this machine that are executed in a pseudo-terminal. */
export function terminalSteps(scope: Scope): readonly string[] {
  return allSteps(scope)
    .filter((step) => isHere(scope, step.host) && step.terminal)
    .filter(({ action }) => ['run', 'interactive', 'service'].includes(action.kind))
    .map((step) => step.id);
}

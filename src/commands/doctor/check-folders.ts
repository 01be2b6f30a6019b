import { runbookScripts } from '../../definition/runbook-scripts.ts';
import { shellPrograms } from '../../definition/shell-programs.ts';
import type { Finding } from './finding.ts';
import { allSteps, folderOf, noUsers, type Scope, type Users, withUser } from './scope.ts';

/** A folder that has to be there. */
export type FolderNeed = {
  readonly path: string;
  /** Variables that hold it. */
  readonly variables: readonly string[];
  readonly users: Users;
  /** Steps on this machine are executed in it: without it they can't start. */
  readonly isWorkplace: boolean;
  /** A script of the runbook makes folders by a name that leads here. */
  readonly mayBeMade: boolean;
};

/** Folders that steps work in, and values of variables of the type `directory`. */
export function folderNeeds(scope: Scope): readonly FolderNeed[] {
  const needs = new Map<string, FolderNeed>();
  const makers = makingScripts(scope);
  const add = (path: string, users: Users, how: { readonly variable?: string; readonly text: string }) => {
    const before = needs.get(path);
    const variables = before?.variables ?? [];
    needs.set(path, {
      path,
      variables: how.variable === undefined ? variables : [...variables, how.variable],
      users: merged(before?.users ?? noUsers, users),
      isWorkplace: (how.variable === undefined && users.here.length > 0) || before?.isWorkplace === true,
      mayBeMade: before?.mayBeMade === true || makers.some((words) => mentions(words, how.text)),
    });
  };
  for (const step of allSteps(scope)) {
    const path = step.action.kind === 'manual' ? undefined : folderOf(scope, step);
    if (path === undefined || path === scope.definitionDir) continue;
    add(path, withUser(noUsers, scope, step.id, step.host), { text: step.cwd ?? '' });
  }
  for (const { name, type } of scope.runbook.vars) {
    const path = scope.values[name];
    if (type !== 'directory' || path === undefined || path === '') continue;
    const users = usersOf(scope, name);
    add(path, users, { variable: name, text: `\${${name}}` });
  }
  return [...needs.values()];
}

/** @param isThere absent: it was not looked for. */
export function folderFinding(need: FolderNeed, isThere: boolean | undefined): Finding {
  const { path, variables, users, isWorkplace, mayBeMade } = need;
  const named = variables.length === 0 ? '' : ` (${variables.join(', ')})`;
  const base = {
    group: 'folders',
    what: `${path}${named}`,
    isNeeded: isWorkplace && !mayBeMade,
    neededBy: users.here,
  } as const;
  if (isThere === undefined) {
    const found = users.hosts.length > 0 ? `used on ${users.hosts.join(', ')}` : 'no step uses it';
    return { ...base, isNeeded: false, state: 'not checked', found };
  }
  if (isThere) return { ...base, state: 'found' };
  const found = mayBeMade ? 'a step may make it' : isWorkplace ? 'steps can’t start without it' : 'not there yet';
  const [variable] = variables;
  const mend =
    variable === undefined ? `Make ${path}, or correct \`cwd\`.` : `Make it, or set ${variable} to the right folder.`;
  return { ...base, state: 'missing', found, mend };
}

/** Steps in which a variable is named, itself or by a variable that is made of it. */
export function usersOf(scope: Scope, name: string): Users {
  const names = [name];
  for (const variable of scope.runbook.vars) {
    if (variable.default !== undefined && names.some((one) => isNamed(variable.default ?? '', one)))
      names.push(variable.name);
  }
  return allSteps(scope)
    .filter((step) => {
      const text = JSON.stringify(step);
      return names.some((one) => isNamed(text, one));
    })
    .reduce((users, step) => withUser(users, scope, step.id, step.host), noUsers);
}

function isNamed(text: string, name: string): boolean {
  return new RegExp(`\\$\\{?${name}(?![A-Za-z0-9_])`).test(text);
}

/** Words of the commands that make folders. */
function makingScripts(scope: Scope): readonly (readonly string[])[] {
  return runbookScripts(scope.runbook)
    .flatMap(({ before, text }) => shellPrograms(`${before}\n${text}`).uses)
    .filter(
      ({ name, words }) =>
        name === 'mkdir' || (name === 'git' && words.some((word) => /^(?:clone|worktree|init)$/.test(word))),
    )
    .map(({ words }) => words.slice(1));
}

function mentions(words: readonly string[], text: string): boolean {
  const names = [...text.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? '');
  if (names.length === 0) return text !== '' && words.some((word) => word === text || word.startsWith(`${text}/`));
  return words.some((word) => names.some((name) => isNamed(word, name)));
}

function merged(left: Users, right: Users): Users {
  return { here: [...new Set([...left.here, ...right.here])], hosts: [...new Set([...left.hosts, ...right.hosts])] };
}

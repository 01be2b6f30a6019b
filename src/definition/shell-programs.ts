import { type ShellReader, shellReader } from './shell-reader.ts';

/** A program that a script starts, with its arguments; what is only known when it runs stays as written (`$NAME`). */
export type ProgramUse = { readonly name: string; readonly words: readonly string[] };

/** What a script starts, as far as its text tells. */
export type ShellPrograms = {
  /** In the order of the text; builtins, keywords and the script's own functions are not among them. */
  readonly uses: readonly ProgramUse[];
  /** Names that the script itself looks for (`command -v gh`): it can do without them. */
  readonly lookedFor: ReadonlySet<string>;
  /** Names it defines itself, for what follows it in the same shell too. */
  readonly functions: ReadonlySet<string>;
  /** It may change the PATH of what follows: it evaluates or sources something, or sets PATH. */
  readonly changesPath: boolean;
};

const builtins = new Set(
  `. : [ [[ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo
  enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf
  pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit
  umask unalias unset wait in autoload setopt unsetopt`.split(/\s+/),
);

/** Programs that start the one in their arguments, and their flags that take the word that follows. */
const wrappers: Readonly<Record<string, readonly string[]>> = {
  builtin: [],
  caffeinate: ['-t', '-w'],
  command: [],
  doas: ['-u', '-C'],
  env: ['-u', '-C', '-S'],
  exec: ['-a'],
  ionice: ['-c', '-n'],
  nice: ['-n'],
  nohup: [],
  setsid: [],
  stdbuf: ['-i', '-o', '-e'],
  sudo: ['-u', '-g', '-h', '-p', '-C', '-D'],
  timeout: ['-k', '-s'],
  xargs: ['-a', '-d', '-E', '-I', '-L', '-n', '-P', '-s'],
};

const shells = new Set(['bash', 'sh', 'zsh', 'dash', 'ksh']);
const DEEPEST = 8;

/**
 * Finds the programs that a shell script starts: substitutions, heredocs, functions, `case` and wrappers such as `sudo` are
 * known; what is computed, or lies in another file, is not. Never throws, whatever the text.
 */
export function shellPrograms(script: string): ShellPrograms {
  const gathered = {
    uses: [] as ProgramUse[],
    lookedFor: new Set<string>(),
    functions: new Set<string>(),
    path: false,
  };
  gather(script, gathered, 0);
  return {
    uses: gathered.uses.filter(({ name }) => !gathered.functions.has(name)),
    lookedFor: gathered.lookedFor,
    functions: gathered.functions,
    changesPath: gathered.path,
  };
}

type Gathered = { uses: ProgramUse[]; lookedFor: Set<string>; functions: Set<string>; path: boolean };

function gather(script: string, gathered: Gathered, depth: number): void {
  const read: ShellReader = shellReader(script);
  for (const name of read.functions) gathered.functions.add(name);
  for (const words of read.commands) take(words, gathered, depth);
}

function take(all: readonly string[], gathered: Gathered, depth: number): void {
  const words = withoutAssignments(all);
  if (all.some((word) => /^PATH\+?=/.test(word))) gathered.path = true;
  const [name, ...rest] = words;
  if (name === undefined || name === '' || /\$\(|`/.test(name)) return;
  if (['eval', 'source', '.'].includes(name)) gathered.path = true;
  const inner = scriptWithin(name, rest);
  if (inner !== undefined && depth < DEEPEST) gather(inner, gathered, depth + 1);
  if (isLookingFor(name, rest)) for (const word of rest) if (!word.startsWith('-')) gathered.lookedFor.add(word);
  if (!builtins.has(name)) gathered.uses.push({ name, words });
  const flags = Object.hasOwn(wrappers, name) ? wrappers[name] : undefined;
  if (flags && !isLookingFor(name, rest)) take(wrapped(name, rest, flags), gathered, depth);
}

function withoutAssignments(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=/.test(word));
  return first === -1 ? [] : words.slice(first);
}

function isLookingFor(name: string, [flag = '']: readonly string[]): boolean {
  return ['type', 'which', 'hash'].includes(name) || (name === 'command' && /^-[vV]$/.test(flag));
}

/** A script that stands as text in a command's arguments. */
function scriptWithin(name: string, rest: readonly string[]): string | undefined {
  if (name === 'eval') return rest.join(' ');
  if (name === 'trap') return rest.find((word) => word !== '--');
  if (!shells.has(name)) return undefined;
  const at = rest.findIndex((word) => /^-[a-z]*c$/.test(word));
  return at === -1 ? undefined : rest[at + 1];
}

function wrapped(name: string, rest: readonly string[], takingFlags: readonly string[]): readonly string[] {
  let at = 0;
  while (rest[at]?.startsWith('-')) at += takingFlags.includes(rest[at] ?? '') ? 2 : 1;
  // The first argument of `timeout` is the time.
  return rest.slice(name === 'timeout' ? at + 1 : at);
}

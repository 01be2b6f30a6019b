/** A script taken apart: every simple command's words, those of substitutions before the command they stand in. */
export type ShellReader = {
  readonly commands: readonly (readonly string[])[];
  readonly functions: ReadonlySet<string>;
};

const leading = new Set([
  'if',
  'then',
  'else',
  'elif',
  'do',
  'while',
  'until',
  '!',
  '{',
  '}',
  'time',
  'coproc',
  'fi',
  'done',
  'esac',
]);
const MOST_NESTED = 40;

type State = {
  readonly text: string;
  at: number;
  depth: number;
  /** What closes the list that is read: a backtick ends a word only where one is open. */
  closing: '' | ')' | '`';
  readonly commands: string[][];
  readonly functions: Set<string>;
  /** Heredocs whose bodies begin on the next line. */
  heredocs: { readonly end: string; readonly strips: boolean }[];
};

/**
 * Reads a shell script without executing it: quotes, comments, substitutions, heredocs, redirections, keywords, `case` and
 * functions. Tolerant: an unfinished script is read as far as it goes.
 */
export function shellReader(text: string): ShellReader {
  const state: State = { text, at: 0, depth: 0, closing: '', commands: [], functions: new Set(), heredocs: [] };
  readList(state, '');
  return { commands: state.commands, functions: state.functions };
}

/** A list of commands that is being read: the words of the one under way, and how many `case` are open. */
type List = { words: string[]; cases: number };

/** Reads commands up to the character that closes the list; empty: to the end. */
function readList(state: State, closing: State['closing']): void {
  const outer = state.closing;
  state.closing = closing;
  state.depth++;
  if (state.depth > MOST_NESTED) state.at = state.text.length;
  const list: List = { words: [], cases: 0 };
  while (state.at < state.text.length && state.text[state.at] !== closing) readNext(state, list);
  finish(state, list);
  state.depth--;
  state.closing = outer;
}

/** Reads one separator, redirection, comment, group or word; always passes at least one character. */
function readNext(state: State, list: List): void {
  const { text, at } = state;
  const char = text[at] ?? '';
  const isTest = list.words[0] === '[[' && !list.words.includes(']]');
  if (text.startsWith('\\\n', at)) state.at += 2;
  else if (char === '\n') {
    finish(state, list);
    state.at++;
    skipHeredocs(state);
  } else if (/\s/.test(char)) state.at++;
  else if (char === '#') skipLine(state);
  else if (isTest && /[()&|<>;]/.test(char)) state.at++;
  else if (text.startsWith('&>', at)) {
    state.at++;
    redirect(state);
  } else if (/[;&|]/.test(char)) readSeparator(state, list);
  else if (char === '(') readParenthesis(state, list);
  else if (char === ')') {
    finish(state, list);
    state.at++;
  } else if (/[<>]/.test(char)) readRedirection(state, list);
  else addWord(state, list);
}

function readSeparator(state: State, list: List): void {
  finish(state, list);
  const isCaseEnd = /^;[;&]/.test(state.text.slice(state.at, state.at + 2));
  state.at += isCaseEnd ? 2 : 1;
  if (isCaseEnd && list.cases > 0 && !skipPattern(state)) list.cases--;
}

/** A function's definition, an array's values, arithmetic, or a subshell. */
function readParenthesis(state: State, list: List): void {
  const [, empty] = /^\(([ \t]*)\)/.exec(state.text.slice(state.at, state.at + 16)) ?? [];
  if (list.words.length === 1 && empty !== undefined) {
    state.functions.add(list.words[0] ?? '');
    list.words = [];
    state.at += empty.length + 2;
  } else if (list.words.at(-1)?.endsWith('=') || state.text[state.at + 1] === '(') skipBalanced(state, '(', ')');
  else {
    finish(state, list);
    state.at++;
    readList(state, ')');
    state.at++;
  }
}

function readRedirection(state: State, list: List): void {
  const { text, at } = state;
  if (/^[<>]\(/.test(text.slice(at, at + 2))) {
    list.words.push(readWord(state));
    return;
  }
  // The figure before it is the descriptor that is redirected.
  if (/^\d$/.test(list.words.at(-1) ?? '') && /\d/.test(text[at - 1] ?? '')) list.words.pop();
  redirect(state);
}

function addWord(state: State, list: List): void {
  list.words = withoutLeading([...list.words, readWord(state)], state.functions);
  const [first, , third] = list.words;
  if (first !== 'case' || third !== 'in' || list.words.length !== 3) return;
  list.words = [];
  if (skipPattern(state)) list.cases++;
}

function withoutLeading(words: string[], functions: Set<string>): string[] {
  if (words.length === 1 && leading.has(words[0] ?? '')) return [];
  if (words.length === 2 && words[0] === 'function') {
    functions.add(words[1] ?? '');
    return [];
  }
  return words;
}

/** Ends the command under way; the head of a loop is none. */
function finish(state: State, list: List): void {
  const { words } = list;
  list.words = [];
  if (words.length === 0 || ['for', 'select', 'function', 'case'].includes(words[0] ?? '')) return;
  state.commands.push(words);
}

/** Passes the patterns before a branch of `case`; false: there is no further branch. */
function skipPattern(state: State): boolean {
  const { text } = state;
  for (;;) {
    const [blank] = /^(?:\s|\\\n)*/.exec(text.slice(state.at)) ?? [''];
    state.at += blank.length;
    if (text[state.at] !== '#') break;
    skipLine(state);
  }
  if (/^esac\b/.test(text.slice(state.at))) {
    state.at += 4;
    return false;
  }
  if (text[state.at] === '(') state.at++;
  while (state.at < text.length && text[state.at] !== ')') readPart(state);
  state.at++;
  return true;
}

function redirect(state: State): void {
  const [operator = ''] = /^(?:<<<|<<-?|>>|[<>]&|>\||<>|[<>])/.exec(state.text.slice(state.at)) ?? [];
  state.at += Math.max(1, operator.length);
  const [blank = ''] = /^[ \t]*/.exec(state.text.slice(state.at)) ?? [];
  state.at += blank.length;
  if (/^[\n;|)]?$/.test(state.text[state.at] ?? '')) return;
  const target = readWord(state);
  if (operator === '<<' || operator === '<<-') state.heredocs.push({ end: target, strips: operator === '<<-' });
}

function skipHeredocs(state: State): void {
  for (const { end, strips } of state.heredocs) {
    for (;;) {
      const stop = state.text.indexOf('\n', state.at);
      const line = state.text.slice(state.at, stop === -1 ? undefined : stop);
      state.at = stop === -1 ? state.text.length : stop + 1;
      if (stop === -1 || (strips ? line.replace(/^\t+/, '') : line) === end) break;
    }
  }
  state.heredocs = [];
}

/** One word with its quotes taken off; always passes at least one character. */
function readWord(state: State): string {
  const begin = state.at;
  let word = '';
  while (state.at < state.text.length) {
    const char = state.text[state.at] ?? '';
    const isSubstitution = /[<>]/.test(char) && state.text[state.at + 1] === '(' && state.at === begin;
    if (/[\s;&|()<>]/.test(char) && !isSubstitution) break;
    if (char === '`' && state.closing === '`') break;
    word += readPart(state);
  }
  if (state.at === begin) state.at++;
  return word;
}

/** One character of a word, or one quoted or substituted part of it. */
function readPart(state: State): string {
  const { text, at } = state;
  const char = text[at] ?? '';
  const next = text[at + 1] ?? '';
  if (char === "'" || (char === '$' && next === "'")) return readQuoted(state);
  if (char === '"') {
    let part = '';
    state.at++;
    while (state.at < text.length && text[state.at] !== '"') part += readInside(state);
    state.at++;
    return part;
  }
  if (char === '$' || char === '`' || /[<>]/.test(char)) return readSubstitution(state);
  state.at += char === '\\' ? 2 : 1;
  return char === '\\' ? (next === '\n' ? '' : next) : char;
}

function readInside(state: State): string {
  const char = state.text[state.at] ?? '';
  if (char === '$' || char === '`') return readSubstitution(state);
  if (char !== '\\') {
    state.at++;
    return char;
  }
  const next = state.text[state.at + 1] ?? '';
  state.at += 2;
  return next === '\n' ? '' : /["$`\\]/.test(next) ? next : `\\${next}`;
}

function readQuoted(state: State): string {
  const isAnsi = state.text[state.at] === '$';
  const begin = state.at + (isAnsi ? 2 : 1);
  let end = begin;
  while (end < state.text.length && state.text[end] !== "'") end += isAnsi && state.text[end] === '\\' ? 2 : 1;
  state.at = end + 1;
  return state.text.slice(begin, end);
}

/** Reads the commands of `$(…)`, backticks and `<(…)` into the list; `$NAME`, `${…}` and `$((…))` stay as written. */
function readSubstitution(state: State): string {
  const { text, at } = state;
  const rest = text.slice(at, at + 3);
  if (rest.startsWith('$((')) {
    state.at++;
    skipBalanced(state, '(', ')');
  } else if (/^[$<>]\(/.test(rest)) {
    state.at += 2;
    readList(state, ')');
    state.at++;
  } else if (rest.startsWith('`')) {
    state.at++;
    readList(state, '`');
    state.at++;
  } else if (rest.startsWith('${')) {
    state.at++;
    skipBalanced(state, '{', '}');
  } else state.at++;
  return text.slice(at, state.at);
}

/** Passes a bracketed text; commands substituted in it are read. */
function skipBalanced(state: State, open: string, close: string): void {
  let depth = 0;
  do {
    const char = state.text[state.at];
    if (char === open) depth++;
    if (char === close) depth--;
    if (char === open || char === close) state.at++;
    else readPart(state);
  } while (depth > 0 && state.at < state.text.length);
}

function skipLine(state: State): void {
  const end = state.text.indexOf('\n', state.at);
  state.at = end === -1 ? state.text.length : end;
}

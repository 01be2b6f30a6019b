/** One simple command of a shell script: its words, unquoted, and where it stands in the script. */
export type ShellCommand = {
  readonly words: readonly string[];
  readonly index: number;
  readonly length: number;
  /** What follows it: `|` for a pipeline, `&` for the background, else a separator or nothing. */
  readonly before: string;
  readonly after: string;
};

const token =
  /#[^\n]*|\\\n|&&|\|\||;;|[\n;|&(){}]|\$\((?=\s)|'[^']*'?|"(?:\\[\s\S]|[^"\\])*"?|\\[\s\S]|\s+|[^\s'"\\;|&(){}#]+|[\s\S]/g;

/**
 * Takes a script apart into its simple commands, roughly: quotes, comments and separators are known, here
 * documents and substitutions are not. Good enough for hints, not for deciding anything.
 */
export function shellCommands(script: string): ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let start = 0;
  let end = 0;
  let joined = false;
  let before = '';
  const close = (separator: string) => {
    if (words.length > 0) commands.push({ words, index: start, length: end - start, before, after: separator });
    if (words.length > 0 || separator.trim() !== '') before = separator;
    words = [];
    joined = false;
  };
  for (const match of script.matchAll(token)) {
    const [part] = match;
    if (/^(?:&&|\|\||;;|[\n;|&(){}])$/.test(part) && !(joined && /[{}]/.test(part))) close(part);
    else if (/^\s+$/.test(part) || part === '\\\n') joined = false;
    else if (part.startsWith('#') && !joined) joined = false;
    else {
      const bare = unquote(part);
      if (words.length === 0) start = match.index;
      if (joined) words.push((words.pop() ?? '') + bare);
      else words.push(bare);
      joined = true;
      end = match.index + part.length;
    }
  }
  close('');
  return commands;
}

function unquote(part: string): string {
  if (part.startsWith("'") || part.startsWith('"')) return part.replace(/^['"]|['"]$/g, '');
  return part.startsWith('\\') ? part.slice(1) : part;
}

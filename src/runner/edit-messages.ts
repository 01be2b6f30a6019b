import { type ByteText, nearest, occurrences, type Replaced } from './edit-text.ts';

const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const CYAN = '\u001b[36m';
const RESET = '\u001b[39m';
const SHOWN_CHARACTERS = 2_000;
/** A diff that takes longer to find is not worth waiting for. */
const LONGEST_DIFF_MS = 2_000;

/** Why a text could not be replaced: what was wanted, and what is there instead. */
export function missText(
  wanted: { readonly file: string; readonly replace: string; readonly with: string; readonly times: number },
  content: ByteText,
  miss: Extract<Replaced, { kind: 'not as expected' }>,
): string {
  if (miss.count > 0) {
    return (
      `the text is there ${times(miss.count)} in ${wanted.file} (line ${miss.lines.slice(0, 10).join(', ')}), ` +
      `wanted ${times(wanted.times)}:\n${indented(wanted.replace)}`
    );
  }
  const parts = [`the text is not in ${wanted.file}; wanted:`, indented(wanted.replace)];
  const near = nearest(content, wanted.replace);
  if (near === undefined) parts.push('nothing in the file is like it');
  else parts.push(`nearest, at line ${near.line}:`, indented(near.text));
  if (wanted.with !== '' && occurrences(content, wanted.with) > 0) parts.push('the new text is there already');
  return parts.join('\n');
}

/** The lines of a coloured diff. */
export async function diffLines(file: string, before: string, after: string): Promise<readonly string[]> {
  const { createTwoFilesPatch } = await import('diff');
  const patch: string | undefined = createTwoFilesPatch(file, file, before, after, 'before', 'after', {
    context: 3,
    timeout: LONGEST_DIFF_MS,
  });
  if (patch === undefined) return ['the change is too large for a diff'];
  return patch
    .trimEnd()
    .split('\n')
    .filter((line) => !line.startsWith('======='))
    .map((line) => coloured(line.replace(/\r$/, '')));
}

function coloured(line: string): string {
  const colour = line.startsWith('+') ? GREEN : line.startsWith('-') ? RED : line.startsWith('@@') ? CYAN : undefined;
  return colour === undefined ? line : `${colour}${line}${RESET}`;
}

function indented(text: string): string {
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return shown
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => `    ${line}`)
    .join('\n');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

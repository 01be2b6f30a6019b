import { longestLine } from './log-line.ts';
import { stripSequences } from './strip-sequences.ts';

// Text of which every UTF-16 unit stands for itself: no controls, marks, joiners, surrogates or reordering.
const SIMPLE =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0373\u0384-\u0482\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u2bff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3]*$/;
const BREAKS = /[\n\x85\u2028\u2029]/g;
// Enclosing marks (keycaps) are among them: terminals draw them over the neighbour. A tab is not: it becomes spaces.
const INVISIBLE = /(?!\t)[\p{Cc}\p{Cf}\p{Me}\p{Default_Ignorable_Code_Point}]/gu;
// One at a time: a repeated class of characters beyond 16 bits would need a stack as long as the flood.
const FLOOD_OF_MARKS = /(?<=\p{M}{3})\p{M}/gu;
const TAB_COLUMNS = 8;
/** Characters that are looked at once sequences are gone: what makes up a line that is longer is hardly for reading. */
const LOOKED_AT = 16 * longestLine;

/**
 * A line of a log as text that no terminal can act on, at most {@link longestLine} characters of it, the last an
 * ellipsis where something was cut. Escape sequences go as wholes, also those without an end; controls, characters that
 * have no width or reorder text, and marks beyond three a letter go too; tabs become spaces. Of a line that was written
 * over by carriage returns the last writing stays. Cleaning what is clean changes nothing; the time is linear.
 */
export function cleanLine(text: string): string {
  if (SIMPLE.test(text)) return shortened(text);
  const last = lastWriting(text.toWellFormed());
  const bare = stripSequences(last);
  if (SIMPLE.test(bare)) return shortened(bare);
  const isCut = bare.length > LOOKED_AT;
  const some = isCut ? bare.slice(0, LOOKED_AT).toWellFormed() : bare;
  const seen = some.replace(BREAKS, ' ').replace(INVISIBLE, '').replace(FLOOD_OF_MARKS, '');
  const visible = isCut ? `${seen}…` : seen;
  return shortened(visible.includes('\t') ? withoutTabs(visible.slice(0, longestLine + 1)) : visible);
}

/** What follows the last carriage return that is not at the end. */
function lastWriting(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '\r' || text[end - 1] === '\n')) end--;
  const from = text.lastIndexOf('\r', end - 1) + 1;
  return from === 0 && end === text.length ? text : text.slice(end === 0 ? 0 : from, end);
}

function withoutTabs(text: string): string {
  const [first = '', ...others] = text.split('\t');
  let out = first;
  for (const piece of others) out += ' '.repeat(TAB_COLUMNS - (out.length % TAB_COLUMNS)) + piece;
  return out;
}

function shortened(text: string): string {
  if (text.length <= longestLine) return text;
  const end = longestLine - 1;
  const isPairCut = (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return `${text.slice(0, isPairCut ? end - 1 : end)}…`;
}

/** Takes text as it is decoded, in pieces cut anywhere, and gives what a terminal emulator may be fed. */
export type Tamer = {
  readonly push: (text: string) => string;
  /** Forgets what was begun. */
  readonly reset: () => void;
};

type Size = { readonly columns: number; readonly rows: number };

/** What ends a string: a bell only where it began with OSC. */
type StringKind = 'osc' | 'other';

const LONGEST_PARAMETERS = 128;
/** Of a sequence without an end so much is kept; no less than what counts of it. */
const LONGEST_SEQUENCE = 256;
/** More digits say no more than these: no screen is as large. */
const LARGEST = '9999';
/** What the emulator does over and over, as often as it is told, and how often at most that makes a difference. */
const REPEATED: Readonly<Record<string, keyof Size>> = {
  L: 'rows',
  M: 'rows',
  S: 'rows',
  T: 'rows',
  I: 'columns',
  Z: 'columns',
  b: 'columns',
};
const MOST_MARKS = 8;
/** A reset makes the emulator's memory anew; the second of two in a row changes nothing. */
const RESET_AGAIN = /\x1bc(?=\x1bc)/g;

const NOTEWORTHY = /[\x1b\x80-\uffff]/;
const NON_ASCII = /[^\x00-\x7f]/;
// Controls are obeyed in the middle of a sequence, and do not end it.
const CONTROLS_IN_ESCAPE = /\x1b([\x00-\x17\x19\x1c-\x1f\x7f]+)/g;
const CONTROLS = /[\x00-\x1f\x7f]/g;
const CSI = /(?:\x1b\[|\x9b)([\x00-\x17\x19\x1c-\x1f\x7f0-?]*)((?:[ -/][\x00-\x17\x19\x1c-\x1f\x7f]*)*)([@-~])/g;
const UNFINISHED = /(?:\x1b|(?:\x1b\[|\x9b)[\x00-\x17\x19\x1c-\x1f\x7f0-?]*(?:[ -/][\x00-\x17\x19\x1c-\x1f\x7f]*)*)$/;
// What another sequence interrupts is over: it must not go on behind a string that is left out.
const INTERRUPTED =
  /(?:\x1b(?:\[[\x00-\x17\x19\x1c-\x1f\x7f0-?]*(?:[ -/][\x00-\x17\x19\x1c-\x1f\x7f]*)*)?|\x9b[\x00-\x17\x19\x1c-\x1f\x7f0-?]*(?:[ -/][\x00-\x17\x19\x1c-\x1f\x7f]*)*)(?=[\x1b\x80-\x9f])/g;
const STRING_START = /\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]/g;
const STRING_END: Readonly<Record<StringKind, RegExp>> = {
  osc: /[\x07\x18\x1a\x1b\x9c]/g,
  other: /[\x18\x1a\x1b\x9c]/g,
};
// One at a time: a repeated class of characters beyond 16 bits would need a stack as long as the flood.
const FLOOD_OF_MARKS =
  /(?<=[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]{8})[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]/gu;
const LAST_MARKS = /[\p{M}\p{Cf}\p{Default_Ignorable_Code_Point}\u1160-\u11ff\ud7b0-\ud7ff]{1,8}$/u;

/**
 * Keeps an emulator from doing work that is out of all proportion to what it was sent: a few bytes can ask for a line to
 * be inserted a billion times. Counts are bounded by the screen; strings (titles, colours, hyperlinks, graphics) are left
 * out, since they change no cell; so are marks beyond eight on one character. Linear, and what it holds is bounded.
 */
export function createTamer(size: () => Size): Tamer {
  let inString: StringKind | undefined;
  let rest = '';
  let marks = '';
  return {
    push: (text) => {
      if (inString === undefined && rest === '' && marks === '' && !NOTEWORTHY.test(text)) return text;
      const tamed = withoutStrings({ text: rest + text, inString, size: size() });
      ({ rest, inString } = tamed);
      if (!NON_ASCII.test(tamed.out)) {
        if (tamed.out !== '') marks = '';
        return tamed.out;
      }
      // The marks that ended the last piece count, and were given already.
      const bounded = (marks + tamed.out).replace(FLOOD_OF_MARKS, '');
      const given = bounded.slice(marks.length);
      marks = LAST_MARKS.exec(bounded.slice(-2 * MOST_MARKS))?.[0] ?? '';
      return given;
    },
    reset: () => {
      inString = undefined;
      rest = '';
      marks = '';
    },
  };
}

function withoutStrings(input: {
  readonly text: string;
  readonly inString: StringKind | undefined;
  readonly size: Size;
}): { readonly out: string; readonly rest: string; readonly inString: StringKind | undefined } {
  const text = input.text.replace(CONTROLS_IN_ESCAPE, '$1\x1b').replace(INTERRUPTED, (cut) => controlsIn(cut));
  let { inString } = input;
  let out = '';
  let at = 0;
  for (;;) {
    if (inString !== undefined) {
      const end = searchFrom(STRING_END[inString], text, at);
      if (end === undefined) return { out, rest: '', inString };
      // An escape begins what comes next: where that is the string's own end, it does nothing.
      at = text[end.index] === '\x1b' ? end.index : end.index + 1;
      inString = undefined;
    }
    const start = searchFrom(STRING_START, text, at);
    const whole = text.slice(at, start?.index);
    const open = UNFINISHED.exec(whole)?.[0] ?? '';
    const closed = whole.slice(0, whole.length - open.length).replace(RESET_AGAIN, '');
    out += closed.replace(CSI, (_, ...parts: string[]) => tamed(parts, input.size));
    if (start === undefined) return { out, rest: shortened(open), inString: undefined };
    at = start.index + start[0].length;
    inString = start[0] === '\x1b]' || start[0] === '\x9d' ? 'osc' : 'other';
  }
}

function searchFrom(pattern: RegExp, text: string, from: number): RegExpExecArray | undefined {
  pattern.lastIndex = from;
  return pattern.exec(text) ?? undefined;
}

/** A sequence that goes on for ever is none that an emulator knows. */
function shortened(open: string): string {
  return open.length > LONGEST_SEQUENCE ? open.slice(0, LONGEST_SEQUENCE) : open;
}

/** They were obeyed within it. */
function controlsIn(sequence: string): string {
  return sequence.replaceAll(/[^\x00-\x1a\x1c-\x1f\x7f]/g, '');
}

function tamed([parameters = '', intermediates = '', final = '']: readonly string[], size: Size): string {
  const controls = controlsIn(parameters + intermediates);
  const bare = parameters.replace(CONTROLS, '').slice(0, LONGEST_PARAMETERS);
  const limit = intermediates === '' ? REPEATED[final] : undefined;
  const numbers = bare.replace(/\d+/g, (digits) => {
    const number = digits.length > LARGEST.length ? LARGEST : digits;
    return limit !== undefined && Number(number) > size[limit] ? String(size[limit]) : number;
  });
  return `${controls}\x1b[${numbers}${intermediates.replace(CONTROLS, '')}${final}`;
}

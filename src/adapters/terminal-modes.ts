// Names and numbers of the modes: xterm's "Control Sequences" (ctlseqs) and kitty's keyboard protocol.

const MOUSE_OFF = '\x1b[?1000l\x1b[?1001l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1005l\x1b[?1006l\x1b[?1015l\x1b[?1016l';

/**
 * The alternate screen, no cursor, pastes marked as such, and no autowrap: where the terminal's size
 * is not yet known anew, a row that is too long is cut and does not push the others down.
 */
export const ENTER_SCREEN = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2004h\x1b[m\x1b[2J\x1b[H';

/** Undoes {@link ENTER_SCREEN}, and what an unfinished frame may have left; harmless a second time. */
export const LEAVE_SCREEN = `\x1b[?2026l\x1b[m${MOUSE_OFF}\x1b[?2004l\x1b[?7h\x1b[?1049l\x1b[?25h`;

/**
 * Takes back every mode that a program with the terminal to itself can have set and not reset; the
 * cursor stays where it is. (Mode 1049 would move it to where it was when the screen was entered
 * last, so it is only reset where it is set; the scroll region, whose reset moves the cursor too,
 * lies between a saved cursor and its return.)
 *
 * @param isAlternate the program is on the alternate screen: as {@link createScreenTracker} says
 */
export function resetModes(isAlternate: boolean): string {
  return [
    '\x18', // ends a sequence that was cut off
    '\x1b\\', // and a string
    '\x1b[?2026l',
    '\x1b[=0u', // kitty keyboard, once for each screen
    isAlternate ? '\x1b[?1049l' : '\x1b[?1047l',
    '\x1b[=0u',
    '\x1b[>4;0m', // xterm's modifyOtherKeys
    MOUSE_OFF,
    '\x1b[?2004l',
    '\x1b[?1l\x1b>', // cursor keys and keypad
    '\x1b7\x1b[?6l\x1b[?69l\x1b[r\x1b8', // origin, margins, scroll region
    '\x1b(B\x1b)B\x0f', // character sets
    '\x1b[4l\x1b[20l\x1b[?5l\x1b[?7h', // insert, newline, reverse video, autowrap
    '\x1b]8;;\x1b\\', // an open hyperlink
    '\x1b[0 q\x1b[?12l\x1b[?25h', // the cursor's look
    '\x1b[m',
  ].join('');
}

/** Follows a program's bytes, in chunks cut anywhere, and says whether they left it on the alternate screen. */
export function createScreenTracker(): {
  readonly see: (bytes: Uint8Array) => void;
  readonly isAlternate: () => boolean;
} {
  const longestSequence = 24;
  let isAlternate = false;
  let carried = '';
  return {
    see: (bytes) => {
      const text = carried + Buffer.from(bytes).toString('latin1');
      for (const [, modes = '', action] of text.matchAll(/\x1b\[\?([\d;]*)([hl])/g)) {
        if (/(?:^|;)(?:47|1047|1049)(?:;|$)/.test(modes)) isAlternate = action === 'h';
      }
      carried = text.slice(-longestSequence);
    },
    isAlternate: () => isAlternate,
  };
}

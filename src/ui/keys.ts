import type { Key } from 'ink';
import { graphemesOf } from './spans.ts';

/**
 * The name of a key: `up`, `enter`, `space`, `ctrl-c`, `shift-tab`, or the character itself. Undefined for what is no
 * single key (several characters that came at once, an unknown sequence).
 */
export function keyName(input: string, key: Key): string | undefined {
  if (key.eventType === 'release') return undefined;
  const special = specialName(key);
  if (special !== undefined) return key.shift && special === 'tab' ? 'shift-tab' : special;
  if (input === ' ') return 'space';
  if (key.ctrl && input.length === 1) return `ctrl-${input.toLowerCase()}`;
  if (key.meta || key.ctrl) return undefined;
  return graphemesOf(input).length === 1 ? input : undefined;
}

/** A key's name as help and footer write it. */
export function keyLabel(name: string): string {
  return keyLabels[name] ?? name;
}

const keyLabels: Readonly<Record<string, string>> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  enter: '⏎',
  pageup: 'PgUp',
  pagedown: 'PgDn',
  home: 'Home',
  end: 'End',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  escape: 'Esc',
  backspace: 'Backspace',
  delete: 'Del',
  'ctrl-c': 'Ctrl-C',
  'ctrl-l': 'Ctrl-L',
  'ctrl-r': 'Ctrl-R',
  'ctrl-u': 'Ctrl-U',
  'ctrl-w': 'Ctrl-W',
  'ctrl-z': 'Ctrl-Z',
};

function specialName(key: Key): string | undefined {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return 'left';
  if (key.rightArrow) return 'right';
  if (key.pageUp) return 'pageup';
  if (key.pageDown) return 'pagedown';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'escape';
  if (key.tab) return 'tab';
  if (key.backspace) return 'backspace';
  if (key.delete) return 'delete';
  return undefined;
}

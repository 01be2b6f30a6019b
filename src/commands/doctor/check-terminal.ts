import type { Finding } from './finding.ts';

/** The operator's terminal, as far as a program knows it. */
export type TerminalFacts = {
  /** Both input and output are one. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly rows: number;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the screen can be drawn here. `least` is the smallest size it needs. */
export function terminalFindings(
  terminal: TerminalFacts,
  environment: Environment,
  least: { readonly columns: number; readonly rows: number },
): readonly Finding[] {
  if (!terminal.isTerminal) {
    const found = 'this was not called on one; run, rollback and status need none';
    return [{ group: 'terminal', what: 'terminal', state: 'not checked', isNeeded: false, found, neededBy: [] }];
  }
  return [
    kind(environment.TERM ?? ''),
    size(terminal, least),
    characters(environment),
    colours(environment),
    around(environment),
    one('copying', 'not checked', 'no terminal tells whether it takes what is copied (OSC 52)'),
  ];
}

function one(what: string, state: Finding['state'], found: string, rest: Partial<Finding> = {}): Finding {
  return { group: 'terminal', what, state, isNeeded: false, found, neededBy: [], ...rest };
}

function kind(term: string): Finding {
  if (term !== '' && term !== 'dumb') return one('TERM', 'found', term);
  const mend = 'Set it to what your terminal is: export TERM=xterm-256color';
  return one('TERM', 'unusable', term === '' ? 'is not set' : 'dumb: the screen can’t be drawn', {
    isNeeded: true,
    mend,
  });
}

function size({ columns, rows }: TerminalFacts, least: { readonly columns: number; readonly rows: number }): Finding {
  const isEnough = columns >= least.columns && rows >= least.rows;
  if (isEnough) return one('size', 'found', `${columns}×${rows}`);
  const found = `${columns}×${rows}; the screen needs ${least.columns}×${least.rows}`;
  return one('size', 'unusable', found, { isNeeded: true, mend: 'Make the window larger, or its letters smaller.' });
}

/** POSIX: LC_ALL outranks LC_CTYPE, and that LANG; an empty one doesn't count. */
function characters(environment: Environment): Finding {
  const name = (['LC_ALL', 'LC_CTYPE', 'LANG'] as const).find((key) => (environment[key] ?? '') !== '');
  const locale = name === undefined ? 'no locale is set' : `${name}=${environment[name]}`;
  if (/utf-?8/i.test(locale)) return one('Unicode', 'found', locale);
  const mend = 'Set a UTF-8 locale (export LC_ALL=C.UTF-8; on macOS en_US.UTF-8), or start with --ascii.';
  return one('Unicode', 'missing', locale, { mend });
}

function colours({ NO_COLOR, COLORTERM = '', TERM = '' }: Environment): Finding {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return one('colours', 'found', 'none, as NO_COLOR says');
  if (/truecolor|24bit/i.test(COLORTERM)) return one('colours', 'found', '16 million');
  if (/256|direct|kitty|alacritty|ghostty|foot|wezterm/.test(TERM)) return one('colours', 'found', '256');
  return one('colours', 'found', `256 are used; ${TERM || 'TERM'} doesn’t say it has them, NO_COLOR=1 does without`);
}

function around({ TMUX, STY, SSH_CONNECTION, SSH_TTY }: Environment): Finding {
  const parts = [TMUX ? 'tmux' : '', STY ? 'screen' : '', SSH_CONNECTION || SSH_TTY ? 'ssh' : ''].filter(
    (part) => part !== '',
  );
  const found = parts.length === 0 ? 'nothing: neither tmux nor screen nor ssh was noticed' : parts.join(', ');
  return one('around it', 'found', found);
}

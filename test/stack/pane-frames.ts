import type { PtyProgram } from '../support/pty-program.ts';

/** A row of the containers pane. */
export type ContainerRow = { readonly mark: string; readonly name: string; readonly rest: string };

/** What two panes showed, frame by frame; a frame that shows the same as the one before is left out. */
export type PaneFrames = {
  readonly containers: () => readonly (readonly ContainerRow[])[];
  /** Every row that the logs pane ever showed, in the order of its first time. */
  readonly logRows: () => ReadonlySet<string>;
  readonly stop: () => void;
};

/** Records the containers pane and the logs pane of a wide screen from now on. */
export function recordPanes(program: PtyProgram): PaneFrames {
  const containers: (readonly ContainerRow[])[] = [];
  const logRows = new Set<string>();
  let last = '';
  const stop = program.watchFrames((screen) => {
    const pane = paneOn(screen, 'Containers');
    const text = pane?.join('\n') ?? '';
    if (pane !== undefined && text !== last) containers.push(pane.flatMap(containerRow));
    last = text;
    for (const row of paneOn(screen, 'Logs') ?? []) logRows.add(row.slice(1, -1).trim());
  });
  return { containers: () => containers, logRows: () => logRows, stop };
}

/** The rows between the borders of a pane that has this title; undefined: it is not on the screen. */
export function paneOn(screen: string, title: string): readonly string[] | undefined {
  const lines = screen.split('\n');
  const top = lines.findIndex((line) => new RegExp(`[╭├] ${title} `).test(line));
  const left = lines[top]?.search(new RegExp(`[╭├] ${title} `)) ?? -1;
  if (left < 0) return undefined;
  const right = /[╮┤]/.exec(lines[top]?.slice(left) ?? '')?.index ?? 0;
  const below = lines.slice(top + 1).map((line) => line.slice(left, left + right + 1));
  const end = below.findIndex((line) => !line.startsWith('│'));
  return below.slice(0, end);
}

/** A row with a name in it: not the heads of the columns, and no empty one. */
function containerRow(line: string): readonly ContainerRow[] {
  const [, mark, name, rest] = /^│[ ▸](\S) (\S+)(.*)│$/.exec(line) ?? [];
  return mark === undefined || name === undefined || rest === undefined ? [] : [{ mark, name, rest }];
}

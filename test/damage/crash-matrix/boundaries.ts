import type { Kind } from './kinds.ts';

export type Victims = 'self' | 'other' | 'both';

/** One write of the screen or of a runner, and who is killed at it. */
export type Boundary = {
  readonly kind: Kind;
  readonly command: 'run' | 'rollback';
  /** As `test/fixtures/crash.mjs` calls it: role, attempt or file, operation, how often. */
  readonly label: string;
  /** Types of the events that are written; empty where it is no event. */
  readonly events: string;
  readonly victims: Victims;
  readonly when: 'before' | 'after';
};

const VICTIMS: readonly Victims[] = ['self', 'other', 'both'];

/** How often these are written is a matter of time. `after` is a short command: it may be over before it is looked at. */
const BY_CHANCE = /(?:output\.log|observations\.ndjson) \w+ #(?!1$)|after (?:command\.json|folder sync)/;

/** The writes of a run, or of a rollback, that nothing disturbed, in their order. */
export type Trace = Pick<Boundary, 'kind' | 'command'> & { readonly labels: readonly string[] };

/** Every write of a trace, for each who can be killed at it. */
export function allBoundaries({ kind, command, labels }: Trace): readonly Boundary[] {
  const isRunner = (label: string) => label.startsWith('runner ');
  const [first, last] = [labels.findIndex(isRunner), labels.findLastIndex(isRunner)];
  return [...new Set(labels)].flatMap((traced) => {
    const [label = '', events = ''] = traced.split(' = ');
    const place = labels.indexOf(traced);
    if (BY_CHANCE.test(label) || (kind.isOnScreen && command === 'run' && isOfScreen(label))) return [];
    // Before a runner is there, and when none is any more, a screen's write can kill nobody else.
    const isBoth = isRunner(label) || (label.includes('journal.ndjson') && place > first && place < last);
    return (isBoth ? VICTIMS : (['self'] as const)).flatMap((victims) =>
      (['before', 'after'] as const).map((when) => ({ kind, command, label, events, victims, when })),
    );
  });
}

/** What the screen keeps for itself, whenever it comes to it. */
function isOfScreen(label: string): boolean {
  return label.startsWith('writer home');
}

/** Who is killed: its own process, that of the other side, or both. */
function whoOf({ label, victims }: Boundary): string {
  if (victims === 'both') return 'both';
  return label.startsWith('runner ') === (victims === 'self') ? 'runner' : 'writer';
}

/** What a write is for. */
function partOf({ label }: Boundary): string {
  const parts = [
    ['journal', /^writer run journal/],
    ['run', /^writer (?:run|home) /],
    ['intent', /^writer /],
    ['start', / (?:started\.json|socket)\S* /],
    ['result', / result\.json/],
    ['work', /./],
  ] as const;
  return parts.find(([, pattern]) => pattern.test(label))?.[0] ?? '';
}

/** What is written, in whatever kind, attempt and order: events of the journal, or what happens to a file. */
function classesOf({ label, events }: Boundary): readonly string[] {
  if (events !== '') return events.split('+');
  const [role, , ...rest] = label
    .replace(/ (?:open|openSync|truncate|writeFile|writeSync|f?(?:data)?sync(?:Sync)?|chmod) #\d+$/, ' written')
    .replace(/ #\d+$/, '')
    .replace(/^writer home home\S* written$/, 'writer home folders written')
    .split(' ');
  return [`${role} ${rest.join(' ')}`];
}

/** What a boundary shows: its classes, and each two of what it is for, who is killed, when, where and in which kind. */
function pairsOf(boundary: Boundary): readonly string[] {
  const { kind, command, when } = boundary;
  const part = partOf(boundary);
  // The run's own files are the same whatever its steps are.
  const traits = [part, whoOf(boundary), when, command, ...(part === 'run' ? [] : [kind.id])];
  const pairs = traits.flatMap((one, index) => traits.slice(index + 1).map((other) => `${one} × ${other}`));
  return [...classesOf(boundary), ...pairs];
}

/**
 * As few as show what all of them show: every class of write, and any two traits together. Those of the step that comes
 * after are as those of a step on pipes.
 */
export function chosenBoundaries(all: readonly Boundary[]): readonly Boundary[] {
  const candidates = all
    .filter(({ label }) => !/^\w+ (?:undo-)?after /.test(label))
    .map((boundary) => ({ boundary, pairs: pairsOf(boundary) }));
  const open = new Set(candidates.flatMap(({ pairs }) => pairs));
  const chosen: Boundary[] = [];
  while (open.size > 0) {
    const shows = ({ pairs }: (typeof candidates)[number]) => pairs.filter((pair) => open.has(pair)).length;
    const most = Math.max(...candidates.map(shows));
    const best = candidates.filter((one) => shows(one) === most);
    // By turns from everywhere, so that it is not the first kind that has most of them.
    const next = best[(chosen.length * 7919) % best.length];
    if (next === undefined) break;
    chosen.push(next.boundary);
    for (const pair of next.pairs) open.delete(pair);
  }
  return chosen;
}

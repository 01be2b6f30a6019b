import type { Kind } from './kinds.ts';

export type Victims = 'self' | 'other' | 'both';

/** One write of the screen or of a runner. */
export type Place = {
  readonly kind: Kind;
  readonly command: 'run' | 'rollback';
  /** As `test/fixtures/crash.mjs` calls it: role, attempt or file, operation, how often. */
  readonly label: string;
  /** Types of the events that are written; empty where it is no event. */
  readonly events: string;
};

/** A write, and who is killed at it. */
export type Boundary = Place & { readonly victims: Victims; readonly when: 'before' | 'after' };

/** A write that fails: with an error of the system, or after its first half (`short`). */
export type Failure = Place & {
  readonly error: string;
  /** Everything that needs room fails from there on, until there is room. */
  readonly isLasting: boolean;
};

const VICTIMS: readonly Victims[] = ['self', 'other', 'both'];

/** What can become of an operation. */
const ERRORS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^open/, ['ENOSPC', 'EDQUOT', 'EMFILE', 'EROFS']],
  [/^(?:write|writeSync)$/, ['ENOSPC', 'EDQUOT', 'EIO', 'short']],
  [/^writeFile/, ['ENOSPC', 'EDQUOT', 'EIO']],
  [/sync/, ['EIO', 'ENOSPC']],
  [/^(?:rename|link|mkdir)/, ['ENOSPC', 'EIO', 'EROFS']],
  [/^listen$/, ['ENOSPC', 'EADDRINUSE']],
  [/./, ['EIO']],
];
const LASTING = ['ENOSPC', 'EDQUOT', 'EROFS'];

/** How often these are written is a matter of time. `after` is a short command: it may be over before it is looked at. */
const BY_CHANCE = /(?:output\.log|observations\.ndjson) \w+ #(?!1$)|after (?:command\.json|folder sync)/;

/** The writes of a run, or of a rollback, that nothing disturbed, in their order. */
export type Trace = Pick<Place, 'kind' | 'command'> & { readonly labels: readonly string[] };

function allPlaces({ kind, command, labels }: Trace): readonly Place[] {
  return [...new Set(labels)].flatMap((traced) => {
    const [label = '', events = ''] = traced.split(' = ');
    if (BY_CHANCE.test(label) || (kind.isOnScreen && command === 'run' && isOfScreen(label))) return [];
    return [{ kind, command, label, events }];
  });
}

/** Every write of a trace, for each who can be killed at it. */
export function allBoundaries(trace: Trace): readonly Boundary[] {
  const labels = trace.labels.map((traced) => traced.split(' = ')[0] ?? '');
  const isRunner = (label: string) => label.startsWith('runner ');
  const [first, last] = [labels.findIndex(isRunner), labels.findLastIndex(isRunner)];
  return allPlaces(trace).flatMap((place) => {
    const at = labels.indexOf(place.label);
    // Before a runner is there, and when none is any more, a screen's write can kill nobody else.
    const isBoth = isRunner(place.label) || (place.label.includes('journal.ndjson') && at > first && at < last);
    return (isBoth ? VICTIMS : (['self'] as const)).flatMap((victims) =>
      (['before', 'after'] as const).map((when) => ({ ...place, victims, when })),
    );
  });
}

/** Every write of a trace, with each error that it can come to. */
export function allFailures(trace: Trace): readonly Failure[] {
  return allPlaces(trace).flatMap((place) => {
    const operation = / (\w+) #\d+$/.exec(place.label)?.[1] ?? '';
    const errors = ERRORS.find(([pattern]) => pattern.test(operation))?.[1] ?? [];
    return errors.flatMap((error) => [
      { ...place, error, isLasting: false },
      ...(LASTING.includes(error) ? [{ ...place, error, isLasting: true }] : []),
    ]);
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
function partOf({ label }: Place): string {
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
function classesOf({ label, events }: Place): readonly string[] {
  if (events !== '') return events.split('+');
  const [role, , ...rest] = label
    .replace(/ (?:open|openSync|mkdir|truncate|writeFile|writeSync|f?(?:data)?sync(?:Sync)?|chmod) #\d+$/, ' written')
    .replace(/ #\d+$/, '')
    .replace(/^writer home home\S* written$/, 'writer home folders written')
    .split(' ');
  return [`${role} ${rest.join(' ')}`];
}

/** What a place shows: its classes, and each two of what it is for, what is done there, where and in which kind. */
function pairsOf(place: Place, done: readonly string[]): readonly string[] {
  const { kind, command } = place;
  const part = partOf(place);
  // The run's own files are the same whatever its steps are.
  const traits = [part, ...done, command, ...(part === 'run' ? [] : [kind.id])];
  const pairs = traits.flatMap((one, index) => traits.slice(index + 1).map((other) => `${one} × ${other}`));
  return [...classesOf(place), ...pairs];
}

/** As few kills as show what all of them show: every class of write, and any two traits together. */
export function chosenBoundaries(all: readonly Boundary[]): readonly Boundary[] {
  return fewest(all, (one) => pairsOf(one, [whoOf(one), one.when]));
}

/**
 * As few failures as show what all of them show: every operation on every file, every class of write lastingly, and any two
 * traits together.
 */
export function chosenFailures(all: readonly Failure[]): readonly Failure[] {
  return fewest(all, (one) => {
    const lasting = one.isLasting ? classesOf(one).map((name) => `${name}, lasting`) : [];
    return [...pairsOf(one, [one.error, one.isLasting ? 'lasting' : 'once']), operationOf(one), ...lasting];
  });
}

/** The operation and its file; how many of a folder's syncs came before says after which of its files it comes. */
function operationOf({ label, events }: Place): string {
  const [role, , ...rest] = (label.includes('folder sync') ? label : label.replace(/ #\d+$/, '')).split(' ');
  return `${role} ${rest.join(' ')} ${events === '' ? '' : 'of events'}`;
}

/** Those of the step that comes after are as those of a step on pipes. */
function fewest<One extends Place>(all: readonly One[], showsOf: (one: One) => readonly string[]): readonly One[] {
  const candidates = all
    .filter(({ label }) => !/^\w+ (?:undo-)?after /.test(label))
    .map((one) => ({ one, pairs: showsOf(one) }));
  const open = new Set(candidates.flatMap(({ pairs }) => pairs));
  const chosen: One[] = [];
  while (open.size > 0) {
    const shows = ({ pairs }: (typeof candidates)[number]) => pairs.filter((pair) => open.has(pair)).length;
    const most = Math.max(...candidates.map(shows));
    const best = candidates.filter((candidate) => shows(candidate) === most);
    // By turns from everywhere, so that it is not the first kind that has most of them.
    const next = best[(chosen.length * 7919) % best.length];
    if (next === undefined) break;
    chosen.push(next.one);
    for (const pair of next.pairs) open.delete(pair);
  }
  return chosen;
}

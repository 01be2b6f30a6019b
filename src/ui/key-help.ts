import { type Binding, type Context, contextOf, keymap } from './keymap.ts';
import { keyLabel } from './keys.ts';
import type { Scene } from './scene.ts';
import { type Row, rowWidth, span } from './spans.ts';
import { styles } from './theme.ts';

/** A part of the help: a place, and the keys that work there. */
export type KeySection = {
  readonly title: string;
  readonly keys: readonly { readonly keys: string; readonly about: string }[];
};

const sections: readonly (readonly [string, readonly Context[]])[] = [
  ['Steps', ['steps']],
  ['Phases', ['phases']],
  ['Output', ['output']],
  ['Containers', ['containers']],
  ['Logs', ['logs']],
  ['Rollback plan', ['plan']],
  ['Rollback that goes on', ['rollback']],
  ['Unknown step', ['unknown']],
  ['Checklist of all phases', ['checklist']],
  ['Variables', ['variables']],
  ['Sources of the logs', ['log sources']],
  ['Where the logs begin', ['log start']],
  ['Changed definition', ['definition']],
  ['Reading', ['reading']],
  ['Questions', ['confirm']],
  ['Text fields', ['field']],
];

/** All keys by the place where they work; what works in every place stands first, once. */
export function keySections(): readonly KeySection[] {
  const general = keymap.filter((binding) => binding.when.length >= 3 && binding.when.includes('steps'));
  const rest = sections.map(([title, when]) => ({
    title,
    keys: keymap
      .filter((binding) => !general.includes(binding) && when.some((context) => binding.when.includes(context)))
      .map(described),
  }));
  return [{ title: 'Everywhere', keys: general.map(described) }, ...rest.filter((section) => section.keys.length > 0)];
}

/** The key table for the README. */
export function keyTableMarkdown(): string {
  const parts = keySections().map((section) =>
    [
      `**${section.title}**`,
      '',
      '| key | what it does |',
      '|---|---|',
      ...section.keys.map((key) => `| ${key.keys.replaceAll('|', '\\|')} | ${key.about} |`),
    ].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}

/** The keys that matter now, as many as fit: whole entries only, the way back always among them. */
export function footerRow(scene: Scene, width: number): Row {
  const context = contextOf(scene);
  if (scene.view.typing !== undefined)
    return [' ', span('Ctrl-G', styles.key), ' ends typing · all other keys go to the command'];
  const entries = keymap
    .filter((binding) => binding.footer !== undefined && binding.when.includes(context))
    .toSorted((a, b) => (a.footer ?? 0) - (b.footer ?? 0))
    // A dialog shows only what it can do now; the panes' keys keep their places and are dimmed instead.
    .filter((binding) => scene.top === undefined || binding.whyNot?.(scene) === undefined)
    .map((binding) => ({ binding, row: entryOf(binding, scene) }));
  const kept = new Set<Binding>();
  let used = 1;
  for (const { binding, row } of entries) {
    const cells = rowWidth(row) + (kept.size === 0 ? 0 : 2);
    if (used + cells > width) continue;
    kept.add(binding);
    used += cells;
  }
  const shown = entries
    .filter(({ binding }) => kept.has(binding))
    .toSorted((a, b) => place(a.binding) - place(b.binding));
  return [' ', ...shown.flatMap(({ row }, index) => (index === 0 ? row : ['  ', ...row]))];
}

/** The keys of a dialog, for its last row. */
export function dialogKeys(scene: Scene, width: number): Row {
  const context = contextOf(scene);
  const entries = keymap
    .filter(
      (binding) =>
        binding.footer !== undefined && binding.footer >= 0 && binding.footer < 6 && binding.when.includes(context),
    )
    .toSorted((a, b) => (a.footer ?? 0) - (b.footer ?? 0));
  const row: Row[number][] = [];
  for (const binding of entries) {
    if (binding.whyNot?.(scene) !== undefined) continue;
    const entry = [...(row.length === 0 ? [] : ['   ']), ...entryOf(binding, scene)];
    if (rowWidth(row) + rowWidth(entry) <= width) row.push(...entry);
  }
  return row;
}

/** The way back is kept first, but stands where it stands in every footer: behind the keys that run and stop. */
function place(binding: Binding): number {
  return binding.footer === -1 ? 5.5 : (binding.footer ?? 0);
}

function entryOf(binding: Binding, scene: Scene): Row {
  const keys = binding.pair === true ? pairLabel(binding) : keyLabel(binding.keys[0] ?? '');
  const label = typeof binding.label === 'string' ? binding.label : binding.label(scene);
  if (binding.footer === -1) return [span(`${keys} ${label}`, styles.rollback)];
  if (binding.whyNot?.(scene) !== undefined) return [span(`${keys} ${label}`, styles.quiet)];
  return [span(keys, styles.key), ` ${label}`];
}

function pairLabel(binding: Binding): string {
  return binding.keys.slice(0, 2).map(keyLabel).join('');
}

function described(binding: Binding): { readonly keys: string; readonly about: string } {
  return { keys: binding.keys.map(keyLabel).join(' '), about: binding.about };
}

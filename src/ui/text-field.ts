import { clean, graphemesOf } from './spans.ts';

/** What stands in a field of one line. `at` counts characters (grapheme clusters) before the cursor. */
export type TextField = { readonly text: string; readonly at: number };

/** What can happen to a field. */
export type FieldEdit =
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'erase before' }
  | { readonly kind: 'erase after' }
  | { readonly kind: 'erase word' }
  | { readonly kind: 'erase all' }
  | { readonly kind: 'left' }
  | { readonly kind: 'right' }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

/** The longest text a field takes, in characters. */
export const longestText = 4000;

/** A field that holds a text, the cursor behind it. */
export function fieldWith(text: string): TextField {
  return { text, at: graphemesOf(text).length };
}

/** The field after an edit. Pasted breaks become spaces, other controls vanish. */
export function editField(field: TextField, edit: FieldEdit): TextField {
  const characters = graphemesOf(field.text);
  const before = characters.slice(0, field.at);
  const after = characters.slice(field.at);
  switch (edit.kind) {
    case 'insert': {
      const added = graphemesOf(clean(edit.text)).slice(0, Math.max(0, longestText - characters.length));
      return joined([...before, ...added], after);
    }
    case 'erase before':
      return joined(before.slice(0, -1), after);
    case 'erase after':
      return joined(before, after.slice(1));
    case 'erase word':
      return joined([before.join('').replace(/\S*\s*$/u, '')], after);
    case 'erase all':
      return joined([], []);
    case 'left':
      return { ...field, at: Math.max(0, field.at - 1) };
    case 'right':
      return { ...field, at: Math.min(characters.length, field.at + 1) };
    case 'start':
      return { ...field, at: 0 };
    case 'end':
      return { ...field, at: characters.length };
    default:
      return edit satisfies never;
  }
}

function joined(before: readonly string[], after: readonly string[]): TextField {
  // What is put together may join into fewer characters than its parts had.
  const text = [...before, ...after].join('');
  return { text, at: Math.min(graphemesOf(before.join('')).length, graphemesOf(text).length) };
}

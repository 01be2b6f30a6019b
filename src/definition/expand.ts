/** A name that `expand` found and has no value for; `index` is where its `${` stands in the text. */
export type UnknownName = { readonly unknown: string; readonly index: number };

/** One `${NAME}` of a text: where it begins, and the characters it takes with `${` and `}`. */
export type NameUse = { readonly name: string; readonly index: number; readonly length: number };

const placeholder = /\$(\$\{[^}]*\})|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Puts values into a text that no shell reads: `${NAME}` becomes the value, `$${X}` becomes the
 * literal `${X}`, anything else stays. What a value itself holds is not expanded again.
 *
 * @returns The text, or the first name that `values` lacks.
 */
export function expand(text: string, values: Readonly<Record<string, string>>): string | UnknownName {
  const missing = namesIn(text).find((use) => !Object.hasOwn(values, use.name));
  if (missing !== undefined) return { unknown: missing.name, index: missing.index };
  return text.replace(placeholder, (_whole, literal: string | undefined, name: string) =>
    literal === undefined ? (values[name] ?? '') : literal,
  );
}

/** Every `${NAME}` of a text that `expand` would replace, in order; `$${X}` is none. */
export function namesIn(text: string): readonly NameUse[] {
  const uses: NameUse[] = [];
  for (const match of text.matchAll(placeholder)) {
    const name = match[2];
    if (name !== undefined) uses.push({ name, index: match.index, length: match[0].length });
  }
  return uses;
}

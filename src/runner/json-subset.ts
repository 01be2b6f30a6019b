/** Where an answer is not as wanted; `path` is empty for the whole value. */
export type JsonDifference = { readonly path: string; readonly wanted: string; readonly found: string };

const SHOWN_CHARACTERS = 120;

/**
 * Compares a JSON value with what is wanted of it: objects as subsets (further keys are no difference), everything else
 * exactly, arrays in length and order.
 *
 * @returns the first difference; undefined if there is none.
 */
export function jsonDifference(found: unknown, wanted: unknown, path = ''): JsonDifference | undefined {
  if (isObject(wanted)) return isObject(found) ? objectDifference(found, wanted, path) : different(found, wanted, path);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return different(found, wanted, path);
    for (const [index, item] of wanted.entries()) {
      const difference = jsonDifference(found[index], item, `${path}[${index}]`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return Object.is(found, wanted) || found === wanted ? undefined : different(found, wanted, path);
}

type JsonObject = Readonly<Record<string, unknown>>;

function objectDifference(found: JsonObject, wanted: JsonObject, path: string): JsonDifference | undefined {
  for (const [key, value] of Object.entries(wanted)) {
    const inner = path === '' ? key : `${path}.${key}`;
    if (!Object.hasOwn(found, key)) return { path: inner, wanted: shown(value), found: 'nothing' };
    const difference = jsonDifference(found[key], value, inner);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function different(found: unknown, wanted: unknown, path: string): JsonDifference {
  return { path, wanted: shown(wanted), found: shown(found) };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

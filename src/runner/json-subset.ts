/** Where an answer is not as wanted; `path` is empty for the whole value. */
export type JsonDifference = { readonly path: string; readonly wanted: string; readonly found: string };

const SHOWN_CHARACTERS = 120;

/**
 * Compares a JSON value with what is wanted of it: objects as subsets (further keys are no difference), everything else
 * exactly, arrays in length and order.
 *
 * @returns the first difference; undefined if there is none.
 */
export function jsonDifference(found: unknown, wanted: unknown, at: Place = {}): JsonDifference | undefined {
  if (isObject(wanted)) return isObject(found) ? objectDifference(found, wanted, at) : different(found, wanted, at);
  if (Array.isArray(wanted)) {
    if (!Array.isArray(found) || found.length !== wanted.length) return different(found, wanted, at);
    for (const [index, item] of wanted.entries()) {
      const difference = jsonDifference(found[index], item, { ...at, path: `${at.path ?? ''}[${index}]` });
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return Object.is(found, wanted) || found === wanted ? undefined : different(found, wanted, at);
}

type Place = {
  /** Absent: the whole value. */
  readonly path?: string;
  /** What a text that was found goes through before it is shortened for showing. */
  readonly mask?: (text: string) => string;
};

type JsonObject = Readonly<Record<string, unknown>>;

function objectDifference(found: JsonObject, wanted: JsonObject, at: Place): JsonDifference | undefined {
  const { path = '' } = at;
  for (const [key, value] of Object.entries(wanted)) {
    const inner = path === '' ? key : `${path}.${key}`;
    if (!Object.hasOwn(found, key)) return { path: inner, wanted: shown(value), found: 'nothing' };
    const difference = jsonDifference(found[key], value, { ...at, path: inner });
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function different(found: unknown, wanted: unknown, { path = '', mask }: Place): JsonDifference {
  return { path, wanted: shown(wanted), found: shown(found, mask) };
}

function shown(value: unknown, mask = (text: string) => text): string {
  const text = mask(JSON.stringify(value) ?? 'nothing');
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}

// CSI (also doubled ESC, and Linux's ESC [[ A), SS3, and ESC with one character (Alt and a key).
const SEQUENCE = /^\x1b(?:\x1b?\[\[?[0-?]*[ -/]*[@-~]|\x1b?O[0-9;]*[A-Za-z]|\x1b|[^\x1b[O])/u;

/**
 * Cuts what a terminal sent in one go into single keys: escape sequences, and each character by
 * itself. An escape sequence that is not whole stays whole with all that follows it.
 */
export function splitKeys(text: string): readonly string[] {
  const keys: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const [first = ''] = rest;
    const key = first === '\x1b' ? (SEQUENCE.exec(rest)?.[0] ?? rest) : first;
    keys.push(key);
    rest = rest.slice(key.length);
  }
  return keys;
}

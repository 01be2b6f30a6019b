import { textAt } from './json-at.ts';

/** What happens to containers and shows in the list of them; the checks of their health alone would be a flood. */
const ACTIONS = [
  'create',
  'start',
  'restart',
  'pause',
  'unpause',
  'oom',
  'die',
  'rename',
  'update',
  'destroy',
  'health_status',
];

/** Where the engine tells what happens to containers, from now on. */
export const eventsPath = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container'], event: ACTIONS }))}`;

/**
 * Reads the bytes of the engine's events: one JSON value a line, in pieces of any size. Tells the id of the container, and
 * what happened to it: one of {@link ACTIONS}, perhaps with more behind it.
 */
export function createEventReader(tell: (containerId: string, action: string) => void): (bytes: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id, action } = eventIn(line);
      if (id !== '') tell(id, action);
    }
  };
}

function eventIn(line: string): { readonly id: string; readonly action: string } {
  try {
    const event: unknown = JSON.parse(line);
    return { id: textAt(event, 'Actor', 'ID'), action: textAt(event, 'Action') };
  } catch {
    return { id: '', action: '' };
  }
}

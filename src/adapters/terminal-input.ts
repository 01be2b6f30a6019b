import { createInkStdin } from './ink-stdin.ts';
import { splitKeys } from './key-splitter.ts';
import { createPasteSplitter, type InputPart } from './paste-splitter.ts';

/** Who gets what the operator types. */
export type InputRoute =
  /** The screen: keys one by one to Ink's handlers, pastes to `onPaste`. */
  | { readonly kind: 'screen' }
  /** A command that is typed to in its pane: keys as bytes, a paste as its text. */
  | { readonly kind: 'typing'; readonly onBytes: (bytes: Uint8Array) => void; readonly onPaste: (text: string) => void }
  /** A command that has the terminal: every byte as it came. */
  | { readonly kind: 'raw'; readonly onBytes: (bytes: Uint8Array) => void };

/** The operator's keyboard. */
export type TerminalInput = {
  /** Begins to read. */
  readonly start: () => void;
  /** Stops reading; what is typed meanwhile stays with the terminal. The rest of what was read already is dropped. */
  readonly stop: () => void;
  /** Decides who gets what comes from now on; `screen` at first. */
  readonly route: (route: InputRoute) => void;
  /**
   * What had the keyboard has ended by itself: whoever types goes on typing to it. Until nothing came for a second, the
   * screen gets none of it.
   */
  readonly rest: () => void;
  /**
   * Counts bursts: bytes that came in one chunk, or within 30 ms of the one before, have the same
   * number; the same key again within 50 ms too, or, once it repeats, within 110 ms, as one that is held down repeats.
   * While a key's handler runs, it is the number of that key.
   */
  readonly burst: () => number;
  /** To be given to Ink as its `stdin`. */
  readonly inkStdin: NodeJS.ReadStream;
};

const BURST_GAP_MS = 30;
const REPEAT_GAP_MS = 50;
/** How slowly a held key may repeat, and how long it may wait before it does so at first. */
const SLOW_REPEAT_GAP_MS = 110;
const FIRST_REPEAT_GAP_MS = 800;
const REST_MS = 1_000;

/**
 * @param options.onPaste gets what is pasted while the screen has the keys: one call a paste, with line feeds as line ends and without other control characters
 * @param options.now milliseconds from any point, never going back; the real ones where absent
 */
export function createTerminalInput(options: {
  readonly stdin: Pick<NodeJS.ReadStream, 'on' | 'off' | 'resume' | 'pause'>;
  readonly onPaste: (text: string) => void;
  /** Called once when the terminal is gone: nothing more will be typed. */
  readonly onGone?: () => void;
  /** Told when the keyboard begins to rest, and when it is over. */
  readonly onRest?: (isResting: boolean) => void;
  readonly now?: () => number;
}): TerminalInput {
  const { stdin, onPaste, now = () => performance.now() } = options;
  const ink = createInkStdin();
  let split = createPasteSplitter();
  let decoder = new TextDecoder();
  let current: InputRoute = { kind: 'screen' };
  let burst = 0;
  let lastAtMs = Number.NEGATIVE_INFINITY;
  let lastBytes: Buffer = Buffer.alloc(0);
  let lastGapMs = Number.POSITIVE_INFINITY;
  let isResting = false;
  let isReading = false;
  let isGone = false;
  const gone = (): void => {
    if (!isGone) options.onGone?.();
    isGone = true;
  };
  stdin.on('error', gone);
  stdin.on('end', gone);

  const pushKeys = (keys: readonly string[]): void => {
    for (const key of keys) {
      // What follows a key that gave the keyboard away was not meant for the screen behind: a second `e`, say.
      if (!isReading) return;
      ink.push(key);
    }
  };
  const deliver = (part: InputPart): void => {
    if (!isReading) return;
    switch (current.kind) {
      case 'screen':
        if (part.kind === 'paste') onPaste(plainPaste(part.text));
        else pushKeys(splitKeys(decoder.decode(part.bytes, { stream: true })));
        return;
      case 'typing':
        if (part.kind === 'paste') current.onPaste(part.text);
        else current.onBytes(part.bytes);
        return;
      case 'raw':
        if (part.kind === 'keys') current.onBytes(part.bytes);
        return;
      default:
        current satisfies never;
    }
  };
  const read = (chunk: Buffer | string): void => {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    const at = now();
    const gapMs = at - lastAtMs;
    const isSame = bytes.equals(lastBytes);
    const repeatGapMs = lastGapMs <= FIRST_REPEAT_GAP_MS ? SLOW_REPEAT_GAP_MS : REPEAT_GAP_MS;
    if (gapMs > (isSame ? repeatGapMs : BURST_GAP_MS)) burst++;
    lastAtMs = at;
    lastBytes = bytes;
    lastGapMs = isSame ? gapMs : Number.POSITIVE_INFINITY;
    if (isResting && current.kind === 'screen') return;
    if (current.kind === 'raw') current.onBytes(bytes);
    else for (const part of split(bytes, at)) deliver(part);
  };

  return {
    start: () => {
      isReading = true;
      stdin.off('data', read);
      stdin.on('data', read);
      stdin.resume();
    },
    stop: () => {
      isReading = false;
      stdin.off('data', read);
      stdin.pause();
    },
    route: (route) => {
      current = route;
      split = createPasteSplitter();
      decoder = new TextDecoder();
    },
    rest: () => {
      lastAtMs = now();
      if (isResting) return;
      isResting = true;
      options.onRest?.(true);
      const look = () => {
        const leftMs = lastAtMs + REST_MS - now();
        if (leftMs > 0) {
          setTimeout(look, leftMs);
          return;
        }
        isResting = false;
        options.onRest?.(false);
      };
      setTimeout(look, REST_MS);
    },
    burst: () => burst,
    inkStdin: ink.stream,
  };
}

function plainPaste(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, '');
}

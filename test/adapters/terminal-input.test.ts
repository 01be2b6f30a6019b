import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { splitKeys } from '../../src/adapters/key-splitter.ts';
import { createPasteSplitter, type InputPart } from '../../src/adapters/paste-splitter.ts';
import { createTerminalInput } from '../../src/adapters/terminal-input.ts';

describe('keys', () => {
  test.each([
    ['jjk', ['j', 'j', 'k']],
    ['\x1b[A\x1b[B', ['\x1b[A', '\x1b[B']],
    ['r\r', ['r', '\r']],
    ['\x1bOP\x1b[15~x', ['\x1bOP', '\x1b[15~', 'x']],
    ['\x1b[1;5Ax', ['\x1b[1;5A', 'x']],
    ['\x1ba', ['\x1ba']],
    ['\x1b', ['\x1b']],
    ['\x1b\x1b[A', ['\x1b\x1b[A']],
    ['\x1b\x1b', ['\x1b\x1b']],
    ['x\x1b[', ['x', '\x1b[']],
    ['é日🚀', ['é', '日', '🚀']],
    ['\x1b[[A.', ['\x1b[[A', '.']],
    ['', []],
  ])('%j are %j', (text, keys) => {
    expect(splitKeys(text)).toEqual(keys);
  });

  test('none is lost or changed', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('\x1b', '[', 'O', 'A', '1', ';', '~', 'a', '日')),
        (parts) => splitKeys(parts.join('')).join('') === parts.join(''),
      ),
    );
  });
});

describe('pastes', () => {
  const feed = (chunks: readonly string[], gapMs = 1): readonly InputPart[] => {
    const split = createPasteSplitter();
    return chunks.flatMap((chunk, index) => split(Buffer.from(chunk), index * gapMs));
  };
  const shown = (parts: readonly InputPart[]): readonly string[] =>
    parts.map((part) => (part.kind === 'keys' ? part.bytes.toString() : `<${part.text}>`));

  test('are found between keys', () => {
    expect(shown(feed(['a\x1b[200~r\ry\x1b[201~b']))).toEqual(['a', '<r\ry>', 'b']);
  });

  test('are one thing however they are cut, and no key is lost', () => {
    const text = 'x\x1b[A\x1b[200~one\ntwo \x1b[31m\x1b[201~y\x1b[200~\x1b[201~z';
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
        // A mark cut right behind its Escape, or "ESC [", can't be told from a key; terminals send it whole.
        const starts = Array.from(text.matchAll(/\[200~/g), ({ index }) => index - 1);
        const sorted = cuts
          .filter((cut) => !starts.some((start) => cut === start + 1 || cut === start + 2))
          .sort((a, b) => a - b);
        const chunks = [...sorted, text.length].map((cut, index) => text.slice(sorted[index - 1] ?? 0, cut));
        const joined = shown(feed(chunks)).join('');
        expect(joined).toBe('x\x1b[A<one\ntwo \x1b[31m>y<>z');
      }),
    );
  });

  test('one whose end never comes is given up when keys come later', () => {
    const parts = feed(['\x1b[200~half', 'q'], 5000);
    expect(parts).toMatchObject([{ kind: 'paste', text: 'half', isWhole: false }, { kind: 'keys' }]);
  });

  test('one that is huge is bounded, and says so', () => {
    const parts = feed(['\x1b[200~', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000)), '\x1b[20', '1~q']);
    expect(parts).toMatchObject([{ kind: 'paste', isWhole: false }, { kind: 'keys' }]);
    expect(parts[0]?.kind === 'paste' && parts[0].text.length).toBe(1024 * 1024);
  });
});

describe('the keyboard', () => {
  function start() {
    const stdin = Object.assign(new EventEmitter(), { resume: () => stdin, pause: () => stdin });
    let at = 0;
    const pasted: string[] = [];
    const keys: string[] = [];
    let gone = 0;
    const input = createTerminalInput({
      onGone: () => gone++,
      stdin: stdin as unknown as NodeJS.ReadStream,
      onPaste: (text) => pasted.push(text),
      now: () => at,
    });
    input.inkStdin.on('readable', () => {
      for (let key = input.inkStdin.read(); key !== null; key = input.inkStdin.read())
        keys.push(`${key}#${input.burst()}`);
    });
    input.start();
    const type = (text: string | Buffer, afterMs = 100): void => {
      at += afterMs;
      stdin.emit('data', Buffer.from(text));
    };
    return { input, type, keys, pasted, stdin, gone: () => gone };
  }

  test('gives keys one by one, with the burst they came in', () => {
    const { type, keys } = start();
    type('r\r');
    type('x', 10);
    type('\r', 31);
    expect(keys).toEqual(['r#1', '\r#1', 'x#1', '\r#2']);
  });

  test('a key held down is one burst', () => {
    const { type, keys } = start();
    for (let n = 0; n < 5; n++) type('r', 45);
    expect(new Set(keys)).toEqual(new Set(['r#1']));
    type('x', 45);
    expect(keys.at(-1)).toBe('x#2');
  });

  test('one that repeats slowly, after the delay that comes first, is one burst from its first repeat on', () => {
    const { type, keys } = start();
    type('r');
    type('r', 400);
    for (let n = 0; n < 5; n++) type('r', 90);
    expect(keys).toEqual(['r#1', ...Array.from({ length: 6 }, () => 'r#2')]);
    type('r', 900);
    type('r', 90);
    expect(keys.slice(-2)).toEqual(['r#3', 'r#4']);
  });

  test('what is typed on to a command that has ended is nobody’s, until there is a pause', async () => {
    const rests: boolean[] = [];
    const stdin = Object.assign(new EventEmitter(), { resume: () => stdin, pause: () => stdin });
    const keys: string[] = [];
    let at = 0;
    const input = createTerminalInput({
      stdin: stdin as unknown as NodeJS.ReadStream,
      onPaste: () => keys.push('paste'),
      onRest: (isResting) => rests.push(isResting),
      now: () => at,
    });
    input.inkStdin.on('readable', () => {
      for (let key = input.inkStdin.read(); key !== null; key = input.inkStdin.read()) keys.push(String(key));
    });
    input.start();
    vi.useFakeTimers();
    const pass = (ms: number) => {
      at += ms;
      vi.advanceTimersByTime(ms);
    };
    const type = (text: string) => stdin.emit('data', Buffer.from(text));
    input.route({ kind: 'raw', onBytes: () => {} });
    type('restar');
    input.route({ kind: 'screen' });
    input.rest();
    for (const key of ['r', '\r', '\x1b[200~x\x1b[201~']) {
      pass(900);
      type(key);
    }
    expect([keys, rests]).toEqual([[], [true]]);
    pass(1_000);
    vi.useRealTimers();
    type('q');
    expect([keys, rests]).toEqual([['q'], [true, false]]);
  });

  test('what was read behind a key that gave the keyboard away is nobody’s', () => {
    const { input, type, keys, pasted } = start();
    input.inkStdin.on('readable', () => {
      if (keys.at(-1)?.startsWith('e')) input.stop();
    });
    type('xear\r\x1b[200~pasted\x1b[201~');
    input.start();
    type('y');
    expect(keys).toEqual(['x#1', 'e#1', 'y#2']);
    expect(pasted).toEqual([]);
  });

  test('a paste is text, with line feeds and nothing that controls', () => {
    const { type, keys, pasted } = start();
    type('\x1b[200~a\r\nb\rc\x1b[31m\x07\td\x1b[201~');
    expect(pasted).toEqual(['a\nb\nc[31m\td']);
    expect(keys).toEqual([]);
  });

  test('a character cut in two is one key', () => {
    const { type, keys } = start();
    type(Buffer.from('é').subarray(0, 1));
    type(Buffer.from('é').subarray(1), 5);
    expect(keys).toEqual(['é#1']);
  });

  test('typing to a command: its bytes, and a paste as text', () => {
    const { input, type, keys } = start();
    const got: string[] = [];
    input.route({
      kind: 'typing',
      onBytes: (bytes) => got.push(Buffer.from(bytes).toString()),
      onPaste: (text) => got.push(`<${text}>`),
    });
    type('y\r\x1b[200~a\rb\x1b[201~\x03');
    expect(got).toEqual(['y\r', '<a\rb>', '\x03']);
    input.route({ kind: 'screen' });
    type('k');
    expect(keys).toEqual(['k#2']);
  });

  test('a command that has the terminal gets every byte as it came', () => {
    const { input, type } = start();
    const got: Buffer[] = [];
    input.route({ kind: 'raw', onBytes: (bytes) => got.push(Buffer.from(bytes)) });
    type('\x1b[200~a\x1b[201~');
    type(Buffer.from([0xff, 0x00]));
    expect(Buffer.concat(got)).toEqual(Buffer.concat([Buffer.from('\x1b[200~a\x1b[201~'), Buffer.from([0xff, 0x00])]));
  });

  test('a key that nobody listens to does not act on who listens next', () => {
    const { input, type, keys } = start();
    input.inkStdin.removeAllListeners('readable');
    type('\r');
    input.inkStdin.on('readable', () => keys.push(String(input.inkStdin.read())));
    type('k');
    expect(keys).toEqual(['k']);
  });

  test('says once that the terminal is gone, and throws nothing', () => {
    const { stdin, gone } = start();
    stdin.emit('error', new Error('EIO'));
    stdin.emit('end');
    expect(gone()).toBe(1);
  });
});

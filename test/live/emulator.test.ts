import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Grid, rowText } from '../../src/live/cells.ts';
import { compose, diff } from '../../src/live/compositor.ts';
import { createEmulator } from '../../src/live/emulator.ts';
import { createScreen } from '../support/screen.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const texts = (grid: Grid): readonly string[] => Array.from({ length: grid.rows }, (_, y) => rowText(grid, y));

function fresh(answers: string[] = []) {
  return createEmulator({ columns: 20, rows: 4, scrollbackLines: 10, onAnswer: (answer) => answers.push(answer) });
}

describe('the emulator', () => {
  test('shows what a terminal would: carriage returns, cursor moves, a progress bar that redraws', async () => {
    const emulator = fresh();
    await emulator.write(bytes('10%\r55%\r\nlayer a\r\nlayer b\x1b[1A\r\x1b[2Kdone\x1b[1B'));
    expect(emulator.text()).toEqual(['55%', 'done', 'layer b']);
    expect(texts(emulator.rowsAt(1, 3))).toEqual(['done', 'layer b', '']);
    emulator.dispose();
  });

  test('keeps a bounded number of lines', async () => {
    const emulator = fresh();
    await emulator.write(bytes(Array.from({ length: 100 }, (_, n) => `line ${n}\r\n`).join('')));
    expect(emulator.lineCount()).toBe(13);
    expect(emulator.text()[0]).toBe('line 87');
    emulator.dispose();
  });

  test('a mark stays with its line while others are dropped, and says when it is gone', async () => {
    const emulator = fresh();
    await emulator.write(bytes('a\r\nb\r\nc\r\n'));
    const mark = emulator.mark(1);
    await emulator.write(bytes('x\r\n'.repeat(11)));
    expect(emulator.text()[mark?.line() ?? -1]).toBe('b');
    await emulator.write(bytes('x\r\n'.repeat(11)));
    expect(mark?.line()).toBeUndefined();
    emulator.dispose();
  });

  test('reads colours and looks', async () => {
    const emulator = fresh();
    await emulator.write(bytes('\x1b[1;31mA\x1b[m\x1b[48;2;1;2;3m日\x1b[m\x1b[7;9mB'));
    const grid = emulator.rowsAt(0, 1);
    expect(grid.foregrounds[0]).toBe(0x1000001);
    expect(grid.attributes[0]).toBe(1);
    expect(grid.backgrounds[1]).toBe(0x2010203);
    expect(grid.glyphs.slice(0, 4)).toEqual(['A', '日', '', 'B']);
    expect(grid.attributes[3]).toBe(16 | 32);
    emulator.dispose();
  });

  test('answers queries through its callback only', async () => {
    const answers: string[] = [];
    const emulator = fresh(answers);
    await emulator.write(bytes('ab\x1b[c\x1b[6n'));
    expect(answers).toEqual(['\x1b[?1;2c', '\x1b[1;3R']);
    expect(emulator.text()).toEqual(['ab']);
    emulator.dispose();
  });

  test('takes a character that is split over two writes', async () => {
    const emulator = fresh();
    const sun = bytes('日');
    await emulator.write(sun.subarray(0, 1));
    await emulator.write(sun.subarray(1));
    expect(emulator.text()).toEqual(['日']);
    emulator.dispose();
  });

  test('wraps anew at another size, and says which lines go on', async () => {
    const emulator = fresh();
    await emulator.write(bytes('abcdefghijklmnopqrstuvwxyz\r\n'));
    expect(emulator.isContinued(1)).toBe(true);
    emulator.resize(30, 4);
    expect(emulator.text()).toEqual(['abcdefghijklmnopqrstuvwxyz']);
    emulator.dispose();
  });

  test('full-screen programs work in it, and leave what was there before', async () => {
    const emulator = fresh();
    await emulator.write(bytes('before\r\n\x1b[?1049h\x1b[2J\x1b[2;3Hfull'));
    expect(emulator.modes().isAlternateScreen).toBe(true);
    expect(texts(emulator.rowsAt(0, 4))).toEqual(['', '  full', '', '']);
    await emulator.write(bytes('\x1b[?1049l'));
    expect(emulator.text()).toEqual(['before']);
    emulator.dispose();
  });

  test('is empty and plain again after a reset', async () => {
    const emulator = fresh();
    await emulator.write(bytes('\x1b[31m\x1b[?2004hred'));
    emulator.reset();
    await emulator.write(bytes('x'));
    expect(emulator.text()).toEqual(['x']);
    expect(emulator.rowsAt(0, 1).foregrounds[0]).toBe(0);
    expect(emulator.modes().bracketedPaste).toBe(false);
    emulator.dispose();
  });
});

describe('hostile output', () => {
  const hostile: readonly (readonly [string, string])[] = [
    ['a title', '\x1b]0;owned\x07\x1b]2;owned\x1b\\'],
    ['a clipboard write and a query of it', '\x1b]52;c;aGFoYQ==\x07\x1b]52;c;?\x07'],
    ['a hyperlink', '\x1b]8;;file:///etc/passwd\x1b\\click\x1b]8;;\x1b\\'],
    ['mouse modes, focus and pastes', '\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h'],
    ['the alternate screen and a reset', '\x1b[?1049h\x1bc\x1b[!p'],
    ['queries', '\x1b[c\x1b[>c\x1b[6n\x1b[5n\x1b]10;?\x07\x1b]11;?\x07\x1bP+q544e\x1b\\\x1b[?u\x1b[18t'],
    ['window operations', '\x1b[8;10;10t\x1b[3;0;0t\x1b[2t\x1b[20t\x1b[21t'],
    [
      'images and other strings',
      '\x1bPq#0;2;0;0;0#0~~@@vv\x1b\\\x1b_Gf=24,s=1,v=1;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\',
    ],
    ['8-bit controls', '\u009b31m\u009d0;t\u009c\u0090dcs\u009c\u0085'],
    ['reordered text', 'safe\u202egnp.exe\u2066x\u2069\u200f\u061c'],
    ['bells, nulls, shifts', '\x07\x00\x0e lqqk \x0f\x7f\x08\x0b\x0c'],
    [
      'a notification, a working folder, a progress',
      '\x1b]9;hi\x07\x1b]7;file://h/\x07\x1b]9;4;1;50\x07\x1b]777;notify;a;b\x07',
    ],
    ['a string without an end', '\x1b]0;never ends'],
    ['zalgo', `e${'\u0301'.repeat(500)}`],
    ['huge parameters', `\x1b[${'9'.repeat(400)}C\x1b[999999999;999999999Hx\x1b[38;5;999mx`],
  ];
  const screenSize = { columns: 20, rows: 4, colours: 'rgb', ascii: false } as const;

  async function reachesTerminal(output: string | Uint8Array): Promise<string> {
    const emulator = createEmulator({ columns: 20, rows: 4, scrollbackLines: 10 });
    await emulator.write(typeof output === 'string' ? bytes(output) : output);
    const grid = compose([{ grid: emulator.rowsAt(0, 4), at: { x: 0, y: 0, width: 20, height: 4 } }], screenSize);
    emulator.dispose();
    return diff(undefined, grid);
  }

  function expectHarmless(sent: string): void {
    expect(sent.startsWith('\x1b[?2026h')).toBe(true);
    const text = sent.slice(8, -8).replace(/\x1b\[[\d;]*[mHCGKXJ]/g, '');
    expect(text).not.toMatch(/[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
    expect(text.length).toBeLessThan(20 * 4 * 6);
  }

  test.each(hostile)('%s: only text and colour reach the terminal', async (_, output) => {
    const sent = await reachesTerminal(`before ${output} after`);
    expectHarmless(sent);
    const screen = createScreen(20, 4);
    await screen.write(sent);
    expect(screen.titles()).toEqual([]);
    expect(screen.answers()).toEqual([]);
    expect(screen.isAlternate()).toBe(false);
    expect(screen.modes()).toMatchObject({
      mouseTrackingMode: 'none',
      bracketedPasteMode: false,
      sendFocusMode: false,
    });
    screen.dispose();
  });

  test('whatever the bytes are', async () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.constantFrom(...hostile.map(([, output]) => output)).map(bytes),
      fc.constantFrom('\x1b[', '\x1b]', '日', 'ab\r\n', '\x1b[7;41m').map(bytes),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) =>
        expectHarmless(await reachesTerminal(Buffer.concat(pieces))),
      ),
      { numRuns: 150 },
    );
  });

  test('reordering characters become visible', async () => {
    expect(await reachesTerminal('a\u202eb')).toContain('a\uFFFD');
  });
});

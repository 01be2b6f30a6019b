import { describe, expect, test } from 'vitest';
import { rowText } from '../../src/live/cells.ts';
import type { OutputSource } from '../../src/live/output-source.ts';
import { createOutputView, type OutputView } from '../../src/live/output-view.ts';
import { readableBytes } from '../../src/live/output-window.ts';

/** An output in memory that counts what is read of it. */
function memorySource(text = '') {
  let bytes = Buffer.from(text);
  let readBytes = 0;
  const source: OutputSource = {
    size: () => bytes.length,
    read: async (offset, maxBytes) => {
      const part = bytes.subarray(offset, offset + maxBytes);
      readBytes += part.length;
      return part;
    },
  };
  return {
    source,
    append: (more: string | Buffer) => {
      bytes = Buffer.concat([bytes, Buffer.from(more)]);
    },
    replace: (all: string) => {
      bytes = Buffer.from(all);
    },
    readBytes: () => readBytes,
  };
}

/** An output of numbered lines that is never held as a whole. */
function numberedSource(lines: number): OutputSource {
  const width = 20;
  return {
    size: () => lines * width,
    read: async (offset, maxBytes) => {
      const first = Math.floor(offset / width);
      const last = Math.min(lines, Math.ceil((offset + maxBytes) / width));
      const text = Array.from({ length: Math.max(0, last - first) }, (_, n) =>
        `line ${first + n}`.padEnd(width - 2).concat('\r\n'),
      ).join('');
      return Buffer.from(text).subarray(offset - first * width, offset - first * width + maxBytes);
    },
  };
}

const rowsOf = (view: OutputView): readonly string[] => {
  const grid = view.rows();
  return Array.from({ length: grid.rows }, (_, y) => rowText(grid, y));
};

async function settle(view: OutputView): Promise<void> {
  for (let ticks = 1; ticks < 1000; ticks++) if (!(await view.tick()).isBehind) return;
  throw new Error('the view never catches up');
}

const numbered = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `line ${from + n}\r\n`).join('');

describe('an output', () => {
  test('is shown as it grows, at its end', async () => {
    const { source, append } = memorySource('one\r\n');
    const view = createOutputView({ source, columns: 20, rows: 3 });
    expect(rowsOf(view)).toEqual(['', '', '']);
    expect(await view.tick()).toEqual({ isChanged: true, isBehind: false });
    append('two\r\nthree\r\nfour\r\n');
    await view.tick();
    expect(rowsOf(view)).toEqual(['two', 'three', 'four']);
    expect(await view.tick()).toEqual({ isChanged: false, isBehind: false });
    view.dispose();
  });

  test('of pipes has its lines at the left, of a terminal where that has them', async () => {
    for (const [isPlain, rows] of [
      [true, ['one', 'two']],
      [false, ['one', '   two']],
    ] as const) {
      const view = createOutputView({ source: { ...memorySource('one\ntwo').source, isPlain }, columns: 20, rows: 2 });
      await settle(view);
      expect(rowsOf(view)).toEqual(rows);
      view.dispose();
    }
  });

  test('stays where one reads, counts what comes, and follows again at the end', async () => {
    const { source, append } = memorySource(numbered(0, 50));
    const view = createOutputView({ source, columns: 20, rows: 4, scrollbackLines: 100 });
    await settle(view);
    view.scroll('pageUp');
    expect(rowsOf(view)).toEqual(['line 43', 'line 44', 'line 45', 'line 46']);
    for (let round = 0; round < 20; round++) {
      append(numbered(50 + round * 100, 150 + round * 100));
      await settle(view);
      expect(rowsOf(view)[0]).toBe('line 43');
    }
    expect(view.position()).toEqual({ kind: 'paused', newLines: 2000, isExact: true });
    view.scroll('pageDown');
    await settle(view);
    expect(rowsOf(view)[0]).toBe('line 46');
    view.scroll('end');
    await settle(view);
    expect(view.position()).toEqual({ kind: 'following' });
    expect(rowsOf(view)[3]).toBe('line 2049');
    view.dispose();
  });

  test('can be read downwards from where one stopped, without a gap', async () => {
    const view = createOutputView({ source: numberedSource(3000), columns: 20, rows: 5, scrollbackLines: 200 });
    await settle(view);
    view.scroll('home');
    view.scroll('home');
    await settle(view);
    expect(rowsOf(view)).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
    for (let top = 4; top <= 2900; top += 4) {
      view.scroll('pageDown');
      await settle(view);
      expect(rowsOf(view)[0]).toBe(`line ${top}`);
    }
    view.dispose();
  });

  test('can be read upwards beyond what is held, without a gap', async () => {
    const view = createOutputView({ source: numberedSource(60_000), columns: 20, rows: 5, scrollbackLines: 300 });
    await settle(view);
    for (let page = 1; page <= 600; page++) {
      view.scroll('pageUp');
      await settle(view);
      expect(rowsOf(view)[0]).toBe(`line ${60_000 - 5 - page * 4}`);
    }
    view.dispose();
  });

  test('of 200 MB is at its end after one tick, and its last part is then filled in without a gap', async () => {
    const lines = 10_000_000;
    const view = createOutputView({ source: numberedSource(lines), columns: 20, rows: 5, scrollbackLines: 60_000 });
    await view.tick();
    expect(rowsOf(view)).toEqual([5, 4, 3, 2, 1].map((back) => `line ${lines - back}`));
    // How many ticks it takes follows the machine's speed; `settle` bounds them.
    await settle(view);
    expect(rowsOf(view)[4]).toBe(`line ${lines - 1}`);
    const text = view.text();
    expect(text[0]).toMatch(/^… 19/);
    const numbers = text.filter((line) => line.startsWith('line ')).map((line) => Number(line.slice(5)));
    expect(numbers.length).toBeGreaterThan(50_000);
    expect(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)).toBe(true);
    view.dispose();
  });

  test('does not move while its last part is filled in behind someone who reads', async () => {
    const view = createOutputView({ source: numberedSource(1_000_000), columns: 20, rows: 5 });
    await view.tick();
    view.scroll('pageUp');
    const before = rowsOf(view);
    await settle(view);
    expect(rowsOf(view)).toEqual(before);
    view.dispose();
  });

  test('with a part that was not kept is read over the cut', async () => {
    const head = Buffer.from(numbered(0, 22));
    const from = head.length;
    const to = 150_000_000;
    const source: OutputSource = {
      size: () => to + 200,
      read: async (offset, maxBytes) => {
        if (offset < from) return head.subarray(offset, Math.min(from, offset + maxBytes));
        if (offset >= to) return Buffer.from('tail\r\n'.padEnd(200, 'x')).subarray(offset - to, offset - to + maxBytes);
        const bytes = Buffer.alloc(Math.min(maxBytes, to - offset));
        if (offset === from) bytes.write('\r\n[cut]\r\n');
        return bytes;
      },
      cuts: async () => [{ from, to }],
    };
    const view = createOutputView({ source, columns: 20, rows: 6 });
    await settle(view);
    view.scroll('home');
    view.scroll('home');
    await settle(view);
    expect(rowsOf(view)[0]).toBe('line 0');
    for (let page = 0; page < 10; page++) {
      view.scroll('pageDown');
      await settle(view);
    }
    expect(view.text()).toContain('[cut]');
    expect(view.text()).toContain('tail');
    view.dispose();
  });

  test('costs a bounded amount a tick, however fast it grows', async () => {
    const { source, append, readBytes } = memorySource();
    const view = createOutputView({ source, columns: 20, rows: 5 });
    const burst = Buffer.from('y\r\n'.repeat(700_000));
    for (let round = 0; round < 5; round++) {
      append(burst);
      const before = readBytes();
      await view.tick();
      expect(readBytes() - before).toBeLessThan(300_000);
      expect(rowsOf(view)[3]).toBe('y');
    }
    view.dispose();
  });

  test('reads nothing while it is not visible', async () => {
    const { source, readBytes } = memorySource('text');
    const view = createOutputView({ source, columns: 20, rows: 2 });
    view.setVisible(false);
    await view.tick();
    expect(readBytes()).toBe(0);
    view.setVisible(true);
    await view.tick();
    expect(rowsOf(view)[0]).toBe('text');
    view.dispose();
  });

  test('that begins anew is shown anew', async () => {
    const { source, replace } = memorySource('a longer text');
    const view = createOutputView({ source, columns: 20, rows: 2 });
    await settle(view);
    replace('short');
    await settle(view);
    expect(rowsOf(view)).toEqual(['short', '']);
    view.dispose();
  });

  test('keeps its place when it is resized while one reads', async () => {
    const { source } = memorySource(numbered(0, 100));
    const view = createOutputView({ source, columns: 20, rows: 4 });
    await settle(view);
    view.scroll('pageUp');
    view.scroll('pageUp');
    const [first] = rowsOf(view);
    view.resize(30, 6);
    expect(rowsOf(view)[0]).toBe(first);
    expect(view.rows()).toMatchObject({ columns: 30, rows: 6 });
    view.dispose();
  });

  test('answers only queries that come while it is watched', async () => {
    const answers: string[] = [];
    const { source, append } = memorySource('old \x1b[6n');
    const view = createOutputView({ source, columns: 20, rows: 2, onAnswer: (answer) => answers.push(answer) });
    await settle(view);
    expect(answers).toEqual([]);
    append('new \x1b[6n');
    await settle(view);
    expect(answers).toEqual(['\x1b[1;9R']);
    view.setVisible(false);
    append('\x1b[6n');
    view.setVisible(true);
    await settle(view);
    expect(answers).toHaveLength(1);
    view.dispose();
  });

  test('shows the cursor of a command one types to', async () => {
    const { source } = memorySource('Password: ');
    const view = createOutputView({ source, columns: 20, rows: 2 });
    await settle(view);
    expect(view.rows().attributes[10]).toBe(0);
    view.showCursor(true);
    expect(view.rows().attributes[10]).toBe(16);
    view.dispose();
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [3400, '3.4 kB'],
  [198_951_424, '199.0 MB'],
])('%i bytes read as %s', (bytes, text) => {
  expect(readableBytes(bytes)).toBe(text);
});

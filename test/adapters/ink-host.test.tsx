import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { Box, Text, useInput, useWindowSize } from 'ink';
import { useEffect, useState } from 'react';
import { describe, expect, test } from 'vitest';
import { mountInk } from '../../src/adapters/ink-host.ts';
import { createTerminalInput } from '../../src/adapters/terminal-input.ts';
import { parseAnsiFrame } from '../../src/live/ansi-row.ts';
import { rowText } from '../../src/live/cells.ts';
import { waitFor } from '../support/wait-for.ts';

function start(columns = 30, rows = 5) {
  const stdin = Object.assign(new EventEmitter(), { resume: () => stdin, pause: () => stdin });
  // On a busy machine any time passes between two keys that are typed at once.
  const now = () => 0;
  const input = createTerminalInput({ stdin: stdin as unknown as NodeJS.ReadStream, onPaste: () => {}, now });
  input.start();
  const frames: string[] = [];
  const mount = (node: React.ReactNode) =>
    mountInk(node, { columns, rows, stdin: input.inkStdin, onFrame: (frame) => frames.push(frame) });
  return { stdin, input, frames, mount, type: (text: string) => stdin.emit('data', Buffer.from(text)) };
}

function Keys({ burst }: { readonly burst: () => number }) {
  const [seen, setSeen] = useState<readonly string[]>([]);
  useInput((input, key) =>
    setSeen((before) => [
      ...before,
      `${key.upArrow ? 'up' : key.escape ? 'esc' : key.return ? 'enter' : input}${burst()}`,
    ]),
  );
  return (
    <Box width={30} height={5} borderStyle="round">
      <Text color="red">{seen.join(' ') || 'none'}</Text>
    </Box>
  );
}

describe('Ink behind the compositor', () => {
  test('hands over whole frames, one for each change, and nothing else', async () => {
    const { input, frames, mount, type } = start();
    const ink = mount(<Keys burst={input.burst} />);
    await waitFor(() => input.inkStdin.listenerCount('readable') > 0);
    type('a');
    type('\x1b[Ajk');
    await waitFor(() => frames.at(-1)?.includes('a1 up1 j1 k1'));
    expect(frames.every((frame) => frame.split('\n').length === 5 && frame.startsWith('╭'))).toBe(true);
    const grid = parseAnsiFrame(frames.at(-1) ?? '', 30, 5);
    expect(rowText(grid, 1)).toBe(`│${'a1 up1 j1 k1'.padEnd(28)}│`);
    expect(grid.foregrounds[31]).toBe(0x1000001);
    const count = frames.length;
    ink.unmount();
    await ink.ended;
    expect(frames).toHaveLength(count);
  });

  test('a lone Escape is a key', async () => {
    const { input, frames, mount, type } = start();
    const ink = mount(<Keys burst={input.burst} />);
    await waitFor(() => input.inkStdin.listenerCount('readable') > 0);
    type('\x1b');
    await waitFor(() => frames.at(-1)?.includes('esc1'));
    ink.unmount();
  });

  test('draws at its new size', async () => {
    function Size() {
      const { columns, rows } = useWindowSize();
      return <Text>{`${columns}x${rows}`}</Text>;
    }
    const { frames, mount } = start();
    const ink = mount(<Size />);
    expect(frames.at(-1)).toBe('30x5');
    ink.resize(44, 9);
    await waitFor(() => frames.at(-1) === '44x9');
    ink.unmount();
  });

  test('reports what a component throws', async () => {
    function Broken(): React.ReactNode {
      const [isBroken, breakIt] = useState(false);
      useEffect(() => breakIt(true), []);
      if (isBroken) throw new Error('broken pane');
      return <Text>fine</Text>;
    }
    const { mount } = start();
    await expect(mount(<Broken />).ended).rejects.toThrow('broken pane');
  });

  test('writes nothing to the real terminal, and lets the process end', () => {
    const script = `
      import { createElement } from 'react';
      import { Text } from 'ink';
      import { mountInk } from ${JSON.stringify(new URL('../../src/adapters/ink-host.ts', import.meta.url).href)};
      import { createInkStdin } from ${JSON.stringify(new URL('../../src/adapters/ink-stdin.ts', import.meta.url).href)};
      const ink = mountInk(createElement(Text, null, 'x'), { columns: 10, rows: 2, stdin: createInkStdin().stream, onFrame: () => {} });
      ink.unmount();
      await ink.ended;
    `;
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url).pathname,
      encoding: 'utf8',
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});

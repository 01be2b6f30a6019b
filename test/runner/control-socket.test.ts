import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identifySelf } from '../../src/adapters/process-identity.ts';
import { type ControlSocket, openControlSocket } from '../../src/runner/control-socket.ts';
import { waitFor } from '../support/wait-for.ts';

let folder: string;
let control: ControlSocket;
let requests: unknown[];
const clients: Socket[] = [];
const path = () => join(folder, 's', 'a');

beforeEach(async () => {
  folder = mkdtempSync('/tmp/rb-');
  requests = [];
  const onRequest = (request: unknown) => requests.push(request);
  control = await openControlSocket({
    path: path(),
    runId: 'run',
    attempt: 1,
    runner: await identifySelf(),
    onRequest,
  });
  await control.publish();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await control.close();
  rmSync(folder, { recursive: true, force: true });
});

function client(...lines: readonly unknown[]): { readonly socket: Socket; readonly text: () => string } {
  const socket = connect(path());
  let text = '';
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  for (const line of lines) socket.write(`${JSON.stringify(line)}\n`);
  clients.push(socket);
  return { socket, text: () => text };
}

const hello = { type: 'hello', runId: 'run', attempt: 1 };

describe('a control socket', () => {
  test('is private', () => {
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 's')).mode & 0o777).toBe(0o700);
  });

  test('tells everybody who said hello, what was before too, and streams to those who asked', async () => {
    control.report({ type: 'started', at: 1 });
    const one = client(hello);
    const other = client(hello, { type: 'stream', on: true }, { type: 'stop' });
    await waitFor(() => requests.length === 1 && one.text().includes('started') && other.text().includes('started'));
    control.stream(Buffer.from('bytes'));
    control.report({ type: 'ready', at: 2 });
    await waitFor(() => one.text().includes('ready') && other.text().includes('ready'));
    expect(other.text()).toContain(`{"type":"output","data":"${Buffer.from('bytes').toString('base64')}"}`);
    expect(one.text()).not.toContain('output');
    expect(requests).toEqual([{ type: 'stop' }]);
  });

  test.each([
    ['another attempt', { ...hello, attempt: 2 }],
    ['a request before hello', { type: 'stop' }],
    ['something unknown', { type: 'dance' }],
    ['no JSON object', null],
  ])('closes on %s and does nothing', async (_, line) => {
    const { socket } = client(line);
    await waitFor(() => socket.destroyed);
    expect(requests).toEqual([]);
  });

  test('drops who does not read, and nobody else', async () => {
    const reading = client(hello, { type: 'stream', on: true });
    const slow = client(hello, { type: 'stream', on: true });
    await waitFor(() => reading.text().includes('hello') && slow.text().includes('hello'));
    slow.socket.pause();
    let isClosed = false;
    slow.socket.on('close', () => {
      isClosed = true;
    });
    const bytes = Buffer.alloc(256 * 1024, 'x');
    for (let round = 0; round < 80; round++) {
      const before = reading.text().length;
      control.stream(bytes);
      await waitFor(() => reading.text().length > before + bytes.length);
    }
    slow.socket.resume();
    await waitFor(() => isClosed);
    expect(slow.text().length).toBeLessThan(reading.text().length);
    expect(reading.socket.destroyed).toBe(false);
  });
});

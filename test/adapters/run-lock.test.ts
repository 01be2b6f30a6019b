import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifySelf } from '../../src/adapters/process-identity.ts';
import { isProvenDead, type LockRecord, readLock, takeLock } from '../../src/adapters/run-lock.ts';
import { waitFor } from '../support/wait-for.ts';

const holder = fileURLToPath(new URL('../fixtures/hold-lock.ts', import.meta.url));
let folder: string;
let path: string;
const children: ChildProcessWithoutNullStreams[] = [];

beforeEach(() => {
  folder = mkdtempSync('/tmp/rb-lock-');
  path = join(folder, 'lock');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that takes the lock; resolves with what came of it. */
async function another(...args: readonly string[]) {
  const child = spawn(process.execPath, [holder, path, ...args]);
  children.push(child);
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    said += data.toString();
  });
  await waitFor(() => said.includes('\n'), { what: 'the other process says what came of it' });
  return { child, said: said.trim() };
}

async function dead(child: ChildProcessWithoutNullStreams): Promise<void> {
  child.kill('SIGKILL');
  await waitFor(() => child.signalCode !== null, { what: 'the other process is dead' });
}

const take = (force = false) => takeLock(path, 'rob@studio', 5, force);

async function write(changes: Partial<LockRecord>): Promise<LockRecord> {
  const record = { ...(await identifySelf()), by: 'ann@studio', since: 3, ...changes };
  writeFileSync(path, `${JSON.stringify(record)}\n`);
  return record;
}

test('one process holds it, another is told by whom', async () => {
  const { said } = await another();
  expect(said).toBe('held');
  expect(await take()).toMatchObject({ kind: 'busy', holder: { by: 'other@studio', since: 1 } });
  expect((await another()).said).toBe('busy other@studio');
});

test('of many that try at once one gets it', async () => {
  const all = await Promise.all(Array.from({ length: 6 }, () => take()));
  expect(all.filter((one) => one.kind === 'held')).toHaveLength(1);
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('given back it can be had', async () => {
  const { child } = await another();
  child.stdin.end();
  await waitFor(() => !existsSync(path), { what: 'the lock is given back' });
  const taken = await take();
  if (taken.kind !== 'held') throw new Error('not held');
  expect(await taken.lock.isHeld()).toBe(true);
  await taken.lock.release();
  expect(existsSync(path)).toBe(false);
});

test('a holder that was killed is taken over from, without a trace', async () => {
  const { child } = await another();
  await dead(child);
  expect(await take()).toMatchObject({ kind: 'held' });
  expect(readdirSync(folder)).toEqual(['lock']);
  expect(await readLock(path)).toMatchObject({ by: 'rob@studio', pid: process.pid });
});

test('of several that take over from a dead one, one gets it', async () => {
  const { child } = await another();
  await dead(child);
  const all = await Promise.all([another(), another(), another()]);
  expect(all.map((one) => one.said).toSorted()).toEqual(['busy other@studio', 'busy other@studio', 'held']);
});

test.each<[string, Partial<LockRecord>, boolean]>([
  ['whose pid another process has now', { startTime: 'long ago' }, true],
  ['from before the machine started anew', { bootId: 'another boot' }, true],
  ['on another host, whose processes nobody sees from here', { host: 'elsewhere' }, false],
  ['that is alive', {}, false],
])('a holder %s', async (_, changes, isDead) => {
  const record = await write(changes);
  expect(await isProvenDead(record)).toBe(isDead);
  expect((await take()).kind).toBe(isDead ? 'held' : 'busy');
});

test('taken by force, the holder before notices, and gives nothing back that is not its own', async () => {
  const first = await take();
  if (first.kind !== 'held') throw new Error('not held');
  const { said } = await another('force');
  expect(said).toBe('held');
  expect(await first.lock.isHeld()).toBe(false);
  await first.lock.release();
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ by: 'other@studio' });
});

test('a file that is no lock is nobody’s', async () => {
  writeFileSync(path, 'half a rec');
  expect(await readLock(path)).toBe('unreadable');
  expect((await take()).kind).toBe('held');
});

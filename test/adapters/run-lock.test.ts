import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identifySelf } from '../../src/adapters/process-identity.ts';
import {
  type Holder,
  isProvenDead,
  type LockRecord,
  readLock,
  removeDeadLock,
  takeLock,
} from '../../src/adapters/run-lock.ts';
import { straceIsMissing } from '../support/strace.ts';
import { waitFor } from '../support/wait-for.ts';

const holder = fileURLToPath(new URL('../fixtures/hold-lock.ts', import.meta.url));
const HOUR_US = 3_600_000_000;
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

const take = (from?: Holder) => takeLock(path, 'rob@studio', 5, from);

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

test('a holder that was killed is taken over from, and nothing is left when it is given back', async () => {
  const { child } = await another();
  await dead(child);
  const taken = await take();
  if (taken.kind !== 'held') throw new Error('not held');
  expect(taken.lock.from).toMatchObject({ holder: { by: 'other@studio', pid: child.pid }, provenDead: true });
  expect(await readLock(path)).toMatchObject({ by: 'rob@studio', pid: process.pid });
  expect(await take()).toMatchObject({ kind: 'busy', holder: { by: 'rob@studio' } });
  await taken.lock.release();
  expect(readdirSync(folder)).toEqual([]);
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

test('taken by decision, the holder before notices, and gives nothing back that is not its own', async () => {
  const first = await take();
  if (first.kind !== 'held') throw new Error('not held');
  const { said } = await another('force');
  expect(said).toBe('held');
  expect(await first.lock.isHeld()).toBe(false);
  await first.lock.release();
  expect(await readLock(path)).toMatchObject({ by: 'other@studio' });
});

test('a decision against one holder takes nothing from another', async () => {
  const old = await write({ host: 'elsewhere' });
  const taken = await Promise.all(Array.from({ length: 6 }, () => take(old)));
  expect(taken.map(({ kind }) => kind).toSorted()).toEqual(['busy', 'busy', 'busy', 'busy', 'busy', 'held']);
  expect((await take(old)).kind).toBe('busy');
});

test.each(['half a rec', '', '{}', '[]', '{"pid":1,"by":"ann"}', 'null'])(
  'a lock that reads %j proves nothing: it is taken only by decision',
  async (text) => {
    writeFileSync(path, text);
    expect(await take()).toEqual({ kind: 'busy', holder: 'unreadable' });
    const taken = await take('unreadable');
    if (taken.kind !== 'held') throw new Error('not held');
    expect(taken.lock.from).toEqual({ holder: 'unreadable', provenDead: false });
    await taken.lock.release();
    expect(readdirSync(folder)).toEqual([]);
  },
);

test('one that was only removed by hand is still held, and shows again', async () => {
  const first = await take();
  if (first.kind !== 'held') throw new Error('not held');
  rmSync(path);
  expect(await first.lock.isHeld()).toBe(true);
  expect((await take()).kind).toBe('busy');
});

test('one that was removed by hand and taken by another is lost', async () => {
  const first = await take();
  if (first.kind !== 'held') throw new Error('not held');
  rmSync(path);
  expect((await another()).said).toBe('held');
  expect(await first.lock.isHeld()).toBe(false);
});

test('one that is looked at while it is given back is not taken anew', async () => {
  for (let round = 0; round < 30; round += 1) {
    const taken = await take();
    if (taken.kind !== 'held') throw new Error('not held');
    const { lock } = taken;
    let isReleased = false;
    const looking = Array.from({ length: 4 }, async () => {
      while ((await lock.isHeld()) && !isReleased);
    });
    await lock.release();
    isReleased = true;
    await Promise.all(looking);
    expect(await lock.isHeld()).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('one that was being given back when its holder died is free', async () => {
  const first = await another();
  const at = (name: string) => join(folder, name);
  // The second name of the chain appears for a moment only: it is put there as the first act of giving back would.
  const held = readFileSync(path, 'utf8');
  await dead(first.child);
  const name = `lock.${createHash('sha256').update(held).digest('hex').slice(0, 16)}`;
  writeFileSync(at(name), `${JSON.stringify({ ...JSON.parse(held), released: true })}\n`);
  const taken = await take();
  if (taken.kind !== 'held') throw new Error('not held');
  expect(taken.lock.from).toBeUndefined();
  await taken.lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test('one whose holder takes long to give it back is busy until then', async () => {
  const record = await write({});
  const held = readFileSync(path, 'utf8');
  const link = `${path}.${createHash('sha256').update(held).digest('hex').slice(0, 16)}`;
  writeFileSync(link, `${JSON.stringify({ ...record, released: true })}\n`);
  expect(await take()).toEqual({ kind: 'busy', holder: record });
  rmSync(path);
  rmSync(link);
  expect((await take()).kind).toBe('held');
});

describe('one that its holder gave back, and did not take away', () => {
  const linkBehind = (text: string) => `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  const nameAfterRelease = () => linkBehind(readFileSync(path, 'utf8'));

  /** What it has written as the first act of giving back. */
  async function left(changes: Partial<LockRecord>): Promise<void> {
    const record = await write(changes);
    writeFileSync(nameAfterRelease(), `${JSON.stringify({ ...record, released: true })}\n`);
  }

  test('on another host, is free, and of many that want it one gets it', async () => {
    await left({ host: 'elsewhere' });
    expect(await readLock(path)).toBeUndefined();
    const all = await Promise.all(Array.from({ length: 6 }, () => take()));
    const winners = all.flatMap((one) => (one.kind === 'held' ? [one.lock] : []));
    expect(winners).toHaveLength(1);
    expect(winners[0]?.from).toBeUndefined();
    expect(await winners[0]?.isHeld()).toBe(true);
    expect(await readLock(path)).toMatchObject({ by: 'rob@studio' });
    expect((await take()).kind).toBe('busy');
    await winners[0]?.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('on another host, and takes away only after somebody has it, is held on to', async () => {
    await left({ host: 'elsewhere' });
    const release = nameAfterRelease();
    const taken = await take();
    if (taken.kind !== 'held') throw new Error('not held');
    rmSync(path);
    expect(await taken.lock.isHeld()).toBe(true);
    rmSync(release);
    expect(await taken.lock.isHeld()).toBe(true);
    expect((await take()).kind).toBe('busy');
    await taken.lock.release();
    expect(await readLock(path)).toBeUndefined();
    expect((await take()).kind).toBe('held');
  });

  test('for its disk is slow, takes nothing away once somebody follows it', async (context) => {
    const missing = straceIsMissing();
    if (missing !== undefined) context.skip(`note: ${missing}`);
    // Two syncs for taking it; of the two for giving it back the second finds it given back already. It ends with strace.
    const slow = ['-e', 'trace=fsync', '-e', `inject=fsync:delay_enter=${HOUR_US}:when=4`];
    const args = ['-f', '-qq', '-o', '/dev/null', ...slow, process.execPath, holder, path];
    const child = spawn('strace', args, { env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
    children.push(child);
    await waitFor(() => existsSync(path), { what: 'it is taken' });
    child.stdin.end();
    const release = nameAfterRelease();
    await waitFor(() => existsSync(release), { what: 'it is given back' });
    const record = { ...(await identifySelf()), by: 'ann@elsewhere', since: 9, host: 'elsewhere' };
    writeFileSync(linkBehind(readFileSync(release, 'utf8')), `${JSON.stringify(record)}\n`);
    child.kill('SIGKILL');
    // Its output is that of what strace traced, which goes on by itself.
    child.stdout.resume();
    await waitFor(() => child.stdout.readableEnded, { withinMs: 60_000, what: 'who gave it back has ended' });
    expect(await readLock(path)).toEqual(record);
  });

  test('on another host, is cleared away', async () => {
    await left({ host: 'elsewhere' });
    expect(await removeDeadLock(path, 'doctor@studio', 7)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('and is alive, is waited for by who clears away', async () => {
    await left({});
    expect(await removeDeadLock(path, 'doctor@studio', 7)).toBe(false);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});

test('of many that decide at once again and again, one gets it each time', async () => {
  let holder: Holder = await write({ host: 'elsewhere' });
  for (let round = 0; round < 20; round += 1) {
    const all = await Promise.all(
      Array.from({ length: 5 }, (_, index) => takeLock(path, 'rob@studio', round * 10 + index, holder)),
    );
    const winners = all.flatMap((one) => (one.kind === 'held' ? [one.lock] : []));
    expect(winners).toHaveLength(1);
    expect(await winners[0]?.isHeld()).toBe(true);
    holder = { ...((await readLock(path)) as LockRecord) };
    if (round % 3 === 0) {
      await winners[0]?.release();
      expect(readdirSync(folder)).toEqual([]);
      holder = await write({ host: 'elsewhere', since: round });
    }
  }
});

test('one who takes over is never without its lock while others clear the dead one away', async () => {
  for (let round = 0; round < 30; round += 1) {
    await write({ startTime: 'long ago' });
    const clearing = Promise.all(Array.from({ length: 4 }, () => removeDeadLock(path, 'doctor@studio', 7)));
    const taken = await take();
    if (taken.kind !== 'held') throw new Error('not held');
    const { lock } = taken;
    let isCleared = false;
    const cleared = clearing.then(() => {
      isCleared = true;
    });
    do expect(await lock.isHeld()).toBe(true);
    while (!isCleared);
    await cleared;
    expect(await removeDeadLock(path, 'doctor@studio', 7)).toBe(false);
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('what one left that died while it gave the lock back goes with it', async () => {
  writeFileSync(`${path}.0123456789abcdef`, 'it leads from nowhere');
  await write({ startTime: 'long ago' });
  expect(await removeDeadLock(path, 'doctor@studio', 7)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
});

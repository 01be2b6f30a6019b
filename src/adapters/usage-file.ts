import { appendFile, open, rename, stat, unlink } from 'node:fs/promises';
import type { Usage } from '../live/system.ts';
import { type KeyedBucket, usageHeader, usageLine } from '../live/usage-line.ts';
import { joined, slotOf, stepBetween, type TakenUsage, type UsageBucket } from '../live/usage-step.ts';
import { hasCode } from './durable-file.ts';
import { readUsage } from './read-usage.ts';

/** Writes measurements into a run's folder, coarse and bounded, so that reopening it or reporting on it has them. */
export type UsageFile = {
  /** Keeps a measurement; `id` as for a history. Never throws, never waits. */
  readonly take: (key: string, usage: Usage, id?: string) => void;
  /** Resolves when what is complete was written, or could not be. */
  readonly idle: () => Promise<void>;
  /** Writes what is not complete as well, and ends. */
  readonly close: () => Promise<void>;
};

export type UsageFileOptions = {
  readonly path: string;
  /** Told once, a sentence: measurements are not being kept. */
  readonly onTrouble: (sentence: string) => void;
  /** More than that is not kept: it is rewritten coarser. Absent: 8 MiB. */
  readonly maxBytes?: number;
};

const MAX_BYTES = 8 * 1024 * 1024;
const BUCKET_MS = 15_000;
/** Containers that come and go have no end. */
const MAX_KEYS = 256;

/** Nothing is written before there is something to keep. Only the screen that writes the run opens one. */
export function createUsageFile(options: UsageFileOptions): UsageFile {
  const { path, onTrouble, maxBytes = MAX_BYTES } = options;
  const before = new Map<string, TakenUsage>();
  const growing = new Map<string, UsageBucket>();
  let complete: KeyedBucket[] = [];
  let bytes: number | undefined;
  let isTold = false;
  // A write that failed may have left half a line, which is not to spoil the next one.
  let isTorn = false;
  let writing: Promise<void> | undefined;

  const write = async (): Promise<void> => {
    const text = complete.map((one) => `${usageLine(one)}\n`).join('');
    complete = [];
    try {
      bytes ??= await prepare(path);
      // Before more is added: where even this fails, the file grows no further.
      if (bytes > maxBytes) bytes = await rewriteCoarser(path, maxBytes / 2);
      const whole = isTorn ? `\n${text}` : text;
      await appendFile(path, whole, { mode: 0o600 });
      bytes += Buffer.byteLength(whole);
      isTorn = false;
    } catch (error) {
      isTorn = bytes !== undefined;
      if (isTold) return;
      isTold = true;
      onTrouble(`What the containers use is not being kept in ${path}: ${messageOf(error)}. The run is not affected.`);
    }
  };
  const writeSoon = (): void => {
    // A turn later all that became complete in the same round goes in one write.
    writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(write).finally(() => {
      writing = undefined;
      if (complete.length > 0) writeSoon();
    });
  };
  const idle = async (): Promise<void> => {
    while (writing !== undefined) await writing;
  };
  const finish = (key: string, bucket: UsageBucket): void => {
    complete.push({ key, bucket });
    writeSoon();
  };
  const forgetOldest = (): void => {
    const [oldest = ''] = before.keys();
    const open = growing.get(oldest);
    before.delete(oldest);
    growing.delete(oldest);
    if (open !== undefined) finish(oldest, open);
  };
  return {
    take: (key, usage, id) => {
      const taken = { usage, id };
      const step = stepBetween(before.get(key), taken);
      // In the order in which they were measured last.
      before.delete(key);
      before.set(key, taken);
      if (before.size > MAX_KEYS) forgetOldest();
      if (step === undefined) return;
      const open = growing.get(key);
      const isSame = open !== undefined && slotOf(open, BUCKET_MS) === slotOf(step, BUCKET_MS);
      growing.set(key, isSame ? joined(open, step) : step);
      if (open !== undefined && !isSame) finish(key, open);
    },
    idle,
    close: async () => {
      for (const [key, bucket] of growing) finish(key, bucket);
      growing.clear();
      await idle();
    },
  };
}

/** Makes the file ready for another line: makes it, sets a foreign one aside, ends a torn line. Resolves to its bytes. */
async function prepare(path: string): Promise<number> {
  const found = await readUsage(path, () => undefined);
  if (found.kind === 'foreign') await rename(path, `${path}.aside-${Date.now()}`);
  if (found.kind !== 'usage') {
    const header = `${usageHeader}\n`;
    await appendFile(path, header, { mode: 0o600 });
    return Buffer.byteLength(header);
  }
  if (found.isTorn) await appendFile(path, '\n');
  return (await stat(path)).size;
}

/** Joins what lies in the same, longer and longer, stretch until the file is small enough. Resolves to its bytes. */
async function rewriteCoarser(path: string, mostBytes: number): Promise<number> {
  let buckets: KeyedBucket[] = [];
  await readUsage(path, (read) => buckets.push(read));
  let lines: string[] = [];
  let size = Number.POSITIVE_INFINITY;
  for (let widthMs = BUCKET_MS * 2; size > mostBytes; widthMs *= 2) {
    // Where even a day is too short, there are too many keys: those that were there first go.
    buckets = widthMs > 86_400_000 ? buckets.slice(Math.ceil(buckets.length / 2)) : coarser(buckets, widthMs);
    lines = buckets.map(usageLine);
    size = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, usageHeader.length + 1);
  }
  const temporary = `${path}.${process.pid}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${[usageHeader, ...lines].join('\n')}\n`);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  return size;
}

function coarser(buckets: readonly KeyedBucket[], widthMs: number): KeyedBucket[] {
  const out: KeyedBucket[] = [];
  const lastOf = new Map<string, number>();
  for (const { key, bucket } of buckets) {
    const index = lastOf.get(key);
    const last = index === undefined ? undefined : out[index]?.bucket;
    if (index !== undefined && last !== undefined && slotOf(last, widthMs) === slotOf(bucket, widthMs)) {
      out[index] = { key, bucket: joined(last, bucket) };
      continue;
    }
    lastOf.set(key, out.length);
    out.push({ key, bucket });
  }
  return out;
}

function messageOf(error: unknown): string {
  if (hasCode(error, 'ENOSPC')) return 'no space left on the device';
  return error instanceof Error ? error.message : String(error);
}

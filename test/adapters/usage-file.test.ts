import { execFile } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadUsage } from '../../src/adapters/read-usage.ts';
import { createUsageFile } from '../../src/adapters/usage-file.ts';
import { createUsageHistory, type RecordedUsage } from '../../src/live/usage-history.ts';
import { parseUsageLine, usageLine } from '../../src/live/usage-line.ts';

const began = Date.UTC(2026, 10, 24, 22, 0, 0);
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'usage-'));
  path = join(folder, 'usage.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Measures every two seconds and closes the file. */
async function record(
  seconds: number,
  options: { readonly from?: number; readonly keys?: readonly string[]; readonly maxBytes?: number } = {},
) {
  const { from = 0, keys = ['app'], ...rest } = options;
  const troubles: string[] = [];
  const file = createUsageFile({ path, onTrouble: (sentence) => troubles.push(sentence), ...rest });
  for (let second = from; second < from + seconds; second += 2) {
    for (const key of keys) {
      file.take(
        key,
        { at: began + second * 1000, cpuPercent: 10, memoryBytes: 1_000_000, receivedBytes: second * 500 },
        'id',
      );
    }
    // As time does: what is complete is written before more comes.
    if (second % 600 === 0) await file.idle();
  }
  await file.close();
  return troubles;
}

async function loaded(): Promise<{ readonly history: RecordedUsage; readonly sentence: string | undefined }> {
  const history = createUsageHistory();
  const sentence = await loadUsage(path, history.adopt);
  return { history, sentence };
}

const mean = (history: RecordedUsage, from: number, to: number, key = 'app') =>
  history.mean(key, 'cpuPercent', { fromAt: began + from * 1000, toAt: began + to * 1000 });

test('what one screen measured the next one has, and the one after that as well', async () => {
  await record(300);
  await record(300, { from: 600 });
  const { history, sentence } = await loaded();
  expect(sentence).toBeUndefined();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(mean(history, 0, 300)?.value).toBeCloseTo(10, 6);
  expect(mean(history, 0, 298)?.coveredMs).toBeCloseTo(298_000, -3);
  expect(mean(history, 300, 597)).toBeUndefined();
  expect(mean(history, 600, 898)?.coveredMs).toBeCloseTo(298_000, -3);
  expect(history.mean('app', 'receivedBytesPerSecond', { fromAt: began, toAt: began + 290_000 })?.value).toBeCloseTo(
    500,
    6,
  );
});

test('before anything was measured there is no file, and to close is to write what is there', async () => {
  await record(0);
  expect(existsSync(path)).toBe(false);
  expect(await loaded()).toMatchObject({ sentence: undefined });
  await record(4, { from: 2 });
  expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(2);
});

test('a torn last line costs that line, for the reader and for who goes on writing', async () => {
  await record(60);
  appendFileSync(path, '{"key":"app","at":17');
  expect((await loaded()).sentence).toBeUndefined();
  await record(60, { from: 100 });
  const { history, sentence } = await loaded();
  expect(sentence).toBe(`1 line of ${path} can't be read; the charts lack what they said.`);
  expect(mean(history, 0, 58)?.value).toBe(10);
  expect(mean(history, 100, 158)?.coveredMs).toBeGreaterThan(55_000);
});

test.each<[string, string]>([
  ['of somebody else', 'hello\nworld\n'],
  ['of a later version', '{"format":"runbook-usage","version":2}\n'],
  ['of zeros', '\0'.repeat(200_000)],
])('a file %s is left out with a sentence, and set aside, not overwritten', async (_, content) => {
  writeFileSync(path, content);
  const { history, sentence } = await loaded();
  expect(sentence).toContain('holds no measurements that this version reads');
  expect(history.keys()).toEqual([]);
  expect(await record(60)).toEqual([]);
  const aside = readdirSync(folder).filter((name) => name.includes('.aside-'));
  expect(aside.map((name) => readFileSync(join(folder, name), 'utf8') === content)).toEqual([true]);
  expect(mean((await loaded()).history, 0, 58)?.value).toBe(10);
});

test('lines that say nothing are counted and left out', async () => {
  await record(60);
  appendFileSync(path, 'x\n{}\n[1]\n{"key":"app","at":-5,"ms":1,"covered":1}\n');
  const { history, sentence } = await loaded();
  expect(sentence).toContain('4 lines of');
  expect(mean(history, 0, 58)?.value).toBe(10);
});

test('it stays within its bound, coarser with time, with the mean as it was', async () => {
  const maxBytes = 20_000;
  await record(4 * 3600, { keys: ['app', 'worker'], maxBytes });
  expect(statSync(path).size).toBeLessThan(maxBytes + 1000);
  expect(readdirSync(folder)).toEqual(['usage.ndjson']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const { history } = await loaded();
  for (const key of ['app', 'worker']) {
    expect(mean(history, 0, 4 * 3600, key)?.value).toBeCloseTo(10, 6);
    expect(mean(history, 0, 4 * 3600, key)?.coveredMs).toBeCloseTo(4 * 3600_000, -5);
  }
});

test('more keys than there is room for: those of the end stay', async () => {
  await record(30, { keys: Array.from({ length: 200 }, (_, index) => `once-${index}`), maxBytes: 10_000 });
  await record(30, { from: 100_000, keys: ['app'], maxBytes: 10_000 });
  expect(statSync(path).size).toBeLessThan(11_000);
  expect((await loaded()).history.keys()).toContain('app');
});

test('what can’t be written is told once, and written again when it can be', async () => {
  path = join(folder, 'missing', 'usage.ndjson');
  const troubles: string[] = [];
  const file = createUsageFile({ path, onTrouble: (sentence) => troubles.push(sentence) });
  const take = (second: number) => file.take('app', { at: began + second * 1000, cpuPercent: 10, memoryBytes: 1 });
  for (let second = 0; second < 100; second += 2) {
    take(second);
    await file.idle();
  }
  expect(troubles).toEqual([
    expect.stringMatching(/^What the containers use is not being kept in .*ENOENT.* The run is not affected\.$/),
  ]);
  mkdirSync(join(folder, 'missing'));
  for (let second = 100; second < 200; second += 2) take(second);
  await file.close();
  expect(troubles).toHaveLength(1);
  expect(mean((await loaded()).history, 120, 198)?.value).toBe(10);
});

test('a disk that becomes full in the middle of a line is told once, and spoils only that line', async () => {
  // The largest size of a file stands in for the disk: a write stops in the middle in the same way.
  const program = `
    import { readFileSync, truncateSync } from 'node:fs';
    import { createUsageFile } from './src/adapters/usage-file.ts';
    const path = process.argv[1];
    let troubles = 0;
    const file = createUsageFile({ path, onTrouble: () => { troubles += 1; } });
    let second = 0;
    const take = async (count) => {
      for (let n = 0; n < count; n += 1, second += 2) file.take('app', { at: ${began} + second * 1000, cpuPercent: 10, memoryBytes: 1 });
      await file.idle();
    };
    while (troubles === 0) await take(10);
    await take(103);
    // Some room again, behind half a line.
    truncateSync(path, readFileSync(path, 'utf8').lastIndexOf('\\n', 3000) + 20);
    const from = second;
    await take(20);
    await file.close();
    console.log(JSON.stringify({ troubles, from, second }));
  `;
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -f 8; exec "$0" --input-type=module -e "$1" "$2"',
    process.execPath,
    program,
    path,
  ]);
  const { troubles, from, second } = JSON.parse(stdout) as Record<string, number>;
  expect(troubles).toBe(1);
  const { history, sentence } = await loaded();
  expect(sentence).toContain('1 line of');
  const [first = 0, last = 0] = [from, second];
  expect(mean(history, first, last - 2)?.coveredMs).toBeCloseTo((last - 2 - first) * 1000, -1);
});

test('a folder where the file should be is a sentence, for both', async () => {
  mkdirSync(path);
  expect((await loaded()).sentence).toContain('EISDIR');
  expect(await record(60)).toHaveLength(1);
});

test('a line says what was kept', () => {
  const measured = fc.record({
    value: fc.double({ min: 0, max: 999, noNaN: true }).map((value) => Math.round(value * 100) / 100),
    coveredMs: fc.integer({ min: 1, max: 15_000 }),
  });
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(),
      fc.record({ cpuPercent: measured, memoryBytes: measured, pids: measured }, { requiredKeys: [] }),
      (key, fromAt, figures) => {
        fc.pre(Object.keys(figures).length > 0);
        const bucket = { fromAt, toAt: fromAt + 15_000, figures };
        const line = usageLine({ key, bucket });
        expect(line).not.toContain('\n');
        expect(parseUsageLine(line)).toEqual({ key, bucket });
      },
    ),
  );
});

test('containers that come and go without end: each is written once it is forgotten, and no memory grows', async () => {
  const file = createUsageFile({ path, onTrouble: () => undefined });
  for (let index = 0; index < 600; index += 1)
    file.take(`c${index}`, { at: began + index * 10, cpuPercent: 1, memoryBytes: 1 }, 'id');
  await file.idle();
  expect(readFileSync(path, 'utf8').split('\n').length).toBeGreaterThan(300);
  await file.close();
  const kept = new Set<string>();
  await loadUsage(path, (key) => kept.add(key));
  expect(kept.size).toBe(600);
});

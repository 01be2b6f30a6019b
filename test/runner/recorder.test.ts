import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOutput } from '../../src/adapters/output-reader.ts';
import { openRecorder } from '../../src/runner/recorder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recorder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Bytes that tell their own place. */
function counted(from: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, index) => 0x21 + ((from + index) % 90)));
}

function keptBytes(): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

describe('the recorder', () => {
  test('keeps everything below the cap in one file of mode 0600', async () => {
    const recorder = openRecorder({ folder, capBytes: 1_000 });
    recorder.write(counted(0, 500));
    expect(recorder.end()).toEqual({ bytes: 500, cutBytes: 0, notices: [] });
    expect(readFileSync(join(folder, 'output.log'))).toEqual(counted(0, 500));
    expect(statSync(join(folder, 'output.log')).mode & 0o777).toBe(0o600);
    expect(await openOutput(folder).size()).toBe(500);
  });

  test('beyond it keeps the head and the tail, at their true offsets', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 40 }), async (lengths) => {
        rmSync(folder, { recursive: true, force: true });
        folder = mkdtempSync(join(tmpdir(), 'recorder-'));
        const recorder = openRecorder({ folder, capBytes: 640 });
        let total = 0;
        for (const length of lengths) {
          recorder.write(counted(total, length));
          total += length;
        }
        const { bytes, cutBytes } = recorder.end();
        expect(bytes).toBe(total);
        expect(keptBytes()).toBe(total - cutBytes);
        expect(keptBytes()).toBeLessThanOrEqual(640);
        const source = openOutput(folder);
        expect(await source.size()).toBe(total);
        expect(Buffer.from(await source.read(0, 100))).toEqual(counted(0, Math.min(100, total)));
        const from = Math.max(0, total - 40);
        let tail = Buffer.alloc(0);
        while (from + tail.length < total) tail = Buffer.concat([tail, await source.read(from + tail.length, 100)]);
        expect(tail).toEqual(counted(from, total - from));
      }),
      { numRuns: 60 },
    );
  });

  test('a read where bytes were cut says so and keeps the offsets', async () => {
    const recorder = openRecorder({ folder, capBytes: 1_600 });
    recorder.write(counted(0, 10_000));
    recorder.end();
    const source = openOutput(folder);
    const [cut] = await source.cuts();
    expect(cut).toEqual({ from: 1_200, to: 9_600 });
    const whole = await source.read(1_200, 1_000_000);
    expect(whole.length).toBe(8_400);
    expect(Buffer.from(whole).toString()).toContain('[8400 bytes of output are not kept]');
    expect(Buffer.from(await source.read(9_600, 10))).toEqual(counted(9_600, 10));
  });

  test('a full disk costs output and nothing else', () => {
    symlinkSync('/dev/full', join(folder, 'output.log'));
    const recorder = openRecorder({ folder, capBytes: 1_000 });
    recorder.write(counted(0, 100));
    recorder.write(counted(100, 100));
    const { bytes, cutBytes, notices } = recorder.end();
    expect({ bytes, cutBytes }).toEqual({ bytes: 200, cutBytes: 200 });
    expect(notices).toEqual([expect.stringMatching(/output is missing from byte 0 on: ENOSPC/)]);
  });
});

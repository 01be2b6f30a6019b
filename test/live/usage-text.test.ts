import { expect, test } from 'vitest';
import {
  comparisonText,
  cpuText,
  memoryText,
  rateText,
  shortCpuText,
  shortMemoryText,
} from '../../src/live/usage-text.ts';

const MiB = 1024 * 1024;

test.each<[number, string, string]>([
  [0, '0 %', '0%'],
  [0.04, '0 %', '0%'],
  [0.44, '0.4 %', '0.4%'],
  [9, '9 %', '9%'],
  [9.94, '9.9 %', '9.9%'],
  [9.96, '10 %', '10%'],
  [99.6, '100 %', '100%'],
  [799.4, '799 %', '799%'],
])('CPU of %d', (percent, long, short) => {
  expect([cpuText(percent), shortCpuText(percent)]).toEqual([long, short]);
});

test.each<[number, string, string]>([
  [0, '0 B', '0B'],
  [900, '900 B', '900B'],
  [1536, '1.5 KiB', '1.5K'],
  [61.54 * MiB, '61.5 MiB', '62M'],
  [180 * MiB, '180 MiB', '180M'],
  [1023.4 * MiB, '1023 MiB', '1023M'],
  [1023.6 * MiB, '1 GiB', '1G'],
  [1.944 * 1024 * MiB, '1.94 GiB', '1.9G'],
  [12 * 1024 * MiB, '12 GiB', '12G'],
  [100 * MiB, '100 MiB', '100M'],
])('memory of %d, by 1024 as `docker stats` has it', (bytes, long, short) => {
  expect([memoryText(bytes), shortMemoryText(bytes)]).toEqual([long, short]);
  expect(short.length).toBeLessThanOrEqual(5);
});

test('rates count by 1000, as `docker stats` does for what is sent and written', () => {
  expect([rateText(0), rateText(811.7), rateText(1234)]).toEqual(['0 B/s', '812 B/s', '1.2 kB/s']);
});

test('a comparison says what it lacks', () => {
  const before = { value: 9, coveredMs: 300_000 };
  const now = { value: 12, coveredMs: 30_000 };
  expect(comparisonText({ before, now }, 'cpuPercent')).toBe('12 % was 9 %');
  expect(comparisonText({ now }, 'cpuPercent')).toBe('12 %, not measured before');
  expect(comparisonText({ before }, 'cpuPercent')).toBe('not measured now, was 9 %');
  expect(comparisonText({}, 'cpuPercent')).toBe('not measured');
  expect(
    comparisonText(
      { before: { value: 150 * MiB, coveredMs: 1 }, now: { value: 180 * MiB, coveredMs: 1 } },
      'memoryBytes',
    ),
  ).toBe('180 MiB was 150 MiB');
});

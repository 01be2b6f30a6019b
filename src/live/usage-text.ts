import type { Baseline, Comparison } from './baseline.ts';
import { readableBytes } from './output-window.ts';

/** Per cent of one core: `0.4 %`, `12 %`, `250 %`. */
export function cpuText(percent: number): string {
  return `${percentDigits(percent)} %`;
}

/** The same where room is scarce, in at most five cells: `12%`. */
export function shortCpuText(percent: number): string {
  return `${percentDigits(percent)}%`;
}

/** Memory as `docker stats` shows it, by 1024: `61.5 MiB`, `1.94 GiB`. */
export function memoryText(bytes: number): string {
  const { value, unit } = binary(bytes);
  return `${threeDigits(value)} ${unit === '' ? 'B' : `${unit}iB`}`;
}

/** The same where room is scarce, in at most five cells: `61M`, `1.9G`. */
export function shortMemoryText(bytes: number): string {
  const { value, unit } = binary(bytes);
  const digits = unit !== '' && value < 9.95 ? value.toFixed(1) : String(Math.round(value));
  return `${digits.replace(/\.0$/, '')}${unit === '' ? 'B' : unit}`;
}

/** Bytes a second as `docker stats` counts what is sent and written, by 1000: `1.2 kB/s`. */
export function rateText(bytesPerSecond: number): string {
  return `${readableBytes(Math.round(bytesPerSecond))}/s`;
}

/** `12 % was 9 %`, and what is missing where something is. */
export function comparisonText(comparison: Comparison, figure: keyof Baseline): string {
  const text = figure === 'cpuPercent' ? cpuText : memoryText;
  const { now, before } = comparison;
  if (now === undefined) return before === undefined ? 'not measured' : `not measured now, was ${text(before.value)}`;
  return before === undefined
    ? `${text(now.value)}, not measured before`
    : `${text(now.value)} was ${text(before.value)}`;
}

function percentDigits(percent: number): string {
  return percent < 9.95 ? percent.toFixed(1).replace(/\.0$/, '') : String(Math.round(percent));
}

function threeDigits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  return value.toFixed(value >= 9.995 ? 1 : 2).replace(/\.?0+$/, '');
}

function binary(bytes: number): { readonly value: number; readonly unit: string } {
  const units = ['', 'K', 'M', 'G', 'T'] as const;
  let step = 0;
  let value = bytes;
  // What would be rounded to 1024 is one of the next unit.
  while (value >= 1023.5 && step < units.length - 1) {
    value /= 1024;
    step += 1;
  }
  return { value, unit: units[step] ?? '' };
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadLineChart } from '../../src/adapters/line-chart.ts';
import type { ChartPart, LineChart } from '../../src/live/line-chart.ts';

const drawChart = await loadLineChart();

const plain: LineChart = { width: 8, height: 3, bottom: 0, top: 100, values: [], marks: [], levels: [] };

const rowsOf = (chart: Partial<LineChart>): readonly string[] =>
  drawChart({ ...plain, ...chart }).map((row) => row.map(({ text }) => text).join(''));

/** Rows with only what belongs to one part. */
const partOf = (chart: Partial<LineChart>, part: ChartPart): readonly string[] =>
  drawChart({ ...plain, ...chart }).map((row) =>
    row.map((piece) => (piece.part === part ? piece.text : ' '.repeat(piece.text.length))).join(''),
  );

describe('a line', () => {
  test.each<[string, readonly (number | undefined)[], readonly string[]]>([
    ['at the bottom of the scale', Array(16).fill(0), ['        ', '        ', '⣀⣀⣀⣀⣀⣀⣀⣀']],
    ['at its top, and beyond', [...Array(8).fill(100), ...Array(8).fill(900)], ['⠉⠉⠉⠉⠉⠉⠉⠉', '        ', '        ']],
    ['of what was not measured', Array(16).fill(undefined), ['        ', '        ', '        ']],
    [
      'with a gap, over which nothing is drawn',
      [...Array(6).fill(0), ...Array(4).fill(undefined), ...Array(6).fill(0)],
      ['        ', '        ', '⣀⣀⣀  ⣀⣀⣀'],
    ],
    [
      'of one value alone between gaps',
      [...Array(8).fill(undefined), 0, ...Array(7).fill(undefined)],
      ['        ', '        ', '    ⡀   '],
    ],
    ['that rises', [0, 100], ['     ⢀⠔⠊', '  ⢀⡠⠊⠁  ', '⡠⠔⠁     ']],
  ])('%s', (_, values, rows) => {
    expect(rowsOf({ values })).toEqual(rows);
  });
});

test('marks stand where their time is, a beginning denser than an end, and the line is over them', () => {
  const marks = [
    { at: 0, kind: 'begin' },
    { at: 1, kind: 'end' },
    { at: 7, kind: 'begin' },
  ] as const;
  const chart = { values: Array(16).fill(0), marks };
  expect(partOf(chart, 'mark')).toEqual(['⠅      ⠈', '⠅      ⠈', '        ']);
  expect(partOf(chart, 'line')).toEqual(['        ', '        ', '⣅⣀⣀⣀⣀⣀⣀⣈']);
});

test('a level is dotted, and is told apart from the line', () => {
  const chart = { values: Array(16).fill(0), levels: [100] };
  expect(partOf(chart, 'level')).toEqual(['⠁ ⠁ ⠁ ⠁ ', '        ', '        ']);
  expect(partOf(chart, 'line')[0]).toBe('        ');
});

test('whatever comes, it has its size and no escape sequence', () => {
  const value = fc.option(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { nil: undefined });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 30 }),
      fc.array(value, { maxLength: 300 }),
      fc.array(fc.double({ min: -2, max: 2, noNaN: true })),
      (width, height, values, places) => {
        const marks = places.map((at) => ({ at, kind: 'begin' }) as const);
        const rows = rowsOf({ width, height, values, marks, levels: [5, 1e9] });
        expect(rows.map((row) => row.length)).toEqual(Array(height).fill(width));
        expect(rows.join('')).toMatch(/^[ \u2801-\u28ff]*$/);
      },
    ),
    { numRuns: 60 },
  );
});

test('nothing is installed on the process, and nothing is written', async () => {
  const script = `
    const counts = () => JSON.stringify(process.eventNames().map((name) => [String(name), process.listenerCount(name)]));
    const before = counts();
    const { loadLineChart } = await import('./src/adapters/line-chart.ts');
    const draw = await loadLineChart();
    draw({ width: 60, height: 12, bottom: 0, top: 1, values: [0, 1], marks: [], levels: [] });
    if (counts() !== before) throw new Error(before + ' became ' + counts());
    if (process.stdin.isRaw) throw new Error('raw');
  `;
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const ended = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(ended).toEqual({ stdout: '', stderr: '' });
});

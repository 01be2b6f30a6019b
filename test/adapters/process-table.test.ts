import { describe, expect, test } from 'vitest';
import { parseProcesses, processesOf } from '../../src/adapters/process-table.ts';

const row = (pid: number, parent: number, group: number, kibibytes: number, cpuMs: number) => ({
  pid,
  parent,
  group,
  residentBytes: kibibytes * 1_024,
  cpuMs,
});

describe('what ps prints', () => {
  test.each([
    [
      'on Linux',
      '    1     0     1     1 12724 00:00:03\n 6383  6360  6383  6383   612 1-02:03:04\n   99     2     0     0     0 00:00:00\n',
      [
        { ...row(1, 0, 1, 12_724, 3_000), session: 1 },
        { ...row(6383, 6360, 6383, 612, 93_784_000), session: 6383 },
        { ...row(99, 2, 0, 0, 0), session: 0 },
      ],
    ],
    [
      'on macOS',
      '    1     0     1  17264   2:14.69\n  501     1   501   3120   0:00.03\n89077 88990 89077 912348 2071:40.05\n',
      [row(1, 0, 1, 17_264, 134_690), row(501, 1, 501, 3_120, 30), row(89_077, 88_990, 89_077, 912_348, 124_300_050)],
    ],
    ['with a comma', '  7  1  7  3120   0:00,50\n', [row(7, 1, 7, 3_120, 500)]],
    ['that is something else', 'error: unsupported option\n  PID  PPID TIME\n\n 1 2 3 -\n', []],
  ])('%s', (_where, text, rows) => {
    expect(parseProcesses(text)).toEqual(rows);
  });
});

describe('the processes of a command', () => {
  const table = [
    row(1, 0, 1, 1, 0),
    row(10, 1, 10, 1, 0),
    row(11, 10, 10, 1, 0),
    row(12, 11, 12, 1, 0),
    { ...row(13, 1, 13, 1, 0), session: 10 },
    row(14, 1, 10, 1, 0),
    row(15, 13, 15, 1, 0),
    row(100, 1, 100, 1, 0),
    row(101, 100, 100, 1, 0),
  ];

  test.each([
    ['its group, its session and what descends from them', 10, [10, 11, 12, 13, 14, 15]],
    ['what is left of its group when it has ended itself', 10, [11, 12, 13, 14, 15], 10],
    ['none, where it is gone', 55, []],
  ])('are %s', (_what, leader, pids, without = 0) => {
    const found = processesOf(
      leader,
      table.filter(({ pid }) => pid !== without),
    );
    expect(found.map(({ pid }) => pid)).toEqual(pids);
  });
});

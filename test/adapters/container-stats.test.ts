import { describe, expect, test } from 'vitest';
import { cpuPercent, readStats } from '../../src/adapters/container-stats.ts';

/** What engine 20.10 on cgroup v1 answers, without what is not read. */
const v1 = {
  read: '2026-11-24T10:59:42.34608391Z',
  preread: '0001-01-01T00:00:00Z',
  pids_stats: { current: 3 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 4_096 },
      { major: 8, minor: 0, op: 'Write', value: 8_192 },
      { major: 8, minor: 0, op: 'Sync', value: 12_288 },
      { major: 8, minor: 0, op: 'Total', value: 12_288 },
      { major: 9, minor: 0, op: 'Read', value: 1 },
    ],
  },
  cpu_stats: {
    cpu_usage: { total_usage: 2_107_048_765, percpu_usage: [2_078_969_121, 28_079_644] },
    system_cpu_usage: 1_178_670_000_000,
    online_cpus: 2,
  },
  memory_stats: {
    usage: 10_000_000,
    max_usage: 43_171_840,
    stats: { cache: 5_000_000, inactive_file: 1, total_inactive_file: 4_000_000 },
    limit: 67_108_864,
  },
  networks: { eth0: { rx_bytes: 842, tx_bytes: 10 }, eth1: { rx_bytes: 8, tx_bytes: 1 } },
};

/** What a newer engine on cgroup v2 answers: no time of each core, no `total_…`, lower case. */
const v2 = {
  ...v1,
  read: '2026-11-24T10:59:44.34608391Z',
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: 'read', value: 300 },
      { major: 254, minor: 0, op: 'write', value: 20 },
    ],
  },
  cpu_stats: { cpu_usage: { total_usage: 3_107_048_765 }, system_cpu_usage: 1_182_670_000_000, online_cpus: 2 },
  memory_stats: { usage: 10_000_000, stats: { anon: 1, file: 2, inactive_file: 3_000_000 }, limit: 67_108_864 },
};

describe('what the engine answers is read', () => {
  test.each([
    ['on cgroup v1', v1, { memoryBytes: 6_000_000, readBytes: 4_097, writtenBytes: 8_192 }],
    ['on cgroup v2', v2, { memoryBytes: 7_000_000, readBytes: 300, writtenBytes: 20 }],
  ])('%s', (_where, stats, differing) => {
    expect(readStats(stats, 5)?.usage).toEqual({
      at: 5,
      memoryLimitBytes: 67_108_864,
      receivedBytes: 850,
      sentBytes: 11,
      pids: 3,
      ...differing,
    });
  });

  test('more to drop than is used is no negative use', () => {
    const memory_stats = { usage: 1_000, stats: { total_inactive_file: 4_000 } };
    expect(readStats({ ...v1, memory_stats }, 5)?.usage.memoryBytes).toBe(1_000);
  });

  test('what is not told is absent, not nought', () => {
    const { networks: _, pids_stats: __, ...rest } = v1;
    const usage = readStats({ ...rest, blkio_stats: { io_service_bytes_recursive: null } }, 5)?.usage;
    expect(usage).toEqual({ at: 5, memoryBytes: 6_000_000, memoryLimitBytes: 67_108_864 });
  });

  test.each([
    [
      'of a container that has ended',
      { ...v1, read: '0001-01-01T00:00:00Z', memory_stats: {}, cpu_stats: { cpu_usage: { total_usage: 0 } } },
    ],
    ['that is something else', { message: 'no' }],
    ['that is nothing', undefined],
  ])('an answer %s is none', (_what, stats) => {
    expect(readStats(stats, 5)).toBeUndefined();
  });
});

describe('CPU between two readings', () => {
  const of = (stats: unknown) => readStats(stats, 0)?.cpu ?? { usedNs: 0, cores: 0, readAt: 0 };
  const { systemNs: _, ...withoutSystem } = of(v1);

  test.each([
    ['1 s of 2 s is 50 % of a core, whatever their number', of(v2), of(v1), 50],
    ['by the clock where the machine’s time is not told', of(v2), withoutSystem, 50],
    ['of a container that started anew can’t be told', of(v1), { ...of(v2), readAt: 0 }, undefined],
    ['of no time can’t be told', of(v1), of(v1), undefined],
    ['of one that rests', { ...of(v2), usedNs: of(v1).usedNs }, of(v1), 0],
  ])('%s', (_what, now, before, percent) => {
    const found = cpuPercent(now, before);
    if (percent === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(percent, 2);
  });
});

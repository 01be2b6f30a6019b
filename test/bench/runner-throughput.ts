/* Prints how fast an attempt's output is recorded, and how long it takes until a command runs. `node test/bench/runner-throughput.ts [MB] [runner.js]` */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createRunners } from '../../src/adapters/runner-process.ts';
import type { AttemptReport } from '../../src/engine/ports.ts';
import { attemptLab, runnerEntry } from '../support/attempt.ts';

const megabytes = Number(process.argv[2] ?? 200);
const entry = process.argv[3] === undefined ? runnerEntry : [process.execPath, process.argv[3]];
const lab = attemptLab();
const runners = createRunners({ runnerEntry: entry, environment: process.env });
const bytes = megabytes * 1e6;

async function run(on: 'pty' | 'pipes', script: string, name: string) {
  const folder = lab.folder(name);
  const spec = lab.spec({ kind: 'command', argv: ['bash', '-c', script], on }, { outputCapBytes: 4e9 });
  const startMs = performance.timeOrigin + performance.now();
  const report = await new Promise<AttemptReport>((resolve) => {
    void runners.start({
      folder,
      spec,
      secrets: {},
      report: (value) => (value.type === 'started' || value.type === 'stopping' ? undefined : resolve(value)),
    });
  });
  if (report.type !== 'ended') throw new Error(JSON.stringify(report));
  return { result: report.result, folder, startMs };
}

for (const on of ['pty', 'pipes'] as const) {
  const flood = await run(
    on,
    `yes 'the quick brown fox jumps over the lazy dog 0123456789' | head -c ${bytes}`,
    `flood-${on}`,
  );
  const onDisk = readdirSync(flood.folder)
    .filter((name) => name.startsWith('output'))
    .reduce((sum, name) => sum + statSync(join(flood.folder, name)).size, 0);
  const rate = onDisk / 1e6 / (flood.result.durationMs / 1000);
  process.stdout.write(`${on}: ${onDisk} bytes on disk in ${flood.result.durationMs} ms, ${rate.toFixed(0)} MB/s\n`);
}
for (const on of ['pty', 'pipes'] as const) {
  const delays: number[] = [];
  for (let round = 0; round < 7; round++) {
    const quick = await run(on, 'date +%s%N', `quick-${on}-${round}`);
    const { readFileSync } = await import('node:fs');
    delays.push(Number(readFileSync(join(quick.folder, 'output.log'), 'utf8').trim()) / 1e6 - quick.startMs);
  }
  delays.sort((one, other) => one - other);
  process.stdout.write(`${on}: ${delays[3]?.toFixed(0)} ms from start() to the command, median of 7\n`);
}
await lab.dispose();

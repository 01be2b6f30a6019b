// An hour of use on the built program, in real terminals: `npm run soak -- [minutes]`. Exit status 1: something grew, or
// was left behind. It reads /proc, so it wants Linux.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keys, type PtyProgram } from '../support/pty-program.ts';
import { createTestHome, type TestHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';
import { type Sample, sampleOf } from './process-samples.ts';
import { soakRunbook } from './soak-runbook.ts';
import { startWatched } from './surroundings.ts';
import { type Verdict, verdictsOf } from './verdicts.ts';

const SAMPLE_MS = 10_000;
const REOPEN_MS = 240_000;
const KEYS = [keys.tab, keys.down, keys.up, 'z', 'z', '?', keys.escape, 'i', keys.escape, keys.tab, 'r', keys.escape];

const tell = (text: string) => process.stdout.write(`${text}\n`);
const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));

const minutes = Number(process.argv[2] ?? 60);
if (!(minutes > 0)) throw new Error('usage: npm run soak -- [minutes]');
const lengthMs = minutes * 60_000;
const home = createTestHome();
const heapFolder = join(home.workDir, 'heap');
mkdirSync(heapFolder);
const environment = {
  SOAK_HEAP: heapFolder,
  NODE_OPTIONS: `--import=${new URL('heap-probe.mjs', import.meta.url).href}`,
};
const samples = new Map<string, Sample[]>();
const screens: number[] = [];

/** Pids by the names their figures are told with. */
function runners(): ReadonlyMap<string, number> {
  const folder = join(home.runDir('soak'), 'attempts');
  const named = readdirSync(folder).flatMap((name) => {
    try {
      const text = readFileSync(join(folder, name, 'started.json'), 'utf8');
      const { runner } = JSON.parse(text) as { readonly runner: { readonly pid: number } };
      return [[`runner of ${name}`, runner.pid] as const];
    } catch {
      return [];
    }
  });
  return new Map(named);
}

function sample(processes: ReadonlyMap<string, number>): void {
  for (const [name, pid] of processes) {
    const found = sampleOf(pid, heapFolder);
    if (found === undefined) continue;
    samples.set(name, [...(samples.get(name) ?? []), found]);
    const { residentMb, heapMb, descriptors, threads, cpuMs } = found;
    const heap = heapMb === undefined ? '-' : heapMb.toFixed(1);
    tell(
      `${new Date().toISOString().slice(11, 19)}  ${name.padEnd(28)} pid ${pid}  rss ${residentMb.toFixed(1)} MB  ` +
        `heap ${heap} MB  fds ${descriptors}  threads ${threads}  cpu ${(cpuMs / 1000).toFixed(1)} s`,
    );
  }
}

async function openScreen(args: readonly string[]): Promise<PtyProgram> {
  const program = home.open(args, { environment, columns: 140, rows: 44 });
  screens.push(program.pid);
  await program.waitForScreen('A steady stream', { withinMs: 60_000 });
  return program;
}

async function leave(program: PtyProgram): Promise<void> {
  program.press('q');
  await program.waitForScreen((text) => text.includes('goes on running'), { withinMs: 60_000 }).catch(() => undefined);
  program.press('q');
  await program.exited({ withinMs: 60_000 });
}

/** The one that stays becomes the writer when the first one leaves; each that comes after it only looks on. */
async function soak(path: string): Promise<PtyProgram> {
  let visitor = await openScreen([path]);
  visitor.press('a');
  await waitFor(() => runners().size >= 3, { withinMs: 60_000, what: 'service, bursts and watch are running' });
  const stays = await openScreen([path]);
  const begun = performance.now();
  let reopenedAt = begun;
  for (let turn = 0; performance.now() - begun < lengthMs; turn += 1) {
    sample(new Map([['screen that stays', stays.pid], ['visiting screen', visitor.pid], ...runners()]));
    for (const program of [stays, visitor]) program.press(KEYS[turn % KEYS.length] ?? keys.tab);
    await pause(SAMPLE_MS);
    if (performance.now() - reopenedAt < REOPEN_MS) continue;
    await leave(visitor);
    visitor = await openScreen([path]);
    reopenedAt = performance.now();
  }
  await leave(visitor);
  return stays;
}

/** A watch that came to its end ends its phase, and with it the services. */
async function finish(stays: PtyProgram): Promise<readonly Verdict[]> {
  const endings = () => home.events('soak').filter(({ type }) => type === 'AttemptEnded');
  await waitFor(() => endings().length >= 3, { withinMs: 120_000, what: 'the watch and the services end' });
  for (const program of [stays]) {
    program.press(keys.escape);
    program.press('q');
    program.press('q');
    await program.exited({ withinMs: 60_000 });
  }
  return [await leftBehind(home), temporaryFiles(home)];
}

async function leftBehind(of: TestHome): Promise<Verdict> {
  const what = 'processes, sockets and locks left behind';
  const told = await of.nothingLeftBehind().then(
    () => 'none',
    (error: Error) => error.message,
  );
  return { what, found: told, holds: told === 'none' };
}

function temporaryFiles(of: TestHome): Verdict {
  const left = readdirSync(of.dataDir, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.(?:tmp|old|sock)$/.test(name),
  );
  return { what: 'temporary files left behind', found: left.join(', ') || 'none', holds: left.length === 0 };
}

const watched = startWatched(home.workDir);
let isGood = false;
try {
  const path = home.write('soak.yaml', soakRunbook(Math.ceil(lengthMs / 1000) + 30, watched.containers));
  const stays = await soak(path);
  const left = await finish(stays);
  const longLived = [...samples].filter(([name]) => name !== 'visiting screen');
  const verdicts = [...longLived.flatMap(([name, all]) => verdictsOf(name, all)), ...left];
  tell(`\n${minutes} minutes, ${screens.length} screens opened`);
  for (const { what, found, holds } of verdicts) tell(`${holds ? '✔' : '✖'} ${what.padEnd(52)} ${found}`);
  isGood = verdicts.every(({ holds }) => holds);
} finally {
  watched.end();
  await home.remove();
}
process.exit(isGood ? 0 : 1);

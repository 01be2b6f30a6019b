// What the program costs, measured in a pseudo-terminal on the built program, with peers beside it: `npm run bench`.
import { type Figure, median, quantile, tableOf } from './figures.ts';
import { panes } from './panes.ts';
import { costOver, hasTmux, type Peer, startBareNode, startTmux, timeOfBarePipe, timeOfBarePty } from './peers.ts';
import { memoryMb } from './process-cost.ts';
import { type ProgramUnderTest, startProgram } from './program-under-test.ts';
import type { PtySession } from './pty-session.ts';

const STARTS = 7;
const KEYS = 60;
const IDLE_MS = 5_000;
const FLOOD_MS = 5_000;
/** Key to key; whoever has to pace output may not find a rhythm in it. */
const KEY_GAP_MS = 70;
const BIG_BYTES = 200_000_000;
const LINE = 'the quick brown fox jumps over the lazy dog 0123456789';
const BIG_JOB = `yes '${LINE}' | head -c ${BIG_BYTES}`;
/** A log without end: no two lines alike, no character that the screen itself draws. */
const FLOOD_JOB = `awk 'BEGIN { for (n = 0; ; n++) printf "2026-11-22 12:00:%02d [INFO] request %d served in %d ms, %d bytes to client %d\\n", n % 60, n, n * 7919 % 997, n * 104729 % 65521, n * 31 % 251 }'`;

const isDrawn = (text: string): boolean => text.includes('╭');
const hasBorder = (text: string): boolean => text.includes('─');

const pause = (delayMs: number) => new Promise((resolve) => setTimeout(resolve, delayMs));
const tell = (text: string) => process.stderr.write(`${text}\n`);

async function withProgram<T>(
  parameters: Parameters<typeof startProgram>[0],
  use: (program: ProgramUnderTest) => Promise<T>,
): Promise<T> {
  const program = startProgram(parameters);
  try {
    return await use(program);
  } finally {
    await program.dispose();
  }
}

async function withPeer<T>(peer: Peer, use: (peer: Peer) => Promise<T>): Promise<T> {
  try {
    return await use(peer);
  } finally {
    await peer.dispose();
  }
}

type Start = { readonly paintMs: number; readonly screenMs: number; readonly keyMs: number };

/** A key typed at the first paint; its answer is on the screen after so long from the start. */
async function startOnce(): Promise<Start> {
  return withProgram({}, async ({ session }) => {
    const paintedAt = await session.answer('', isDrawn);
    session.write('?');
    const drawnAt = await session.answer('', (text) => text.includes('Measured'));
    const answeredAt = await session.answer('', (text) => text.includes('Keys'));
    const since = (at: number) => at - session.startedAt;
    return { paintMs: since(paintedAt), screenMs: since(drawnAt), keyMs: since(answeredAt) };
  });
}

async function startPeer(start: () => Peer, isThere: (text: string) => boolean): Promise<Omit<Start, 'screenMs'>> {
  return withPeer(start(), async ({ session }) => {
    const paintedAt = await session.answer('', isThere, { inFrames: false });
    const answeredAt = await session.answer('q', (text) => text.includes('q'), { inFrames: false });
    return { paintMs: paintedAt - session.startedAt, keyMs: answeredAt - session.startedAt };
  });
}

async function starts(): Promise<readonly Figure[]> {
  const own: Start[] = [];
  const node: Omit<Start, 'screenMs'>[] = [];
  // Once before it counts: caches are filled.
  await startOnce();
  for (let round = 0; round < STARTS; round++) {
    own.push(await startOnce());
    node.push(await startPeer(startBareNode, (text) => text.includes('here')));
  }
  const of = (name: 'paintMs' | 'keyMs') => ({ name: 'bare Node', reached: median(node.map((one) => one[name])) });
  return [
    {
      what: 'start: first paint',
      unit: 'ms',
      aim: 120,
      reached: median(own.map((one) => one.paintMs)),
      peer: of('paintMs'),
    },
    { what: 'start: whole screen', unit: 'ms', reached: median(own.map((one) => one.screenMs)) },
    {
      what: 'start: first key answered',
      unit: 'ms',
      aim: 300,
      reached: median(own.map((one) => one.keyMs)),
      peer: of('keyMs'),
    },
  ];
}

async function idle(): Promise<readonly Figure[]> {
  const nothing = await withProgram({}, async ({ session }) => {
    await session.answer('', (text) => text.includes('Measured'));
    await pause(1_500);
    return { ...(await costOver(session, session.pid, IDLE_MS)), memory: memoryMb(session.pid) };
  });
  const silent = await withProgram({ job: 'sleep 600' }, async ({ session, startJob }) => {
    await startJob();
    await pause(1_500);
    const cost = await costOver(session, session.pid, IDLE_MS);
    const keys = await keyTimes(session);
    return { ...cost, keys };
  });
  const peer = hasTmux()
    ? await withPeer(startTmux('sleep 600'), async ({ session, screenPid }) => {
        await pause(1_500);
        return costOver(session, screenPid(), IDLE_MS);
      })
    : undefined;
  const of = (reached: number | undefined) => (reached === undefined ? {} : { peer: { name: 'tmux', reached } });
  return [
    { what: 'nothing runs: CPU', unit: '%', aim: 0, reached: nothing.cpuPercent },
    { what: 'nothing runs: bytes', unit: 'B/s', aim: 0, reached: nothing.bytesPerSecond },
    { what: 'nothing runs: memory', unit: 'MB', reached: nothing.memory },
    { what: 'silent step: CPU', unit: '%', reached: silent.cpuPercent, ...of(peer?.cpuPercent) },
    { what: 'silent step: bytes', unit: 'B/s', reached: silent.bytesPerSecond, ...of(peer?.bytesPerSecond) },
    { what: 'silent step: key to frame p50', unit: 'ms', reached: quantile(silent.keys, 0.5) },
    { what: 'silent step: key to frame p95', unit: 'ms', reached: quantile(silent.keys, 0.95) },
  ];
}

/** Tab moves the focus: borders change, which no output and no clock does. */
async function keyTimes(session: PtySession): Promise<readonly number[]> {
  const times: number[] = [];
  for (let count = 0; count < KEYS; count++) {
    await pause(KEY_GAP_MS + ((count * 7) % 30));
    const pressedAt = performance.now();
    times.push((await session.answer('\t', hasBorder)) - pressedAt);
  }
  return times;
}

async function rollbackTimes(session: PtySession): Promise<readonly number[]> {
  const times: number[] = [];
  for (let count = 0; count < KEYS / 3; count++) {
    await pause(KEY_GAP_MS + ((count * 7) % 30));
    const pressedAt = performance.now();
    times.push((await session.answer('r', hasBorder)) - pressedAt);
    await pause(KEY_GAP_MS);
    await session.answer('\x1b', hasBorder);
  }
  return times;
}

async function flood(): Promise<readonly Figure[]> {
  const own = await withProgram({ job: FLOOD_JOB }, async ({ session, startJob, bytesOnDisk }) => {
    await startJob();
    await pause(2_000);
    const before = bytesOnDisk();
    const cost = await costOver(session, session.pid, FLOOD_MS);
    const recorded = bytesOnDisk() - before;
    const keys = await keyTimes(session);
    const rollbacks = await rollbackTimes(session);
    return { ...cost, keys, rollbacks, memory: memoryMb(session.pid), recorded };
  });
  const peer = hasTmux() ? await tmuxFlood() : undefined;
  const of = (reached: number | undefined) => (reached === undefined ? {} : { peer: { name: 'tmux', reached } });
  return [
    {
      what: 'flood: key to frame p50',
      unit: 'ms',
      aim: 8,
      reached: quantile(own.keys, 0.5),
      ...of(peer && quantile(peer.keys, 0.5)),
    },
    {
      what: 'flood: key to frame p95',
      unit: 'ms',
      aim: 20,
      reached: quantile(own.keys, 0.95),
      ...of(peer && quantile(peer.keys, 0.95)),
    },
    { what: 'flood: r to plan p50', unit: 'ms', aim: 8, reached: quantile(own.rollbacks, 0.5) },
    { what: 'flood: r to plan p95', unit: 'ms', aim: 20, reached: quantile(own.rollbacks, 0.95) },
    {
      what: 'flood: bytes to the terminal',
      unit: 'KB/s',
      aim: 60,
      reached: own.bytesPerSecond / 1000,
      ...of(peer && peer.bytesPerSecond / 1000),
    },
    { what: 'flood: CPU of the screen', unit: '%', reached: own.cpuPercent, ...of(peer?.cpuPercent) },
    { what: 'flood: memory of the screen', unit: 'MB', reached: own.memory, ...of(peer?.memory) },
  ];
}

/** Its prefix and `:` open its prompt in the last line, which is drawn on a yellow ground. */
async function tmuxFlood() {
  return withPeer(startTmux(FLOOD_JOB), async ({ session, screenPid }) => {
    await pause(2_000);
    const cost = await costOver(session, screenPid(), FLOOD_MS);
    const keys: number[] = [];
    for (let count = 0; count < KEYS / 3; count++) {
      await pause(KEY_GAP_MS + ((count * 7) % 30));
      const pressedAt = performance.now();
      const isPrompt = (text: string) => /\x1b\[[\d;]*43m/.test(text);
      keys.push((await session.answer('\x02:', isPrompt, { inFrames: false })) - pressedAt);
      await pause(KEY_GAP_MS);
      session.write('\x03');
    }
    return { ...cost, keys, memory: memoryMb(screenPid()) };
  });
}

async function big(): Promise<readonly Figure[]> {
  const run = (on: 'terminal' | 'pipes') =>
    withProgram({ job: BIG_JOB, on }, async ({ startJob, jobEnd }) => {
      await startJob();
      return jobEnd(60_000);
    });
  const terminal: number[] = [];
  const bare: number[] = [];
  const pipes: number[] = [];
  const barePipes: number[] = [];
  for (let round = 0; round < 3; round++) {
    const [onTerminal, alone, onPipes] = [await run('terminal'), await timeOfBarePty(BIG_JOB), await run('pipes')];
    if (onTerminal.bytesOnDisk !== alone.bytes)
      throw new Error(`${onTerminal.bytesOnDisk} bytes on the disk, ${alone.bytes} were printed`);
    if (onPipes.bytesOnDisk !== BIG_BYTES)
      throw new Error(`${onPipes.bytesOnDisk} bytes on the disk, ${BIG_BYTES} were printed`);
    terminal.push(onTerminal.durationMs / 1000);
    bare.push(alone.durationMs / 1000);
    pipes.push(onPipes.durationMs / 1000);
    barePipes.push(timeOfBarePipe(BIG_JOB) / 1000);
  }
  return [
    {
      what: '200 MB on a terminal, all on the disk',
      unit: 's',
      aim: 4.5,
      reached: median(terminal),
      peer: { name: 'read and thrown away', reached: median(bare) },
    },
    {
      what: '200 MB on pipes, all on the disk',
      unit: 's',
      aim: 1.5,
      reached: median(pipes),
      peer: { name: 'cat > /dev/null', reached: median(barePipes) },
    },
  ];
}

const parts = { starts, idle, flood, big, panes };
const wanted = process.argv.slice(2);
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  tell(`measuring: ${name} …`);
  figures.push(...(await measure()));
}
process.stdout.write(`\n${tableOf(figures).join('\n')}\n`);

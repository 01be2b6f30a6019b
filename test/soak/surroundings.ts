import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const IMAGE = 'runbook-test-busybox:1';
const LINES_MS = 200;
const ROTATION_MS = 120_000;
const RESTART_MS = 300_000;

const docker = (...args: readonly string[]) => execFileSync('docker', args, { encoding: 'utf8', stdio: 'pipe' }).trim();

/** Things to watch beside the run: containers of which one is made anew now and then, a log that is rotated. */
export type Watched = { readonly containers: readonly string[]; readonly end: () => void };

/** Starts them; without an engine that has the image of the tests there are no containers. */
export function startWatched(folder: string): Watched {
  const containers = startContainers();
  mkdirSync(join(folder, 'logs'));
  const path = join(folder, 'logs', 'app.log');
  let count = 0;
  const timers = [
    setInterval(() => {
      count += 1;
      appendFileSync(path, `${new Date().toISOString()} INFO request ${count} from client ${count % 251}\n`);
    }, LINES_MS),
    setInterval(() => renameSync(path, `${path}.1`), ROTATION_MS),
    setInterval(() => {
      const [first] = containers;
      if (first !== undefined) docker('restart', '-t', '0', first);
    }, RESTART_MS),
  ];
  return {
    containers,
    end: () => {
      for (const timer of timers) clearInterval(timer);
      if (containers.length > 0) docker('rm', '-f', ...containers);
    },
  };
}

function startContainers(): readonly string[] {
  try {
    docker('image', 'inspect', IMAGE);
  } catch {
    process.stderr.write(
      `without containers: they want a Docker engine with the image ${IMAGE}, which the tests make\n`,
    );
    return [];
  }
  const talk = 'n=0; while :; do n=$((n + 1)); echo "line $n all is well"; sleep 0.5; done';
  return [1, 2, 3].map((number) => {
    const name = `soak-${process.pid}-${number}`;
    docker('run', '-d', '--name', name, IMAGE, 'sh', '-c', talk);
    return name;
  });
}

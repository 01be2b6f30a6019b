import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** What a test tells of itself: how it is left out, and what happens at its end. Vitest's test context is one. */
type TestHandle = {
  readonly skip: (note?: string) => never;
  readonly onTestFinished: (fn: () => Promise<void>) => void;
};

/** A real engine for one test: what is made through it is gone when the test has finished. */
export type DockerLab = {
  /** Unique; names of containers and projects begin with it. */
  readonly prefix: string;
  /** An image of 2 MB with busybox in it. */
  readonly image: string;
  /** The engine's socket. */
  readonly socketPath: string;
  /** Runs `docker …`; resolves to what it printed. @throws where it fails. */
  readonly docker: (...args: readonly string[]) => Promise<string>;
  /** Starts a container of the image in the background; `name` comes after the prefix. Resolves to its id. */
  readonly run: (container: {
    readonly name: string;
    readonly args?: readonly string[];
    readonly command: readonly string[];
  }) => Promise<string>;
  /** Writes a compose file into a folder of its own; `compose` runs `docker compose -f <file> …`. */
  readonly project: (services: string) => DockerProject;
};

export type DockerProject = {
  readonly name: string;
  readonly file: string;
  readonly compose: (...args: readonly string[]) => Promise<string>;
};

const IMAGE = 'runbook-test-busybox:1';
const LABEL = 'runbook-test';
const BUSYBOXES = ['/bin/busybox', '/usr/bin/busybox', '/bin/busybox.static', '/usr/local/bin/busybox'];

let labs = 0;
let isReady: Promise<string | undefined> | undefined;

/** Opens a {@link DockerLab}; leaves the test out, with a note, where no engine or no busybox for its image is there. */
export async function openDockerLab(test: TestHandle): Promise<DockerLab> {
  isReady ??= lackOf();
  const lack = await isReady;
  if (lack !== undefined) test.skip(`note: ${lack}`);
  labs += 1;
  const prefix = `rbt${process.pid}x${labs}`;
  const folders: string[] = [];
  test.onTestFinished(async () => {
    await removeAll([`label=${LABEL}=${prefix}`]);
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  return {
    prefix,
    image: IMAGE,
    socketPath: await socketPath(),
    docker,
    run: ({ name, args = [], command }) =>
      docker('run', '-d', '--label', `${LABEL}=${prefix}`, '--name', `${prefix}-${name}`, ...args, IMAGE, ...command),
    project(services) {
      const name = `${prefix}p${folders.length}`;
      const folder = mkdtempSync(join(tmpdir(), 'runbook-compose-'));
      folders.push(folder);
      test.onTestFinished(() => removeAll([`label=com.docker.compose.project=${name}`]));
      const file = join(folder, 'docker-compose.yml');
      writeFileSync(file, `name: ${name}\nservices:\n${services}`);
      return { name, file, compose: (...args) => docker('compose', '-f', file, ...args) };
    },
  };
}

/** What is wanted for the tests with a real engine; undefined: all is there. */
async function lackOf(): Promise<string | undefined> {
  const version = await execa('docker', ['version', '--format', '{{.Server.Version}}'], { reject: false });
  if (version.exitCode !== 0)
    return 'wants a Docker engine: install Docker and start it, so that `docker version` answers';
  const compose = await execa('docker', ['compose', 'version'], { reject: false });
  if (compose.exitCode !== 0) return 'wants `docker compose`: install version 2 of Docker Compose';
  const image = await execa('docker', ['image', 'inspect', IMAGE], { reject: false });
  if (image.exitCode === 0) return undefined;
  const busybox = BUSYBOXES.find(isStatic);
  if (busybox === undefined)
    return 'wants a statically linked busybox for its image: install the package busybox-static';
  await makeImage(busybox);
  return undefined;
}

/** A program that is linked dynamically names its loader near its beginning. */
function isStatic(path: string): boolean {
  try {
    return !readFileSync(path).subarray(0, 4_096).includes('/ld-');
  } catch {
    return false;
  }
}

async function makeImage(busybox: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-image-'));
  try {
    for (const name of ['bin', 'tmp', 'proc', 'dev', 'etc']) await mkdir(join(folder, name));
    await copyFile(busybox, join(folder, 'bin', 'busybox'));
    const { stdout } = await execa(busybox, ['--list']);
    for (const name of stdout.split('\n')) if (name !== 'busybox') symlinkSync('busybox', join(folder, 'bin', name));
    const archive = join(folder, 'image.tar');
    await execa('tar', ['-C', folder, '-cf', archive, 'bin', 'tmp', 'proc', 'dev', 'etc']);
    await docker('import', '-c', 'ENV PATH=/bin', archive, IMAGE);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function socketPath(): Promise<string> {
  const host =
    process.env.DOCKER_HOST ?? (await docker('context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'));
  return host.replace(/^unix:\/\//, '');
}

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execa('docker', args, { stdin: 'ignore' });
  return stdout;
}

async function removeAll(filters: readonly string[]): Promise<void> {
  const given = filters.flatMap((filter) => ['--filter', filter]);
  const containers = await docker('ps', '-aq', ...given);
  if (containers !== '') await docker('rm', '-f', '-v', ...containers.split('\n'));
  const networks = await docker('network', 'ls', '-q', ...given);
  if (networks !== '') await docker('network', 'rm', ...networks.split('\n'));
}

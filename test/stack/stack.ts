import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { freePort } from '../support/free-port.ts';
import { docker } from './docker.ts';
import type { BaseImages } from './images/base-images.ts';
import type { ImageNames } from './releases.ts';
import { type WorkingCopies, workingCopies } from './working-copies.ts';

export type Service = 'postgres' | 'redis' | 'celery-worker' | 'aiproxy-app';

/** A container as the engine knows it. */
export type Container = {
  readonly id: string;
  /** The image it was made from, by its id. */
  readonly image: string;
};

/** The service in production on this machine: a compose project of its own, with a port and working copies of its own. */
export type Stack = {
  readonly project: string;
  readonly copies: WorkingCopies;
  readonly baseUrl: string;
  /** What the app takes as a bearer token. */
  readonly token: string;
  /** Starts all services and resolves when all are healthy. */
  readonly up: () => Promise<void>;
  readonly compose: (...args: readonly string[]) => Promise<string>;
  readonly container: (service: Service) => Promise<Container>;
  readonly composeFile: () => string;
  /** Takes it all away: containers, network, volume, folders. */
  readonly remove: () => Promise<void>;
};

/** Lays out a {@link Stack}; nothing runs before it is told to. */
export async function createStack(names: ImageNames, images: BaseImages): Promise<Stack> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'runbook-stack-')));
  const project = basename(folder).toLowerCase();
  const copies = workingCopies(folder, names, images);
  const production = join(copies.studio, 'aiproxysrv');
  const port = await freePort();
  const token = `token-of-${project}`;
  writeFileSync(join(production, '.env'), `COMPOSE_PROJECT_NAME=${project}\nAPP_PORT=${port}\nAPI_TOKEN=${token}\n`);
  const compose = (...args: readonly string[]) => docker(['compose', ...args], { cwd: production });
  return {
    project,
    copies,
    baseUrl: `http://127.0.0.1:${port}`,
    token,
    compose,
    up: async () => {
      await compose('up', '-d', '--pull', 'never', '--wait', '--wait-timeout', '120');
    },
    container: async (service) => {
      const id = await compose('ps', '-q', service);
      return { id, image: await docker(['inspect', '-f', '{{.Image}}', id]) };
    },
    composeFile: () => readFileSync(join(production, 'docker-compose.yml'), 'utf8'),
    remove: async () => {
      await compose('down', '--volumes', '--remove-orphans', '--timeout', '0');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

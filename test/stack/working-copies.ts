import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BaseImages } from './images/base-images.ts';
import { dockerfileOn, type ImageNames, sources } from './releases.ts';

/** The project as it stands on both machines, and where both push to and pull from. */
export type WorkingCopies = { readonly origin: string; readonly macbook: string; readonly studio: string };

/** Makes an origin with one commit, and a clean working copy of it for each machine. */
export function workingCopies(folder: string, names: ImageNames, images: BaseImages): WorkingCopies {
  const origin = join(folder, 'origin.git');
  const macbook = join(folder, 'macbook', 'mac_ki_service');
  const studio = join(folder, 'studio', 'mac_ki_service');
  git(folder, 'init', '-q', '--bare', '-b', 'main', origin);
  git(folder, 'init', '-q', '-b', 'main', macbook);
  git(macbook, 'remote', 'add', 'origin', origin);
  cpSync(sources, join(macbook, 'aiproxysrv'), { recursive: true });
  fillIn(join(macbook, 'aiproxysrv'), names, images);
  writeFileSync(join(macbook, '.gitignore'), '.env\n');
  git(macbook, 'config', 'user.name', 'Rob');
  git(macbook, 'config', 'user.email', 'rob@example.org');
  git(macbook, 'add', '.');
  git(macbook, 'commit', '-q', '-m', 'aiproxysrv 2.1.16');
  git(macbook, 'push', '-q', '-u', 'origin', 'main');
  mkdirSync(join(folder, 'studio'));
  git(folder, 'clone', '-q', origin, studio);
  return { origin, macbook, studio };
}

/** Puts the images of this machine where the sources name public ones. */
function fillIn(folder: string, names: ImageNames, images: BaseImages): void {
  writeFileSync(join(folder, 'Dockerfile'), dockerfileOn(images.oldPython));
  const compose = join(folder, 'docker-compose.yml');
  const text = readFileSync(compose, 'utf8')
    .replace('postgres:15', images.postgres)
    .replace('redis:7', images.redis)
    .replace('ghcr.io/rwellinger/celery-worker-app', names.worker)
    .replace('ghcr.io/rwellinger/aiproxysrv-app', names.app);
  writeFileSync(compose, text);
}

/** Calls git in a folder; what it printed. */
export function git(folder: string, ...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).trim();
}

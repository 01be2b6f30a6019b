import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { docker } from './docker.ts';

/** Sources of the service, as its working copies hold them but for names of images. */
export const sources = fileURLToPath(new URL('../fixtures/stack/aiproxysrv', import.meta.url));

/** A release of the stack's two images. */
export type Release = {
  readonly version: string;
  readonly base: string;
  /** Its health endpoint answers, and says that it is not well. */
  readonly isSick?: true;
};

/** Names of the two images, without their tags. */
export type ImageNames = { readonly app: string; readonly worker: string };

export function imageNames(registry: string): ImageNames {
  return { app: `${registry}/rwellinger/aiproxysrv-app`, worker: `${registry}/rwellinger/celery-worker-app` };
}

/** The text of the Dockerfile, standing on another image than the real one, which can't be had everywhere. */
export function dockerfileOn(base: string): string {
  return readFileSync(join(sources, 'Dockerfile'), 'utf8').replace('python:3.11-slim', base);
}

/** Builds both images of a release on this machine. */
export async function build(release: Release, names: ImageNames): Promise<void> {
  const context = mkdtempSync(join(tmpdir(), 'runbook-release-'));
  try {
    cpSync(sources, context, { recursive: true });
    writeFileSync(join(context, 'Dockerfile'), dockerfileOn(release.base));
    const flags = release.isSick ? ['--build-arg', 'BREAK=health'] : [];
    for (const [target, name] of Object.entries(names))
      await docker(['build', '-q', ...flags, '--target', target, '-t', `${name}:${release.version}`, context]);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

/** Builds a release and leaves it in the registry alone, from where production has to pull it. */
export async function publish(release: Release, names: ImageNames): Promise<void> {
  await build(release, names);
  for (const name of Object.values(names)) {
    await docker(['push', '-q', `${name}:${release.version}`]);
    await docker(['image', 'rm', `${name}:${release.version}`]);
  }
}

/** Takes every name of the two images from this machine. */
export async function forget(names: ImageNames): Promise<void> {
  for (const name of Object.values(names)) {
    const there = await docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', name]);
    if (there !== '') await docker(['image', 'rm', '-f', ...there.split('\n')]);
  }
}

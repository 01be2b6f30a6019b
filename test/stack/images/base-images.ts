import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { docker, hasImage } from '../docker.ts';
import { debianTree, unpackPackages } from './debian-tree.ts';
import { filesDigest } from './files-digest.ts';
import { debianPackages, pythonPackages } from './packages.ts';
import { addPython, type InstalledPython } from './python-tree.ts';

/** Names of images that hold no release of anything: what the stack's services stand on. */
export type BaseImages = {
  readonly postgres: string;
  readonly redis: string;
  readonly oldPython: string;
  readonly newPython: string;
};

const path = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const fixtures = fileURLToPath(new URL('../../fixtures/stack/image', import.meta.url));

/** How a folder is filled that becomes an image, and what a container of it starts with. */
type Recipe = {
  readonly name: string;
  readonly fill: (tree: string) => Promise<void>;
  readonly changes: readonly string[];
};

/**
 * Makes the images that are not there yet; their names follow from how they are made, so later runs find them. They are
 * kept, since making them takes half a minute.
 */
export async function baseImages(pythons: {
  readonly old: InstalledPython;
  readonly new: InstalledPython;
}): Promise<BaseImages> {
  const digest = filesDigest([fixtures, import.meta.dirname], [pythons.old.version, pythons.new.version]);
  const nameOf = (what: string) => `runbook-stack/${what}:${digest}`;
  const work = mkdtempSync(join(tmpdir(), 'runbook-images-'));
  let unpacked: Promise<string> | undefined;
  const modules = () => (unpacked ??= unpackModules(join(work, 'modules')));
  const recipes: readonly Recipe[] = [
    { name: nameOf('redis'), fill: (tree) => debianTree(debianPackages.redis, tree), changes: [] },
    {
      name: nameOf('postgres'),
      fill: fillPostgres,
      changes: [`ENV PATH=${path}:/usr/lib/postgresql/15/bin`, 'CMD ["start-postgres"]'],
    },
    ...[pythons.old, pythons.new].map((python) => ({
      name: nameOf(`python${python.minor}`),
      fill: async (tree: string) => fillPython(tree, await modules(), python),
      changes: ['ENV LANG=C.UTF-8'],
    })),
  ];
  try {
    await Promise.all(recipes.map((recipe) => makeImage(work, recipe)));
    await forgetOthers(digest);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return {
    postgres: nameOf('postgres'),
    redis: nameOf('redis'),
    oldPython: nameOf(`python${pythons.old.minor}`),
    newPython: nameOf(`python${pythons.new.minor}`),
  };
}

/** Takes away what was made of an earlier state of this folder, unless something runs on it. */
async function forgetOthers(digest: string): Promise<void> {
  const there = await docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}', 'runbook-stack/*']);
  const others = there.split('\n').filter((name) => name !== '' && !name.endsWith(`:${digest}`));
  for (const name of others) await execa('docker', ['image', 'rm', name], { reject: false });
}

async function makeImage(work: string, { name, fill, changes }: Recipe): Promise<void> {
  if (await hasImage(name)) return;
  const tree = mkdtempSync(join(work, 'tree-'));
  await fill(tree);
  const flags = [`ENV PATH=${path}`, ...changes].flatMap((change) => ['--change', change]);
  await execa('tar', ['-C', tree, '--owner=0', '--group=0', '--numeric-owner', '-c', '.'], { buffer: false }).pipe(
    'docker',
    ['import', ...flags, '-', name],
  );
}

async function fillPostgres(tree: string): Promise<void> {
  await debianTree(debianPackages.postgres, tree);
  await execa('sh', ['-c', 'echo postgres:x:999:999::/:/bin/sh >> etc/passwd; echo postgres:x:999: >> etc/group'], {
    cwd: tree,
  });
  mkdirSync(join(tree, 'usr/local/bin'), { recursive: true });
  mkdirSync(join(tree, 'usr/local/share'), { recursive: true });
  cpSync(join(fixtures, 'bin/start-postgres'), join(tree, 'usr/local/bin/start-postgres'));
  cpSync(join(fixtures, 'seed.sql'), join(tree, 'usr/local/share/seed.sql'));
}

async function unpackModules(tree: string): Promise<string> {
  await unpackPackages(pythonPackages, tree);
  return join(tree, 'usr/lib/python3/dist-packages');
}

async function fillPython(tree: string, modules: string, python: InstalledPython): Promise<void> {
  await debianTree(debianPackages.python, tree);
  await addPython(python, modules, tree);
  cpSync(join(fixtures, 'bin/celery'), join(tree, 'usr/local/bin/celery'));
}

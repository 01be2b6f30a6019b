import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** Parts of packages that no program here reads, some of them large. */
const unread = ['doc', 'info', 'lintian', 'locale', 'man'].map((name) => join('usr/share', name));

/**
 * Unpacks Debian packages into a folder, without their scripts: nothing of them is installed on this machine.
 *
 * @param packages names, `name/release` where it is not this machine's.
 * @throws {Error} if one can't be fetched.
 */
export async function unpackPackages(packages: readonly string[], tree: string): Promise<void> {
  const fetched = `${tree}.packages`;
  mkdirSync(fetched, { recursive: true });
  mkdirSync(tree, { recursive: true });
  await execa('apt-get', ['download', '-q', ...packages], { cwd: fetched });
  for (const file of readdirSync(fetched)) await execa('dpkg-deb', ['-x', join(fetched, file), tree]);
  for (const path of [fetched, ...unread.map((name) => join(tree, name))])
    rmSync(path, { recursive: true, force: true });
}

/** A small Debian of some packages: a folder that can become an image. */
export async function debianTree(packages: readonly string[], tree: string): Promise<void> {
  await unpackPackages(packages, tree);
  for (const name of ['passwd', 'group'])
    cpSync(join(tree, `usr/share/base-passwd/${name}.master`), join(tree, 'etc', name));
}

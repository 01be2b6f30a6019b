import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A Python of this machine that can be copied whole; `minor` such as `3.12`. */
export type InstalledPython = { readonly minor: string; readonly version: string; readonly prefix: string };

/** The newest Python of a minor version that pyenv keeps; undefined: none. */
export function findPython(minor: string): InstalledPython | undefined {
  const versions = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const found = existsSync(versions) ? readdirSync(versions).filter((name) => name.startsWith(`${minor}.`)) : [];
  const prefixes = found.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true }));
  const newest = prefixes.map((name) => join(versions, name)).at(-1);
  if (newest === undefined) return undefined;
  const version = execFileSync(join(newest, 'bin', `python${minor}`), ['--version'], { encoding: 'utf8' }).trim();
  return { minor, version, prefix: newest };
}

/** Parts of an installation that running a service does without: tests, editors, what is for building Python itself. */
const leftOut = /\/(test|tests|idlelib|tkinter|turtledemo|ensurepip|lib2to3|config-[^/]*|site-packages|.*\.a)$/;

/** Copies a Python into a tree as its /usr/local, with the modules of a folder as what is installed in it. */
export async function addPython(python: InstalledPython, modules: string, tree: string): Promise<void> {
  const { minor, prefix } = python;
  const local = join(tree, 'usr/local');
  const library = join('lib', `python${minor}`);
  const copy = (path: string) =>
    cpSync(join(prefix, path), join(local, path), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
      filter: (source) => !leftOut.test(source),
    });
  copy(library);
  // Where the loader of every Debian looks; the installation's own place for it is not in the image.
  for (const name of readdirSync(join(prefix, 'lib')).filter((one) => one.startsWith('libpython')))
    cpSync(join(prefix, 'lib', name), join(tree, 'usr/lib', name), { verbatimSymlinks: true });
  for (const name of ['python', 'python3', `python${minor}`]) copy(`bin/${name}`);
  const installed = join(local, library, 'site-packages');
  cpSync(modules, installed, { recursive: true, preserveTimestamps: true });
  // Who runs the services may write nothing there, and compiling at every start takes seconds.
  const inImage = `/usr/local/${library}/site-packages`;
  await execa(join(prefix, 'bin', `python${minor}`), [
    '-m',
    'compileall',
    '-q',
    '-j',
    '2',
    '-s',
    installed,
    '-p',
    inImage,
    installed,
  ]);
}

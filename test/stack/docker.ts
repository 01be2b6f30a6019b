import { execa } from 'execa';

/** Calls `docker`; resolves with what it printed. @throws {Error} with its message if it fails. */
export async function docker(args: readonly string[], options: { readonly cwd?: string } = {}): Promise<string> {
  // Buildx need not be there; what builds without it is enough for these.
  const { stdout } = await execa('docker', args, { ...options, env: { DOCKER_BUILDKIT: '0' }, stdin: 'ignore' });
  return stdout.trim();
}

/** Whether the engine has an image of this name. */
export async function hasImage(name: string): Promise<boolean> {
  return (await docker(['image', 'ls', '-q', name])) !== '';
}

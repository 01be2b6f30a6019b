import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { waitFor } from '../support/wait-for.ts';

/** A registry of this machine alone, on a port of its own, without TLS. */
export type Registry = { readonly address: string; readonly stop: () => Promise<void> };

const config = (folder: string) => `
version: 0.1
log: { level: info }
storage: { filesystem: { rootdirectory: ${folder} } }
http: { addr: '127.0.0.1:0' }
`;

/** Starts an empty registry. @throws {Error} with what it said, if it does not come up. */
export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), 'runbook-registry-'));
  const file = join(folder, 'config.yml');
  writeFileSync(file, config(folder));
  const server = execa('docker-registry', ['serve', file], { reject: false, all: true, buffer: false });
  let said = '';
  server.all.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-10_000);
  });
  const stop = async () => {
    server.kill();
    await server;
    rmSync(folder, { recursive: true, force: true });
  };
  const port = await waitFor(() => /listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1], {
    what: 'the registry listens',
  }).catch(async (error: Error) => {
    await stop();
    throw new Error(`${error.message}; it said:\n${said}`);
  });
  return { address: `127.0.0.1:${port}`, stop };
}

import { hasCode, writeDurable } from '../adapters/durable-file.ts';

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;

/**
 * Writes a file, again and again until it can: a disk may get room again, or be writable again.
 *
 * @param input.signal ends it; absent: nothing does.
 * @param input.onRefused called with the system's code each time that it is another one.
 * @returns false: it was ended before it could be written.
 * @throws the system's error if the folder is gone: there is nothing any more to write to.
 */
export async function writeUntilWritten(input: {
  readonly path: string;
  /** Made anew for each try. */
  readonly content: () => string;
  readonly signal?: AbortSignal;
  readonly onRefused: (code: string) => void;
}): Promise<boolean> {
  let told = '';
  for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
    try {
      await writeDurable(input.path, input.content());
      return true;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error) || hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR'))
        throw error;
      const code = String(error.code);
      if (code !== told) input.onRefused(code);
      told = code;
    }
    if (input.signal?.aborted) return false;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }
}

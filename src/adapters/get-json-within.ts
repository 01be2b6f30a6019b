import { deadline } from './deadline.ts';
import type { DockerAnswer, DockerApi } from './docker-api.ts';

/**
 * Asks the engine for one JSON value, and takes the question back after a time.
 *
 * Not by `AbortSignal.timeout`: of one that is joined to others by `AbortSignal.any`, Node 24 keeps something for good,
 * one signal a question, which adds up over a night.
 *
 * @param input.signal takes it back earlier.
 */
export async function getJsonWithin(input: {
  readonly api: Pick<DockerApi, 'getJson'>;
  readonly path: string;
  readonly withinMs: number;
  readonly signal: AbortSignal;
}): Promise<DockerAnswer<unknown>> {
  const late = new AbortController();
  const cancel = deadline(input.withinMs, () => late.abort());
  try {
    return await input.api.getJson(input.path, AbortSignal.any([input.signal, late.signal]));
  } finally {
    cancel();
  }
}

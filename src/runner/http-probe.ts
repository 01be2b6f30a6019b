import type { IncomingMessage, RequestOptions } from 'node:http';
import { deadline } from '../adapters/deadline.ts';
import { searchPattern } from '../definition/pattern.ts';
import { maskText } from '../live/mask.ts';
import { isPlainPattern } from '../live/plain-pattern.ts';
import { createTimeGuard } from '../live/time-guard.ts';
import { jsonDifference } from './json-subset.ts';
import { networkError } from './network-error.ts';
import { type Answer, type Surroundings, seconds } from './probe.ts';
import type { ResolvedProbe } from './spec.ts';

type HttpProbe = Extract<ResolvedProbe, { kind: 'http' }>;
type HttpAnswer = { readonly status: number; readonly body: string };

const LONGEST_BODY_BYTES = 1024 * 1024;
const SHOWN_CHARACTERS = 120;
/** A pattern may take for ever on a body; until it is ended, this process does nothing else. */
const MATCH_MS = 2_000;

/** Asks over HTTP, once and without following redirects: a redirect is an answer, and its status is what is compared. */
export async function askHttp(
  probe: HttpProbe,
  { signal, secrets }: Pick<Surroundings, 'signal' | 'secrets'>,
): Promise<Answer> {
  let url: URL;
  try {
    url = new URL(probe.url);
  } catch {
    return { held: false, found: `${JSON.stringify(probe.url)} is no URL` };
  }
  // Before anything is shortened: of a secret that was cut its beginning would be told.
  const mask = (text: string) => maskText(text, secrets);
  const where = `${url.hostname}:${url.port || (url.protocol === 'https:' ? '443' : '80')}`;
  const late = new AbortController();
  const cancelDeadline = deadline(probe.timeoutMs, () => late.abort());
  try {
    return compare(await request(probe, url, AbortSignal.any([signal, late.signal])), probe, mask);
  } catch (error) {
    if (signal.aborted) return { held: false, found: 'was stopped' };
    if (late.signal.aborted)
      return { held: false, found: `no answer from ${where} within ${seconds(probe.timeoutMs)}` };
    return { held: false, found: networkError(error, where) };
  } finally {
    cancelDeadline();
  }
}

async function request(probe: HttpProbe, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
  const send = (url.protocol === 'https:' ? await import('node:https') : await import('node:http')).request;
  const headers: Record<string, string> = { accept: '*/*', 'user-agent': 'runbook', ...probe.headers };
  const body = probe.body === undefined ? undefined : Buffer.from(probe.body);
  if (body !== undefined) headers['content-length'] = String(body.length);
  const options: RequestOptions = { method: probe.method, headers, signal, agent: false };
  return new Promise((resolve, reject) => {
    const outgoing = send(url, options, (incoming) => void read(incoming).then(resolve, reject));
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function read(incoming: IncomingMessage): Promise<HttpAnswer> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for await (const piece of incoming as AsyncIterable<Buffer>) {
    pieces.push(piece);
    sizeBytes += piece.length;
    if (sizeBytes >= LONGEST_BODY_BYTES) break;
  }
  incoming.destroy();
  return { status: incoming.statusCode ?? 0, body: Buffer.concat(pieces).toString() };
}

function compare(answer: HttpAnswer, probe: HttpProbe, mask: (text: string) => string): Answer {
  const differences: string[] = [];
  const isWanted =
    probe.status === undefined ? answer.status >= 200 && answer.status < 300 : answer.status === probe.status;
  if (!isWanted) differences.push(`status ${answer.status}, wanted ${probe.status ?? '200 to 299'}`);
  if (probe.json !== undefined) differences.push(...compareJson(answer.body, probe.json, mask));
  if (probe.match !== undefined) differences.push(...compareLines(answer.body, probe.match, mask));
  return differences.length === 0
    ? { held: true, found: `status ${answer.status}` }
    : { held: false, found: differences.join('; ') };
}

function compareLines(body: string, pattern: string, mask: (text: string) => string): readonly string[] {
  const isFound = matches(body, pattern);
  if (isFound === undefined)
    return [`it takes too long to see whether the body matches /${pattern}/; write it simpler`];
  return isFound ? [] : [`no line of the body matches /${pattern}/, it is ${shown(mask(body))}`];
}

function compareJson(body: string, wanted: unknown, mask: (text: string) => string): readonly string[] {
  let found: unknown;
  try {
    found = JSON.parse(body);
  } catch {
    return [`the body is no JSON, it is ${shown(mask(body))}`];
  }
  const difference = jsonDifference(found, wanted, { mask });
  if (difference === undefined) return [];
  const what = difference.path === '' ? 'the body' : difference.path;
  return [`${what} is ${difference.found}, wanted ${difference.wanted}`];
}

/** Whether a line of it matches; undefined: it takes too long to say. */
function matches(body: string, pattern: string): boolean | undefined {
  const expression = searchPattern(pattern);
  const lines = body.split(/\r\n|\n|\r/);
  if (isPlainPattern(expression)) return lines.some((line) => expression.test(line));
  let isFound = false;
  const isInTime = createTimeGuard(MATCH_MS)(() => {
    isFound = lines.some((line) => expression.test(line));
  });
  return isInTime ? isFound : undefined;
}

function shown(body: string): string {
  if (body.length === 0) return 'empty';
  return JSON.stringify(body.length > SHOWN_CHARACTERS ? `${body.slice(0, SHOWN_CHARACTERS)}…` : body);
}

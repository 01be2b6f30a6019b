import { request } from 'node:http';

/**
 * One request to this machine.
 *
 * @param {{port: number, path: string, method?: string, body?: Buffer | string, timeoutMs?: number,
 *   headers?: import('node:http').OutgoingHttpHeaders}} question
 * @returns {Promise<{status: number, headers: import('node:http').IncomingHttpHeaders, body: string} | null>}
 *   null: nobody answered in time
 */
export function ask({ port, path, method = 'GET', body, timeoutMs = 2000, headers = {} }) {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) },
      (answer) => {
        const parts = /** @type {Buffer[]} */ ([]);
        answer.on('data', (part) => parts.push(part));
        answer.on('error', () => resolve(null));
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
        });
      },
    );
    asked.on('error', () => resolve(null));
    asked.end(body);
  });
}

/**
 * The same, with the answer's body read as JSON.
 *
 * @param {Parameters<typeof ask>[0]} question
 * @returns {Promise<{status: number, json: any} | null>} null: nobody answered, or not with JSON
 */
export async function askJson(question) {
  const answer = await ask(question);
  if (!answer) return null;
  try {
    return { status: answer.status, json: JSON.parse(answer.body) };
  } catch {
    return null;
  }
}

/**
 * @param {import('node:http').ServerResponse} response @param {number} status @param {object} body
 */
export function sendJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(`${JSON.stringify(body)}\n`);
}

/**
 * @param {import('node:http').IncomingMessage} message
 * @returns {Promise<Buffer>} the whole body, at most 64 KiB of it
 */
export async function readBody(message) {
  const parts = [];
  let sizeBytes = 0;
  for await (const part of message) {
    sizeBytes += part.length;
    if (sizeBytes > 65_536) break;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

import { limits } from '../definition/yaml.ts';
import { hasCode } from './durable-file.ts';
import { readRegularFile } from './read-regular-file.ts';

/** What reading the file of a definition came to; `why` ends a sentence such as "it can't be read: …". */
export type DefinitionText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** Reads a runbook or a project file as UTF-8. Never rejects and never waits, whatever the path leads to. */
export async function readDefinitionText(path: string): Promise<DefinitionText> {
  try {
    return decoded(await readRegularFile(path, limits.sizeBytes));
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return { kind: 'absent' };
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
  }
}

function decoded(bytes: Buffer): DefinitionText {
  const [first, second] = bytes;
  const isWide = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (isWide || (bytes.length > 1 && (first === 0) !== (second === 0)))
    return { kind: 'unreadable', why: 'it is written in UTF-16; save it as UTF-8' };
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const before = bytes.toString('utf8').split('\uFFFD', 1)[0] ?? '';
    const line = before.split('\n').length;
    return { kind: 'unreadable', why: `line ${line} holds bytes that are no UTF-8; save it as UTF-8` };
  }
}

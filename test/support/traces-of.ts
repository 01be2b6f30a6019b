import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Everything a text could be found as, made by other means than the product's. */
export function formsOf(text: string): readonly string[] {
  const base64 = ['', 'u', 'u:', 'user:', 'x-token:'].flatMap((before) => {
    const whole = Buffer.from(`${before}${text}`).toString('base64').replace(/=+$/, '');
    const own = whole.slice(Math.ceil((before.length * 8) / 6), -1);
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const percent = encodeURIComponent(text);
  const hex = Buffer.from(text).toString('hex');
  return [
    ...new Set([
      ...base64,
      percent,
      percent.replaceAll('%20', '+'),
      percent.toLowerCase(),
      hex,
      hex.toUpperCase(),
      JSON.stringify(text).slice(1, -1),
    ]),
  ];
}

/** Names of the files of a folder, at any depth, that hold one of the texts. */
export function filesWith(folder: string, texts: readonly string[]): readonly string[] {
  const needles = texts.map((text) => Buffer.from(text));
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => {
    const path = join(folder, name);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
    const bytes = readFileSync(path);
    return needles.some((needle) => bytes.includes(needle));
  });
}

/** Which of the texts stand in a text. */
export function foundIn(bytes: Uint8Array | string, texts: readonly string[]): readonly string[] {
  const all = Buffer.from(bytes as Uint8Array);
  return texts.filter((text) => all.includes(text));
}

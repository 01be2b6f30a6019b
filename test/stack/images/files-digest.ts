import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A short name for what the files below some folders, and some texts, are now: another content, another name. */
export function filesDigest(folders: readonly string[], texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${text.length}:${text}`);
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const path of files.map((entry) => join(entry.parentPath, entry.name)).toSorted()) {
      const content = readFileSync(path);
      hash.update(`${path.slice(folder.length)}:${content.length}:`).update(content);
    }
  }
  return hash.digest('hex').slice(0, 12);
}

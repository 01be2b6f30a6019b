import { dirname, join } from 'node:path';
import { readRegularFileSync } from '../adapters/read-regular-file.ts';

/** What a first look into the project file suggests; only the screen's skeleton hangs on it, until the file is read properly. */
export type Glance = { readonly ascii: boolean; readonly colorless: boolean };

/** As of a definition, whose reader is not loaded yet. */
const MOST_BYTES = 1_048_576;

/** Looks at the nearest `runbook.yaml` upwards from a folder without understanding it: that takes longer than the first frame may. */
export function glanceAtProject(cwd: string): Glance {
  const text = nearestProjectText(cwd);
  return { ascii: /^\s+ascii:\s*true\b/m.test(text), colorless: /^\s+color:\s*["']?never\b/m.test(text) };
}

function nearestProjectText(cwd: string): string {
  for (let folder = cwd; ; folder = dirname(folder)) {
    try {
      return readRegularFileSync(join(folder, 'runbook.yaml'), MOST_BYTES).toString();
    } catch {
      if (dirname(folder) === folder) return '';
    }
  }
}

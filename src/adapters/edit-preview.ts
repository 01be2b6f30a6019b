import { readFile, stat } from 'node:fs/promises';
import type { EditPreviews } from '../engine/ports.ts';
import { harmlessText } from '../live/harmless-text.ts';
import type { Probed } from '../run/event.ts';
import { type NextToRestore, nextToRestore } from '../runner/edit-journal.ts';
import { diffLines, missText } from '../runner/edit-messages.ts';
import { fromByteText, replaceInText } from '../runner/edit-text.ts';

/** Shows what an edit would do, and whether it can still be undone, by the same rules as the runner. */
export const editPreviews: EditPreviews = {
  preview: async (edit) => {
    try {
      // Reading a pipe would wait for ever for what nobody writes.
      if (!(await stat(edit.file)).isFile()) return [`${edit.file} is no regular file`];
      const content = (await readFile(edit.file)).toString('latin1');
      const replaced = replaceInText(content, edit);
      if (replaced.kind === 'not as expected') return missText(edit, content, replaced).split('\n');
      const lines = await diffLines(edit.file, fromByteText(content), fromByteText(replaced.text));
      // The screen colours lines by their mark; the heading only repeats the file's name.
      return lines.map((line) => harmlessText(line, false)).filter((line) => !line.startsWith('Index: '));
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
  },
  isAsLeft: async ({ file, earlier = [], ...last }) => {
    // What lies before what is taken back first can only be seen when that is done.
    const next = await nextToRestore([last, ...earlier]);
    return next === undefined
      ? { held: true, found: `${file} is as it was before the edit` }
      : answerOf(next.target ?? file, next);
  },
};

function answerOf(file: string, { edit: { editFolder }, state }: NextToRestore): Probed {
  switch (state) {
    case 'never changed':
    case 'as before the edit':
      return { held: true, found: `${file} is as it was before the edit` };
    case 'as we left it':
      return { held: true, found: `${file} is as the edit left it` };
    case 'changed since':
      return { held: false, found: `${file} was changed since the edit` };
    case 'record lost':
      return { held: false, found: `what the edit of ${file} did is not to be read any more in ${editFolder}` };
    case 'backup lost':
      return { held: false, found: `the backup of ${file} in ${editFolder} is missing or damaged` };
    case 'missing':
      return { held: false, found: `${file} is gone` };
    default:
      return state satisfies never;
  }
}

/** What an id of a phase, step, item, host or troubleshooting entry looks like: kebab-case, ASCII. */
export const idPattern = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** A runbook's own id may hold dots as well (`python-3.12-migration`); it names a folder. */
export const runbookIdPattern = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;

/** The name of a variable as an environment has it. */
export const variableNamePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Ids name folders and sockets, so they stay short. */
export const longestId = 64;

const folded: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
};

/** The id that a title stands for: kebab-case, folded to ASCII, at most 64 characters; may come out empty. */
export function idFromTitle(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[ßæœøđðłþı]/g, (letter) => folded[letter] ?? '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, longestId)
    .replace(/-+$/, '');
}

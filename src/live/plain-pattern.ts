const LONGEST = 200;
const MOST_OPTIONAL = 4;
const MOST_GROUPS = 1;

/**
 * Whether a regular expression can't take long, whatever it is tried on: it repeats nothing, so that its cost is bounded
 * by the line's length times its own. Says no also to many that would be as quick. Pure.
 */
export function isPlainPattern({ source }: RegExp): boolean {
  if (source.length > LONGEST) return false;
  const bare = source.replaceAll(/\\./gs, 'x').replaceAll(/\[[^\]]*\]/g, 'x');
  const optional = bare.replaceAll(/\(\?(?:[:=!]|<[=!])/g, '(').split('?').length - 1;
  const groups = bare.split('(').length - 1;
  return !/[*+{]/.test(bare) && optional <= MOST_OPTIONAL && groups <= MOST_GROUPS;
}

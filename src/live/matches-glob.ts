/**
 * Whether a name matches a glob in which `*` stands for any characters and `?` for one. In time proportional to the two
 * lengths' product at most: a regular expression would need for ever on a glob of many stars.
 */
export function matchesGlob(glob: string, name: string): boolean {
  const wanted = Array.from(glob);
  const found = Array.from(name);
  let at = 0;
  let place = 0;
  let star = -1;
  let retry = 0;
  while (at < found.length) {
    if (wanted[place] === '*') {
      star = place++;
      retry = at;
    } else if (wanted[place] === '?' || (place < wanted.length && wanted[place] === found[at])) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++retry;
    } else return false;
  }
  while (wanted[place] === '*') place++;
  return place === wanted.length;
}

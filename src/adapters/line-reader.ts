const NO_LIMIT = { longest: Number.POSITIVE_INFINITY, tooLong: () => undefined };

/**
 * Cuts a stream of text into its lines and hands each over; what has no line end yet waits for the next text.
 *
 * @param tooLong is called instead when a line without an end gets longer than `longest` characters.
 */
export function lineReader(
  receive: (line: string) => void,
  { longest, tooLong }: { readonly longest: number; readonly tooLong: () => void } = NO_LIMIT,
): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) receive(line);
    if (rest.length > longest) tooLong();
  };
}

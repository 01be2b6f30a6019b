import { harmlessText } from './harmless-text.ts';

const LONGEST_LINE = 300;

/** The last lines of an output that hold text, without colours, each shortened to what a message can bear. */
export function lastLines(output: string, count: number): readonly string[] {
  return output
    .split(/\r\n|\n|\r/)
    .map((line) => harmlessText(line, false))
    .map((line) => line.trim())
    .filter((line) => line.length > 0)
    .slice(-count)
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
}

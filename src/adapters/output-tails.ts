import type { OutputTails } from '../engine/ports.ts';
import { lastLines } from '../live/last-lines.ts';
import { openOutput } from './output-reader.ts';

const TAIL_BYTES = 32 * 1024;

/** Reads the last lines of an attempt's recorded output. */
export const outputTails: OutputTails = {
  lastLines: async (folder, count) => {
    const output = openOutput(folder);
    const size = await output.size();
    const bytes = await output.read(Math.max(0, size - TAIL_BYTES), TAIL_BYTES);
    return lastLines(new TextDecoder().decode(bytes), count);
  },
};

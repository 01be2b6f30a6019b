import { createMasker, type Masker } from '../live/mask.ts';
import { type Capture, createCapture } from './capture.ts';
import { createLineMatcher } from './line-matcher.ts';
import { openRecorder, type Recorded } from './recorder.ts';
import type { AttemptSpec, Unmet } from './spec.ts';

/** Where output comes from. A terminal has one stream, pipes have two, `runner` is what the runner itself says. */
export type OutputSource = 'terminal' | 'stdout' | 'stderr' | 'runner';

export type OutputEnd = {
  readonly recorded: Recorded;
  readonly unmet: readonly Unmet[];
  readonly captured?: string;
};

/** The way of an attempt's output: masked, then recorded, compared, captured and streamed. */
export interface Output {
  take(bytes: Uint8Array, source: OutputSource): void;
  /** Writes a line of the runner's own. */
  line(text: string): void;
  end(): OutputEnd;
}

const BATCH_BYTES = 256 * 1024;

/**
 * Opens an attempt's output. Every source has a masker of its own, since a secret may be printed on one while the other
 * prints between its halves; a last one looks at what they make together.
 *
 * @throws {SyntaxError} if an expectation is no regular expression.
 */
export function openOutput(input: {
  readonly folder: string;
  readonly spec: AttemptSpec;
  readonly secrets: readonly string[];
  readonly stream: (bytes: Uint8Array) => void;
  /** Told when output begins to be lost, and with nothing when it is kept again. */
  readonly onTrouble?: (text: string | undefined) => void;
}): Output {
  const matcher = createLineMatcher(input.spec.expect);
  const recorder = openRecorder({ ...input, capBytes: input.spec.outputCapBytes });
  const capture = input.spec.capture ? createCapture() : undefined;
  const maskers = new Map<OutputSource, Masker>();
  const whole = createMasker(input.secrets);
  let batch: Uint8Array[] = [];
  let batchBytes = 0;
  let scheduled: NodeJS.Immediate | undefined;
  let isOver = false;

  const flush = () => {
    if (scheduled !== undefined) clearImmediate(scheduled);
    scheduled = undefined;
    if (batchBytes === 0) return;
    const [first] = batch;
    const bytes = batch.length === 1 && first !== undefined ? first : Buffer.concat(batch, batchBytes);
    batch = [];
    batchBytes = 0;
    recorder.write(bytes);
    matcher?.push(bytes);
    input.stream(bytes);
  };
  const collect = (bytes: Uint8Array) => {
    if (bytes.length === 0) return;
    batch.push(bytes);
    batchBytes += bytes.length;
    if (batchBytes >= BATCH_BYTES) flush();
    else scheduled ??= setImmediate(flush);
  };
  const pass = (bytes: Uint8Array, source: OutputSource) => {
    if (isCaptured(source)) capture?.push(bytes);
    collect(whole.push(bytes));
  };
  const maskerOf = (source: OutputSource) => {
    const masker = maskers.get(source) ?? createMasker(input.secrets);
    maskers.set(source, masker);
    return masker;
  };

  return {
    take: (bytes, source) => {
      // A process that could not be ended may go on printing.
      if (!isOver) pass(maskerOf(source).push(bytes), source);
    },
    line: (text) => pass(maskerOf('runner').push(Buffer.from(`${text}\r\n`)), 'runner'),
    end() {
      isOver = true;
      for (const [source, masker] of maskers) pass(masker.end(), source);
      collect(whole.end());
      flush();
      const captured = capturedBy(capture);
      return { recorded: recorder.end(), unmet: matcher?.end() ?? [], ...captured };
    },
  };
}

function isCaptured(source: OutputSource): boolean {
  return source === 'terminal' || source === 'stdout';
}

function capturedBy(capture: Capture | undefined): { readonly captured?: string } {
  return capture === undefined ? {} : { captured: capture.text() };
}

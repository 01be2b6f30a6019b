/** Bytes of one of a container's streams, from one or more frames that follow each other. */
export type FrameRun = { readonly stream: number; readonly bytes: Buffer };

/** Takes the frames apart in which the engine sends the logs of a container that has no terminal. */
export type FrameReader = {
  /** What of the streams these bytes hold, in order; a frame may be split anywhere over reads. */
  readonly push: (bytes: Uint8Array) => readonly FrameRun[];
};

const HEADER_BYTES = 8;
const SIZE_AT = 4;
const NOTHING: Buffer = Buffer.alloc(0);

/** Makes a reader for an answer from its beginning; where the container has a terminal, all is one stream without frames. */
export function createFrameReader(): FrameReader {
  let kind: 'not known' | 'frames' | 'raw' = 'not known';
  let header = NOTHING;
  let stream = 0;
  let left = 0;
  return {
    push(read) {
      const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
      const [first] = bytes;
      if (first === undefined) return [];
      // A frame begins with the stream's number, a line with the year.
      if (kind === 'not known') kind = first < 0x20 ? 'frames' : 'raw';
      if (kind === 'raw') return [{ stream: 0, bytes }];
      const parts: FrameRun[] = [];
      for (let at = 0; at < bytes.length; ) {
        if (left === 0) {
          const piece = bytes.subarray(at, at + HEADER_BYTES - header.length);
          header = header.length === 0 ? piece : Buffer.concat([header, piece]);
          at += piece.length;
          if (header.length < HEADER_BYTES) {
            // Copied: the slice would keep the whole read alive.
            header = Buffer.from(header);
            break;
          }
          stream = header[0] ?? 0;
          left = header.readUInt32BE(SIZE_AT);
          header = NOTHING;
          continue;
        }
        const payload = bytes.subarray(at, at + left);
        parts.push({ stream, bytes: payload });
        at += payload.length;
        left -= payload.length;
      }
      return runsOf(parts);
    },
  };
}

function runsOf(parts: readonly FrameRun[]): readonly FrameRun[] {
  const runs: FrameRun[] = [];
  for (let from = 0; from < parts.length; ) {
    const stream = parts[from]?.stream ?? 0;
    let to = from + 1;
    while (parts[to]?.stream === stream) to++;
    const bytes = parts.slice(from, to).map((part) => part.bytes);
    runs.push({ stream, bytes: bytes.length === 1 ? (bytes[0] ?? NOTHING) : Buffer.concat(bytes) });
    from = to;
  }
  return runs;
}

/** The bytes an attempt has printed so far, wherever they are kept. */
export interface OutputSource {
  /** How many bytes there are; grows while the attempt runs. */
  size(): number | Promise<number>;
  /** At most `maxBytes` from `offset` on; fewer only if there are no more at the moment, or one read gave fewer. Empty at the end. */
  read(offset: number, maxBytes: number): Promise<Uint8Array>;
  /** Ranges whose bytes were not kept, in order: reading there gives a line that says so, then NULs. Absent: everything was kept. */
  cuts?(): Promise<readonly { readonly from: number; readonly to: number }[]>;
  /** It was printed on pipes: a line feed alone ends a line, where a terminal would also have made it a carriage return. */
  readonly isPlain?: boolean;
}

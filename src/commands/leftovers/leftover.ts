/** Something a crash has left on this machine. */
export type Leftover = {
  readonly what: string;
  readonly path?: string;
  /** Whose it was, or what is known of it. */
  readonly found: string;
  /**
   * Takes it away; present only where it is proven to be nobody's. Looks once more before. Resolves with false if it is
   * no longer as it was found. Absent: a person decides.
   *
   * @throws the system's error.
   */
  readonly remove?: () => Promise<boolean>;
  /** One sentence: what to do where it isn't simply taken away. */
  readonly mend?: string;
};

/** A time in messages, on the operator's clock. */
export function timeText(at: number): string {
  const time = new Date(at);
  const pad = (part: number) => String(part).padStart(2, '0');
  const day = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  return `${day} ${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}`;
}

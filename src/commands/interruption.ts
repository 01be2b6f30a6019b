/** What asks the process to end. */
export type Interruption = {
  /** Resolves with the name of the first signal that asks for it. */
  readonly asked: Promise<string>;
  /** Whether one has asked already. */
  readonly isAsked: () => boolean;
};

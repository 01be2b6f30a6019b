/** What asks the process to end. */
export type Interruption = {
  /** Resolves with the name of the first signal that asks for it. */
  readonly asked: Promise<string>;
  /** Whether one has asked already. */
  readonly isAsked: () => boolean;
  /** Nothing is left to let go of: from now on a signal ends the process as it ends any other. */
  readonly forget: () => void;
};

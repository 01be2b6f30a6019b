import type { OutputSource } from './output.ts';

/** How the command's own process ended. */
export type Exit =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: string };

/** A command that runs as the leader of a session of its own. */
export type Child = {
  readonly pid: number;
  readonly on: 'pty' | 'pipes';
  /** Resolves when its process is gone and what it printed was handed over. Never rejects. */
  readonly exit: Promise<Exit>;
  /** Whether its process is gone, though what it printed may still be on its way. */
  readonly hasEnded: () => boolean;
  /** Types into it; without effect where nothing can be typed. */
  readonly write: (bytes: Uint8Array) => void;
  readonly resize: (columns: number, rows: number) => void;
};

export type ChildInput = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
  readonly take: (bytes: Uint8Array, source: OutputSource) => void;
};

/** What can't be had is thrown by the spawning functions as this. */
export class SpawnError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SpawnError';
  }
}

import type { RunFolder } from './adapters/run-folders.ts';
import type { Lock } from './adapters/run-lock.ts';
import type { Engine } from './engine/engine.ts';
import type { Switchable } from './engine/switchable.ts';
import type { ResolvedValues } from './run/values.ts';
import type { DefinitionFile, Surroundings } from './surroundings.ts';

/** What every part of opening one run shares. */
export type Opening = {
  readonly folder: RunFolder;
  file: DefinitionFile;
  readonly values: ResolvedValues;
  readonly around: Surroundings;
  /** The writer, what it holds the run by, and the definitions it knows; absent while another writes. */
  writer?: { readonly engine: Engine; readonly lock: Lock; readonly known: Map<string, string> } | undefined;
  /** Set once there is a session to exchange engines in. */
  session?: Switchable;
  /** Set once the session is closed: nothing is taken from then on. */
  isLeft?: boolean;
  /** Settles when all is over that takes the run from another; never rejects. */
  taking?: Promise<unknown>;
};

import type { Opening } from './adapters/open-to-others.ts';
import type { Runbook } from './definition/runbook.ts';
import type { EngineLimits } from './engine/parts.ts';
import type { Clock, EditPreviews, OutputTails, Probes, Runners } from './engine/ports.ts';
import type { Place } from './run/plan.ts';

/** A definition as it was read. */
export type DefinitionFile = {
  readonly path: string;
  readonly text: string;
  readonly runbook: Runbook;
  /** True: taken from the run's own folder, because the file is broken or gone. */
  readonly isStored?: true;
  /** Where others can change what is executed, in it or in the project file; absent or empty: nowhere. */
  readonly openings?: readonly Opening[];
};

/** What opening a run needs from outside; the same for a screen and for a pipeline. */
export type Surroundings = {
  readonly dataDir: string;
  readonly by: string;
  readonly hostName: string;
  readonly hostsHere: readonly string[];
  readonly place: Omit<Place, 'runDir'>;
  /** What commands are started with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Those of one engine: when it lets go of its attempts, another one that follows the same ones goes on. */
  readonly newRunners: () => Runners;
  readonly probes: Probes;
  readonly edits: EditPreviews;
  readonly tails: OutputTails;
  readonly limits: EngineLimits;
  readonly socketPath: (runDir: string, attempt: number) => string;
  readonly version: string;
  /** True: a screen with a person; false: a pipeline. */
  readonly attended: boolean;
};

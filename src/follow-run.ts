import { stat } from 'node:fs/promises';
import { endOf, type JournalReading, readJournalOnward } from './adapters/journal-file.ts';
import type { RunFolder } from './adapters/run-folders.ts';
import { definitionsOf, readRun } from './read-run.ts';
import type { RunEvent } from './run/event.ts';
import { reduce } from './run/reduce.ts';
import type { Run } from './run/state.ts';

/** A run that somebody else writes. */
export type FollowedRun = {
  readonly run: () => Run;
  /** Every event so far; the list grows. */
  readonly events: () => readonly RunEvent[];
  /** Set where a line can't be right: nothing behind it is read. */
  readonly damage: () => JournalReading['damage'];
  /**
   * Reads what was appended since, and only that; resolves with whether anything has changed.
   *
   * @throws {OpenRunError} or the system's error if it can't be read now.
   */
  readonly look: () => Promise<boolean>;
};

/** @throws {OpenRunError} or the system's error if it can't be read. */
export async function followRun(folder: RunFolder): Promise<FollowedRun> {
  let whole = await readRun(folder);
  let { run } = whole;
  let events: RunEvent[] = [...whole.reading.events];
  let place = endOf(whole.reading);
  let { damage } = whole.reading;
  let sizeBytes = place.goodBytes;

  const readWhole = async () => {
    whole = await readRun(folder);
    ({ run } = whole);
    events = [...whole.reading.events];
    place = endOf(whole.reading);
    ({ damage } = whole.reading);
  };
  /** Whether what was read so far could be gone on from. */
  const goOn = async (): Promise<boolean> => {
    const news = damage === undefined ? await readJournalOnward(folder.journal, place) : undefined;
    if (news === undefined) return false;
    try {
      const definitionOf = definitionsOf(whole.texts);
      run = news.events.reduce((before, event) => reduce(before, event, definitionOf), run);
    } catch {
      // A definition that was adopted since, or an event that does not fit: the whole tells.
      return false;
    }
    for (const event of news.events) events.push(event);
    place = { ...endOf(news), seq: events.length };
    return true;
  };
  return {
    run: () => run,
    events: () => events,
    damage: () => damage,
    look: async () => {
      const { size } = await stat(folder.journal);
      if (size === place.goodBytes || (damage !== undefined && size === sizeBytes)) return false;
      sizeBytes = size;
      const before = place.goodBytes;
      if (await goOn()) return place.goodBytes !== before;
      await readWhole();
      return true;
    },
  };
}

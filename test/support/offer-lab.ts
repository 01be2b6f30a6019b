import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { digestOf, runFolder } from '../../src/adapters/run-folders.ts';
import { offerChange } from '../../src/offer-definition.ts';
import type { Opening } from '../../src/opening.ts';
import { bookFrom } from './book.ts';
import { type EngineLab, engineLab, type Script } from './engine-lab.ts';

export type OfferLab = EngineLab & {
  /** The definition's file says this now. */
  readonly offer: (text: string) => Promise<void>;
};

/** An engine on fakes whose run has a folder for the definitions that are adopted; it goes with the test. */
export function offerLab(context: TestContext, text: string, script: Readonly<Record<string, Script>> = {}): OfferLab {
  const lab = engineLab(bookFrom(text), script);
  const dataDir = mkdtempSync(join(tmpdir(), 'offer-'));
  context.onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const folder = { ...runFolder(dataDir, 'book', 'r1'), path: dataDir };
  const values: Opening['values'] = { values: {}, secrets: {}, origins: {}, problems: [] };
  const around = { place: { home: '/home/rob' } } as Opening['around'];
  return {
    ...lab,
    offer: (changed) => {
      const runbook = bookFrom(changed);
      lab.definitions.set(digestOf(changed), runbook);
      const file: Opening['file'] = { path: '/srv/book.yaml', text: changed, runbook };
      return offerChange(lab.engine, { folder, file, values, around }, new Map());
    },
  };
}

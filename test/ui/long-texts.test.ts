import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Holding } from '../../src/engine/api.ts';
import { drawScreen } from '../../src/ui/screen-frame.ts';
import { plainText } from '../../src/ui/spans.ts';
import { running, runningNow } from './migration.ts';
import { sceneWith } from './scene-with.ts';

const sizes = [
  [160, 48],
  [80, 24],
  [60, 16],
] as const;
const text = fc.array(fc.constantFrom('the', 'run', 'journal.ndjson:9', 'moved', 'away'), {
  minLength: 1,
  maxLength: 40,
});

function textOf(frame: ReturnType<typeof drawScreen>, id: string): readonly string[] {
  return frame.parts.find((part) => part.id === id)?.rows.map((row) => plainText(row).trim()) ?? [];
}

test('a message takes the rows it needs, and nothing is painted over it', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...sizes), (words, [columns, rows]) => {
      const said = words.join(' ');
      const scene = sceneWith(running, [{ type: 'say', text: said, tone: 'refused' }]);
      const frame = drawScreen(scene, { columns, rows, trouble: undefined });
      const lines = textOf(frame, 'message');
      const read = lines.join(' ').replace('⚠ ', '');
      expect(read === said || (read.endsWith('…') && lines.length === Math.floor(rows / 6))).toBe(true);
      const part = frame.parts.at(-1);
      expect(part?.rect).toMatchObject({ y: rows - 1 - lines.length, height: lines.length });
      for (const clip of [frame.layout.clip, frame.layout.logs?.clip])
        if (lines.length > 1 && clip !== undefined) expect(clip).toContainEqual(part?.rect);
    }),
  );
});

test('what concerns everything stands below the header in as many rows, and covers nothing', () => {
  fc.assert(
    fc.property(text, fc.constantFrom(...sizes), (words, [columns, rows]) => {
      const frame = drawScreen(sceneWith(running), { columns, rows, trouble: words.join(' ') });
      const read = textOf(frame, 'banner').join(' ').replace('⚠ ', '');
      expect(read === words.join(' ') || read.endsWith('…')).toBe(true);
      const banner = frame.parts.find(({ id }) => id === 'banner');
      const below = frame.parts.filter(({ id }) => id !== 'banner' && id !== 'header').map(({ rect }) => rect.y);
      expect(Math.min(...below)).toBe(1 + (banner?.rect.height ?? 0));
    }),
  );
});

test('what stands before a damaged line does not go on, whatever the clock says', () => {
  const holding: Holding = { kind: 'damaged', problem: 'line 9 of its journal is damaged.' };
  const shown = (now: number) => {
    const scene = sceneWith({ ...running, lastAt: runningNow }, [], { holding, now });
    const frame = drawScreen(scene, { columns: 160, rows: 48, trouble: undefined });
    const parts = frame.parts.filter(({ id }) => ['header', 'phases', 'steps', 'message'].includes(id));
    return parts.flatMap(({ rows }) => rows.map(plainText)).join('\n');
  };
  expect(shown(runningNow)).toContain('⚠ damaged');
  expect(shown(runningNow)).toMatch(/What stands here is from \d\d:\d\d:\d\d: nobody knows how it went on\./);
  expect(shown(runningNow + 3_600_000)).toBe(shown(runningNow));
});

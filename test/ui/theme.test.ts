import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createGrid } from '../../src/live/cells.ts';
import { degrade } from '../../src/live/degrade.ts';
import { screenGlyphs } from '../../src/ui/theme.ts';

test('every glyph of the screen has an ASCII one', () => {
  const grid = createGrid(screenGlyphs.length, 1);
  screenGlyphs.forEach((glyph, index) => {
    grid.glyphs[index] = glyph;
  });
  degrade(grid, { colours: 'none', ascii: true });
  screenGlyphs.forEach((glyph, index) => {
    expect([glyph, grid.glyphs[index]]).toEqual([glyph, expect.stringMatching(/^[!-~]$/)]);
  });
});

test('the pictures of the screen hold no other glyph', () => {
  const frames = new URL('frames/', import.meta.url);
  for (const name of readdirSync(frames)) {
    const foreign = readFileSync(new URL(name, frames), 'utf8').match(/[^\x20-\x7e\n]/gu) ?? [];
    expect([name, foreign.filter((glyph) => !screenGlyphs.includes(glyph))]).toEqual([name, []]);
  }
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText, rowWidth } from '../../src/ui/spans.ts';
import { markdownRows } from '../../src/ui/widgets/markdown-rows.ts';

const shown = (text: string, width: number) => markdownRows(text, width).map((row) => plainText(row).trimEnd());

test.each([
  ['# Why\n\nIt is **old** and `slow`.', ['Why', '', 'It is old and slow.']],
  ['one two three four five six', ['one two three four', 'five six']],
  ['- a\n- b\n  - c', ['• a', '• b', '  • c']],
  ['1. a\n2. b', ['1. a', '2. b']],
  ['- [x] done\n- [ ] open', ['☑ done', '☐ open']],
  ['```sh\nls -l\n```', ['  ls -l']],
  ['[Node](https://n.org)', ['Node (https://n.org)']],
  ['> quoted', ['│ quoted']],
  ['a\nb', ['a b']],
  ['| Risk | Odds |\n|---|---|\n| Outage | low |', ['Risk   │ Odds', '─────────────', 'Outage │ low']],
])('%s', (text, expected) => {
  expect(shown(text, 20)).toEqual(expected);
});

test('no row is wider than it may be', () => {
  const markdown = fc.array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '# h',
        '- item `x`',
        '| a | b |\n|---|---|\n| long cell text here | 日本語 |',
        '```\ncode\n```',
        '> q',
        '---',
      ),
    ),
  );
  fc.assert(
    fc.property(markdown, fc.integer({ min: 24, max: 100 }), (parts, width) => {
      for (const row of markdownRows(parts.join('\n\n'), width)) expect(rowWidth(row)).toBeLessThanOrEqual(width);
    }),
  );
});

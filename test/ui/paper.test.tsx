import { stripVTControlCharacters } from 'node:util';
import { Box } from 'ink';
import { render } from 'ink-testing-library';
import { expect, test } from 'vitest';
import { span } from '../../src/ui/spans.ts';
import { Paper } from '../../src/ui/widgets/paper.tsx';

const drawn = (frame: string | undefined) => stripVTControlCharacters(frame ?? '').split('\n');

test('draws rows at their place, cut to its width', () => {
  const part = {
    id: 'p',
    rect: { x: 2, y: 1, width: 10, height: 2 },
    rows: [['first'], [span('second, too long', { bold: true })]],
  };
  const { lastFrame } = render(
    <Box width={20} height={4}>
      <Paper part={part} />
    </Box>,
  );
  expect(drawn(lastFrame()).slice(0, 4)).toEqual(['', '  first', '  second, t…', '']);
});

test('lets nothing through that a terminal would act on', () => {
  const part = { id: 'p', rect: { x: 0, y: 0, width: 30, height: 1 }, rows: [['a\u001b]0;title\u0007b\u202ec\rd']] };
  const { lastFrame } = render(<Paper part={part} />);
  expect(lastFrame()).not.toMatch(/\u0007|\u202e|\r|\u001b\]/);
});

import { Box, Text } from 'ink';
import { memo, type ReactNode } from 'react';
import { fitRow, toSgr } from '../spans.ts';
import type { Part } from './part.ts';

/**
 * Draws a part of the screen: one box and one text, however many rows, since laying out nodes is what a frame costs.
 * Every row is at most as wide as the place, so nothing wraps.
 */
export function Paper({ part }: { readonly part: Part }): ReactNode {
  const { rect, rows, opaque = false } = part;
  if (rect.height <= 0 || rect.width <= 0) return null;
  const lines = Array.from({ length: rect.height }, (_, index) => {
    const line = toSgr(fitRow(rows[index] ?? [], rect.width));
    return opaque ? line : line.trimEnd();
  });
  return <Lines x={rect.x} y={rect.y} width={rect.width} height={rect.height} text={lines.join('\n')} />;
}

type LinesProps = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
};

/** Text at a place; the same text is not rendered again. */
const Lines = memo(({ x, y, width, height, text }: LinesProps) => (
  <Box position="absolute" marginLeft={x} marginTop={y} width={width} height={height}>
    <Text>{text}</Text>
  </Box>
));

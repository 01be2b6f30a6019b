import { expect, onTestFinished, test } from 'vitest';
import { newHome } from '../support/test-home.ts';
import { waitFor } from '../support/wait-for.ts';

test.each(['SIGTERM', 'SIGHUP'] as const)('%s while it is still loading gives the terminal back', async (signal) => {
  const program = newHome({ onTestFinished }).open(['practice']);
  await waitFor(() => program.bytes().includes('\u001b[?1049h'), { withinMs: 15_000 });
  program.killScreen(signal);
  expect((await program.exited()).code).toBe(130);
  const bytes = program.bytes();
  expect(bytes.lastIndexOf('\u001b[?1049l')).toBeGreaterThan(bytes.lastIndexOf('\u001b[?1049h'));
});

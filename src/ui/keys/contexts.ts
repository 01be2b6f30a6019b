import type { Context } from '../keymap.ts';

/** The panes about the run itself. */
export const runPanes: readonly Context[] = ['steps', 'phases', 'output'];

/** Every pane. */
export const everyPane: readonly Context[] = [...runPanes, 'containers', 'logs'];

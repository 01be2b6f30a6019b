import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Runbook } from '../../src/definition/runbook.ts';
import { keys, type PtyProgram } from './pty-program.ts';
import type { JournaledEvent, TestHome } from './test-home.ts';
import { waitFor } from './wait-for.ts';

/** A person at the screen of a run, who reads what is asked and answers it. */
export type Operator = {
  /** Moves to a step or an item of the phase that is open. */
  readonly select: (rowId: string) => Promise<void>;
  /** Skips a step that {@link Operator.select} finds. */
  readonly skip: (stepId: string, reason: string) => Promise<void>;
  /** Lets an item that can check itself do so; resolves when it has ticked itself. */
  readonly tick: (itemId: string) => Promise<void>;
  /** Opens the gate of the phase that is open on the screen, whatever of its phase is still open. */
  readonly openGate: () => Promise<void>;
  /** Runs such a step alone, and resolves with the event that ended it. */
  readonly runStep: (stepId: string) => Promise<JournaledEvent>;
  /**
   * Runs on, says yes to what is asked, and runs on again, until running on ends for a reason that is one of these, or a
   * step of these has begun. Resolves with the reason, or the step's id.
   */
  readonly runOnTo: (end: {
    readonly why?: RegExp;
    readonly begun?: string;
    readonly withinMs: number;
  }) => Promise<string>;
  /** What was asked and answered with yes so far, as it stood on the screen. */
  readonly asked: () => readonly string[];
};

/** Takes a seat before a program that shows the steps of a run. */
export function operatorAt(program: PtyProgram, home: TestHome, runbook: Runbook): Operator {
  const runbookId = runbook.id;
  const asked: string[] = [];
  const events = journalOf(home, runbookId);
  const eventsAfter = (seq: number) => events().filter((event) => event.seq > seq);
  const lastSeq = () => events().at(-1)?.seq ?? 0;

  /** Answers the question that is open, and any after it; false: none is. */
  const answer = async (): Promise<boolean> => {
    const question = questionOn(program.screenText());
    if (question === undefined) return false;
    asked.push(question.text);
    program.press(question.typed ?? 'y');
    if (question.typed !== undefined) {
      // Read together with what is typed, Enter confirms nothing.
      await program.waitForScreen(`> ${question.typed}`);
      program.press(keys.enter);
    }
    // What was typed shows in the same dialog: only another one, or none, says that it was taken.
    const isAnother = (other: string | undefined) => other === undefined || !other.startsWith(question.text);
    await program.waitForScreen((text) => isAnother(questionOn(text)?.text));
    return true;
  };

  const select = async (rowId: string): Promise<void> => {
    const rows = rowsBeside(runbook, rowId);
    const wanted = rows.findIndex(({ id }) => id === rowId);
    await program.waitForScreen((text) => rowsOn(text).some((row) => placeOf(rows, row) === wanted));
    // The gate stands below them all.
    const placeNow = (text: string) => placeOf(rows, selectedRow(text)) ?? rows.length;
    for (let presses = 0; placeNow(program.screenText()) !== wanted; presses += 1) {
      const from = placeNow(program.screenText());
      if (presses > rows.length) throw new Error(`${rowId} can't be selected; the screen:\n${program.screenText()}`);
      program.press(from < wanted ? keys.down : keys.up);
      await program.waitForScreen((text) => selectedRow(text) !== undefined && placeNow(text) !== from);
    }
  };

  return {
    select,
    asked: () => asked,
    skip: async (stepId, reason) => {
      const before = lastSeq();
      await select(stepId);
      program.press('s');
      await program.waitForScreen('Why is “');
      program.press(reason);
      program.press(keys.enter);
      await program.waitForScreen((text) => !text.includes('Why is “'));
      const skipped = await waitFor(() => eventsAfter(before).find(({ type }) => type === 'StepSkipped'), {
        what: `${stepId} is skipped`,
      });
      if (skipped.data.stepId !== stepId) throw new Error(`skipped ${String(skipped.data.stepId)}, not ${stepId}`);
    },
    tick: async (itemId) => {
      await select(itemId);
      program.press(' ');
      const isTicked = () => events().some(({ type, data }) => type === 'ItemTicked' && data.itemId === itemId);
      await waitFor(isTicked, { what: `${itemId} ticks itself` });
    },
    openGate: async () => {
      const before = lastSeq();
      while (!/│▸◇/.test(program.screenText())) {
        const row = selectedRow(program.screenText())?.text;
        program.press(keys.down);
        await program.waitForScreen((text) => selectedRow(text)?.text !== row);
      }
      program.press(keys.enter);
      await waitFor(answer, { what: 'the gate asks' });
      const isOpen = () => eventsAfter(before).some(({ type, data }) => type === 'Confirmed' && data.reason === 'gate');
      await waitFor(isOpen, { what: 'the gate is open' });
    },
    runStep: async (stepId) => {
      await select(stepId);
      const before = lastSeq();
      program.press(keys.enter);
      return await waitFor(
        async () => {
          await answer();
          return eventsAfter(before).find(({ type, data }) => type === 'AttemptEnded' && isOf(data, stepId));
        },
        { withinMs: 30_000, what: `${stepId} ends` },
      );
    },
    runOnTo: async ({ why, begun, withinMs }) => {
      const from = lastSeq();
      const deadline = performance.now() + withinMs;
      for (;;) {
        // While it still shows the running on that has ended, the key would mean to hold it.
        await program.waitForScreen(/ a run on /);
        const before = lastSeq();
        program.press('a');
        const end = await waitFor(
          async () => {
            await answer();
            const started = eventsAfter(from).some(
              ({ type, data }) => type === 'AttemptSpawned' && begun !== undefined && isOf(data, begun),
            );
            if (started) return begun;
            const ended = eventsAfter(before).find(({ type }) => type === 'RunOnEnded');
            return typeof ended?.data.why === 'string' ? ended.data.why : undefined;
          },
          { withinMs: deadline - performance.now(), what: `running on ends with ${String(why ?? begun)}` },
        ).catch((error: Error) => {
          throw new Error(`${error.message}; the screen:\n${program.screenText()}`);
        });
        if (end === begun || why?.test(end)) return end;
        if (/: (failed|timed out|stopped)$/.test(end))
          throw new Error(`ended with ${end}; the screen:\n${program.screenText()}`);
      }
    },
  };

  function isOf(data: JournaledEvent['data'], stepId: string): boolean {
    const start = events().find((event) => event.type === 'AttemptStarted' && event.data.attempt === data.attempt);
    const purpose = start?.data.purpose as { readonly kind?: string; readonly stepId?: string } | undefined;
    return purpose?.kind === 'step' && purpose.stepId === stepId;
  }
}

/** The events of the run, read again only when there are more of them: it is asked all the time. */
function journalOf(home: TestHome, runbookId: string): () => readonly JournaledEvent[] {
  let size = -1;
  let events: readonly JournaledEvent[] = [];
  return () => {
    const now = statSync(join(home.runDir(runbookId), 'journal.ndjson')).size;
    if (now === size) return events;
    try {
      events = home.events(runbookId);
      size = now;
    } catch (error) {
      // Its last line is being written; anything else stands there at the next look too.
      if (!(error instanceof SyntaxError)) throw error;
    }
    return events;
  };
}

type PhaseRow = { readonly id: string; readonly text: string; readonly isItem: boolean };

/** The rows of a phase, its steps and its items, in their order. */
function rowsBeside(runbook: Runbook, id: string): readonly PhaseRow[] {
  const phase = runbook.phases.find(({ steps, checklist }) => [...steps, ...checklist].some((one) => one.id === id));
  return [
    ...(phase?.steps ?? []).map((step) => ({ id: step.id, text: step.title, isItem: false })),
    ...(phase?.checklist ?? []).map((item) => ({ id: item.id, text: item.text, isItem: true })),
  ];
}

type ShownRow = { readonly mark: string; readonly text: string; readonly isSelected: boolean };

/** The rows of the list of steps as a wide screen shows them: right of the phases. */
function rowsOn(screen: string): readonly ShownRow[] {
  const lines = screen.split('\n');
  const left = lines[1]?.lastIndexOf('╭') ?? 0;
  return lines.flatMap((line) => {
    const [, cursor, mark = '', text = ''] = /^│([ ▸])(\S) (.+?)\s*[│┃]?$/.exec(line.slice(left)) ?? [];
    return cursor === undefined ? [] : [{ mark, text, isSelected: cursor === '▸' }];
  });
}

/** Which of the rows it is; a step and an item may say the same. */
function placeOf(rows: readonly PhaseRow[], shown: ShownRow | undefined): number | undefined {
  if (shown === undefined) return undefined;
  const isItem = '☐☑'.includes(shown.mark);
  const place = rows.findIndex((row) => shown.text.startsWith(row.text) && row.isItem === isItem);
  return place < 0 ? undefined : place;
}

/** What the cursor stands on in the list of steps; undefined: it is covered. */
function selectedRow(screen: string): ShownRow | undefined {
  return rowsOn(screen).find(({ isSelected }) => isSelected);
}

/** The question on a screen, as one line; `typed`: what it wants typed. Undefined: none is open. */
function questionOn(screen: string): { readonly text: string; readonly typed?: string } | undefined {
  const rows = screen.split('\n');
  const foot = rows.findIndex((row) => /│ (y yes|⏎ accept) /.test(row));
  const left = rows[foot]?.search(/│ (y yes|⏎ accept) /) ?? -1;
  const right = rows[foot]?.indexOf('│', left + 1) ?? -1;
  const top = rows.findLastIndex((row, index) => index < foot && row[left] === '╭');
  if (left < 0 || top < 0) return undefined;
  // The rule above the keys is not part of the text.
  const text = rows
    .slice(top + 1, foot - 1)
    .map((row) => row.slice(left + 1, right).trim())
    .join(' ')
    .trim();
  const typed = /Type (\S+) to go on:/.exec(text)?.[1];
  if (typed === undefined) return rows[foot]?.includes('y yes') ? { text } : undefined;
  return { text, typed };
}

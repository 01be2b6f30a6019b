/**
 * The rules that hold under any damage, by the names they are called by in tests and in the table of damage; the words
 * are a reminder of what each says.
 */
export const rules = {
  'Journal 1': 'intent first: what can’t be written down does not begin',
  'Journal 2': 'a torn last line is dropped, any other damage opens read-only and names the line',
  'Journal 3': 'replaying gives the same state, and costs no more as the run grows',
  'Journal 4': 'one writer; a second looks on, and takes over only from one proven dead',
  'Journal 5': 'captured values are kept with the result',
  'Journal 6': 'the stored definition wins; a difference is the operator’s choice',
  'Steps 1': 'succeeded: exit, expect and verify all hold',
  'Steps 2': 'what nobody saw end is unknown, holds the queue, and is a person’s to decide',
  'Steps 3': 'run again only by retry or a key; each attempt keeps all that is its own',
  'Steps 4': 'stopping ends with a proof that the group is gone, or is unknown',
  'Steps 5': 'an edit is whole or not at all, and keeps all else of the file',
  'No screen 1': 'the command goes on, and its output is recorded, whatever ends the screen',
  'No screen 2': 'opening again adopts, reattaches, withdraws, or says unknown, and tells it',
  'No screen 3': 'without a screen nothing begins, and no prompt decides by time',
  'No screen 4': 'the terminal is given back as it was',
  'No screen 5': 'a time nobody watched is shown as not observed',
  'Rollback 1': 'the plan changes nothing; only an Enter of its own starts it',
  'Rollback 2': 'every step that may have changed something, last started first',
  'Rollback 3': 'an undo uses what was recorded, and may be run twice',
  'Rollback 4': 'it has its own deadlines and nobody else’s',
  'Rollback 5': 'an undo that fails stops it there, and stays in sight',
  'Rollback 6': 'interrupted, it goes on where it was; nothing is undone twice',
  'Rollback 7': '“rolled back” only if all of it is, and is proven',
  'Rollback 8': 'what can’t be taken back is said before, and stands in the plan',
  'Rollback 9': 'undone steps are pending again, ticks are history',
  Secrets: 'a secret is in the environment of its commands and nowhere else',
  Output: 'only text and colour reach the terminal, for a bounded amount of work',
  Input: 'a bad file, flag or journal gives one clear message and changes nothing',
} as const;

export type Rule = keyof typeof rules;

/**
 * What the engine is to do, as data; only the engine performs it, after the events that announce it are on the disk.
 * `asked`: `seq` of the event that announced the question, which its answer belongs to.
 */
export type Effect =
  | { readonly type: 'start attempt'; readonly attempt: number }
  | { readonly type: 'stop attempt'; readonly attempt: number }
  | { readonly type: 'ask unless'; readonly stepId: string; readonly asked: number }
  | { readonly type: 'ask verify'; readonly attempt: number }
  | { readonly type: 'ask item'; readonly itemId: string; readonly asked: number }
  | { readonly type: 'wake for retry'; readonly stepId: string; readonly dueAt: number };

import type { OtherHolder } from '../engine/api.ts';
import type { LogStart } from '../live/log-line.ts';
import type { Intent } from '../run/intent.ts';
import type { ScrollCommand } from './screen-ports.ts';
import type { ViewAction, YesNo } from './view-state.ts';

/** What a key leads to, as data; only `app.tsx` performs it. */
export type Effect =
  | { readonly type: 'view'; readonly action: ViewAction }
  | { readonly type: 'send'; readonly intent: Intent }
  | { readonly type: 'set secret'; readonly name: string; readonly value: string; readonly next: readonly Effect[] }
  /** `next` follows only where the intent was carried out. */
  | { readonly type: 'send first'; readonly intent: Intent; readonly next: readonly Effect[] }
  | { readonly type: 'take over'; readonly from: OtherHolder }
  | { readonly type: 'answer definition'; readonly choice: 'stay' | 'adopt' }
  | { readonly type: 'scroll'; readonly command: ScrollCommand }
  | { readonly type: 'scroll logs'; readonly command: ScrollCommand }
  /** Reads the logs anew, from there on. */
  | { readonly type: 'follow logs'; readonly start: LogStart }
  | { readonly type: 'open editor'; readonly line: number }
  | { readonly type: 'hand over'; readonly attempt: number }
  | { readonly type: 'suspend' }
  | { readonly type: 'repaint' }
  | { readonly type: 'leave' };

/** A change of the view. */
export function view(action: ViewAction): Effect {
  return { type: 'view', action };
}

/** An intent for the engine. */
export function send(intent: Intent): Effect {
  return { type: 'send', intent };
}

/** A sentence in the message line that says why not. */
export function refuse(text: string): Effect {
  return view({ type: 'say', text, tone: 'refused' });
}

/** A dialog that wants yes or no. */
export function ask(about: YesNo, burst: number): Effect {
  return view({ type: 'open', overlay: { kind: 'yes or no', about }, burst });
}

import { createLineMasker } from '../live/mask.ts';
import { secretForms } from '../live/secret-forms.ts';
import type { Intent } from '../run/intent.ts';

/** The secrets of a run as they are held in memory; never written. */
export type KeptSecrets = {
  readonly names: () => readonly string[];
  readonly has: (name: string) => boolean;
  readonly values: () => Readonly<Record<string, string>>;
  readonly set: (name: string, value: string) => void;
  /** Masks every value that is or was held: what was typed wrongly is none of anybody's business either. */
  readonly maskLine: (line: string) => string;
  /** What a person wants, with secrets masked in the words that are written down. */
  readonly maskIntent: (intent: Intent) => Intent;
};

/** @param encoded names of those whose encoded forms are masked too. */
export function keepSecrets(initial: Readonly<Record<string, string>>, encoded: () => readonly string[]): KeptSecrets {
  const held = new Map(Object.entries(initial));
  const replaced: Record<string, string>[] = [];
  let mask: ((line: string) => string) | undefined;
  let maskedNames = '';
  const maskLine = (line: string): string => {
    const names = encoded();
    if (mask === undefined || maskedNames !== names.join(' ')) {
      maskedNames = names.join(' ');
      mask = createLineMasker([Object.fromEntries(held), ...replaced].flatMap((values) => secretForms(values, names)));
    }
    return mask(line);
  };
  const maskText = (text: string) => text.split('\n').map(maskLine).join('\n');
  return {
    names: () => [...held.keys()],
    has: (name) => held.has(name),
    values: () => Object.fromEntries(held),
    set: (name, value) => {
      const before = held.get(name);
      if (before !== undefined && before !== value) replaced.push({ [name]: before });
      held.set(name, value);
      mask = undefined;
    },
    maskLine,
    maskIntent: (intent) => {
      const words = ['note', 'reason', 'text'].filter((key) => typeof Reflect.get(intent, key) === 'string');
      const masked = words.map((key) => [key, maskText(String(Reflect.get(intent, key)))] as const);
      return masked.length === 0 ? intent : { ...intent, ...Object.fromEntries(masked) };
    },
  };
}

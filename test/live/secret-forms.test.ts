import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMasker, maskText } from '../../src/live/mask.ts';
import { secretForms } from '../../src/live/secret-forms.ts';

const value = `s3cr3t/with+si gns~(?>&)'"ü$\\`;

describe('a secret whose encoded forms are masked', () => {
  const forms = secretForms({ TOKEN: value, OTHER: 'plainly' }, ['TOKEN']);

  test.each([
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64 for URLs', Buffer.from(value).toString('base64url')],
    ['in a URL', encodeURIComponent(value)],
    ['in a URL, in small letters', encodeURIComponent(value).replaceAll(/%../g, (code) => code.toLowerCase())],
    ['in a form', new URLSearchParams({ a: value }).toString().slice(2)],
    ['in JSON', JSON.stringify(value).slice(1, -1)],
    ['in JSON of ASCII alone', JSON.stringify(value).slice(1, -1).replace('ü', '\\u00fc')],
    ['in JSON with slashes escaped', JSON.stringify(value).slice(1, -1).replaceAll('/', '\\/')],
    ['in hexadecimal', Buffer.from(value).toString('hex')],
    ['in hexadecimal, in capitals', Buffer.from(value).toString('hex').toUpperCase()],
    ['as a shell traces it', value.replaceAll("'", "'\\''")],
  ])('%s', (_, form) => {
    expect(maskText(`<${form}>`, forms)).toMatch(/^<(\S)\1\1>$/);
  });

  test('as a part of a longer text in base64, whatever stands around it: all but the characters that share bits', () => {
    const text = fc.uint8Array({ maxLength: 7 });
    const secret = fc.string({ minLength: 8, maxLength: 20 });
    fc.assert(
      fc.property(text, text, secret, fc.constantFrom('base64', 'base64url'), (before, after, one, kind) => {
        const whole = Buffer.concat([before, Buffer.from(one), after]).toString(kind);
        const first = Math.ceil((before.length * 8) / 6);
        const end = Math.floor(((before.length + Buffer.from(one).length) * 8) / 6);
        const masker = createMasker(secretForms({ A: one }, ['A']));
        const masked = Buffer.concat([...Buffer.from(whole)].map((byte) => masker.push(Uint8Array.of(byte))));
        const all = Buffer.concat([masked, masker.end()]).toString();
        expect(all.includes(whole.slice(first, end))).toBe(false);
      }),
    );
  });

  test('is masked plainly where nothing else was said', () => {
    expect(secretForms({ OTHER: 'plainly' }, ['TOKEN'])).toEqual(['plainly']);
    expect(secretForms({ TOKEN: '' }, ['TOKEN'])).toEqual(['']);
  });
});

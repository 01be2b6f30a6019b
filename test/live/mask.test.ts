import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMasker, maskLine, maskText } from '../../src/live/mask.ts';

/** Masks a text that comes in pieces of the given lengths. */
function maskInPieces(text: Buffer, lengths: readonly number[], secrets: readonly string[]): Buffer {
  const masker = createMasker(secrets);
  const out: Uint8Array[] = [];
  let from = 0;
  for (const length of lengths) {
    out.push(Buffer.from(masker.push(text.subarray(from, from + length))));
    from += length;
  }
  out.push(Buffer.from(masker.push(text.subarray(from))), Buffer.from(masker.end()));
  return Buffer.concat(out);
}

const letter = fc.constantFrom('a', 'b', '\n', 'é', '*');
const secret = fc.string({ unit: letter, minLength: 4, maxLength: 9 }).filter((value) => value.trim().length >= 4);
const secrets = fc.array(secret, { minLength: 1, maxLength: 4 });

describe('masking', () => {
  test.each([
    ['token=hunter2!', ['hunter2'], 'token=***!'],
    ['hunter2hunter2', ['hunter2'], '******'],
    ['abcdef', ['abcd', 'abcdef'], '***'],
    ['abcdef', ['abcd', 'cdef'], '***'],
    ['abcd', ['abcdef', 'abcd'], '***'],
    ['abcde', ['abcdef'], 'abcde'],
    ['line one\r\nline two\r\n', ['line one\nline two'], '***\r\n'],
    ['****', ['****'], '###'],
    ['nothing', [], 'nothing'],
  ])('%j with %j is %j', (text, values, masked) => {
    expect(maskText(text, values)).toBe(masked);
  });

  test('whatever the reads, no secret comes out and the result is the same', () => {
    const pieces = fc.array(fc.oneof(fc.string({ unit: letter, maxLength: 6 }), fc.nat(3)), { maxLength: 12 });
    fc.assert(
      fc.property(secrets, pieces, fc.array(fc.nat(5), { maxLength: 40 }), (values, parts, lengths) => {
        const whole = parts.map((part) => (typeof part === 'number' ? (values[part] ?? '') : part)).join('');
        for (const text of [whole, whole.replaceAll('\n', '\r\n')]) {
          const masked = maskInPieces(Buffer.from(text), lengths, values);
          for (const value of values) {
            expect(masked.includes(Buffer.from(value))).toBe(false);
            expect(masked.includes(Buffer.from(value.replaceAll('\n', '\r\n')))).toBe(false);
          }
          expect(masked.toString()).toBe(maskText(text, values));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('text without a secret comes through unchanged, at most its beginning of one late', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9 })), (chunks) => {
        const masker = createMasker(['\u0001\u0002\u0003\u0004secret']);
        const out = chunks.map((chunk) => Buffer.from(masker.push(chunk)));
        const given = Buffer.concat(chunks);
        expect(given.length - Buffer.concat(out).length).toBeLessThan(10);
        expect(Buffer.concat([...out, Buffer.from(masker.end())])).toEqual(given);
      }),
    );
  });

  test('a prompt that is no beginning of a secret is not held back', () => {
    const masker = createMasker(['hunter2']);
    expect(Buffer.from(masker.push(Buffer.from('Overwrite? (y/N) '))).toString()).toBe('Overwrite? (y/N) ');
    expect(Buffer.from(masker.push(Buffer.from('the h'))).toString()).toBe('the ');
    expect(Buffer.from(masker.push(Buffer.from('at'))).toString()).toBe('hat');
  });

  test('an endless repetition of a secret needs no endless memory', () => {
    const masker = createMasker(['aaaa']);
    for (let round = 0; round < 1_000; round++) expect(masker.push(Buffer.alloc(100, 'a')).length).toBeLessThan(4);
    expect(Buffer.from(masker.push(Buffer.from('b'))).toString()).toBe('b');
  });
});

describe('a line that may have been cut', () => {
  test.each([
    ['token hunter22 seen', 'token *** seen'],
    ['token hunter2…', 'token …'],
    ['token hunter22…', 'token ***…'],
    ['no token…', 'no token…'],
    ['', ''],
  ])('%s', (line, masked) => {
    expect(maskLine(line, ['hunter22'])).toBe(masked);
    expect(maskLine(line, [])).toBe(line);
  });
});

describe('a secret of several lines, of which each comes alone', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\r\n  hkiG9w0BAQEFAASC\n{\nabc=\n-----END KEY-----\n';

  test.each([
    ['-----BEGIN KEY-----', '***'],
    ['MIIEvQIBADANBgkq', '***'],
    ['  hkiG9w0BAQEFAASC', '***'],
    ['hkiG9w0BAQEFAASC', '***'],
    ["-----END KEY-----'", '***'],
    ['MIIEvQIBADAN…', '***'],
    ['{', '{'],
    ['abc=', 'abc='],
    ['worker | MIIEvQIBADANBgkq', 'worker | ***'],
    ['the MIIEvQIBADANBgk of the key', 'the MIIEvQIBADANBgk of the key'],
    ['MIIEvQIB', 'MIIEvQIB'],
    ['', ''],
  ])('%s', (line, masked) => {
    expect(maskLine(line, [key, 'other'])).toBe(masked);
  });

  test('the lines of a secret that is one line are only masked as a whole', () => {
    expect(maskLine('hunter2222', ['hunter22223'])).toBe('hunter2222');
  });
});

/** Shorter pieces of an encoded secret stand in many a text by chance. */
const SHORTEST_FORM = 4;

/**
 * The texts that are masked for secrets: every value, and for those named in `encoded` also how it looks in base64 (also
 * as a part of a longer text, as in `user:token`), in URLs, in JSON, quoted for a shell, and in hexadecimal.
 */
export function secretForms(
  secrets: Readonly<Record<string, string>>,
  encoded: readonly string[] = [],
): readonly string[] {
  const forms = Object.entries(secrets).flatMap(([name, value]) => [
    value,
    ...(encoded.includes(name) && value !== '' ? encodedForms(value) : []),
  ]);
  return [...new Set(forms)];
}

function encodedForms(value: string): readonly string[] {
  const forms = [...inBase64(value), ...inUrls(value), ...inJson(value), ...inHex(value), ...inShells(value)];
  return forms.filter((form) => form.length >= SHORTEST_FORM);
}

/**
 * Base64 groups three bytes: the text of a secret depends on how many bytes stand before it. Characters that also hold
 * bits of a neighbour are left out, except where the secret ends the text.
 */
function inBase64(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  return [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const own = all.toString('base64').slice(Math.ceil((before * 8) / 6));
    const within = own.slice(0, Math.floor((all.length * 8) / 6) - Math.ceil((before * 8) / 6));
    return [own, within].flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
  });
}

function inUrls(value: string): readonly string[] {
  if (!value.isWellFormed()) return [];
  const strict = encodeURIComponent(value).replaceAll(/[!'()*]/g, (sign) => `%${hexOf(sign)}`);
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  return [strict, encodeURIComponent(value), encodeURI(value), strict.replaceAll('%2F', '/'), form]
    .flatMap((one) => [one, one.replaceAll('%20', '+')])
    .flatMap((one) => [one, one.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())]);
}

function inJson(value: string): readonly string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = plain.replaceAll(/[^\x20-\x7e]/g, codeUnit);
  const forMarkup = ascii.replaceAll(/[<>&']/g, codeUnit);
  return [plain, ascii, forMarkup].flatMap((one) => [
    one,
    one.replaceAll('/', '\\/'),
    one.replaceAll(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
  ]);
}

function codeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function inHex(value: string): readonly string[] {
  const hex = Buffer.from(value).toString('hex');
  return [hex, hex.toUpperCase()];
}

/** What a shell shows of it with `set -x`, and `printf %q`. */
function inShells(value: string): readonly string[] {
  return [
    value.replaceAll("'", "'\\''"),
    value.replaceAll(/[^\w@%+=:,./-]/g, (sign) => `\\${sign}`),
    value.replaceAll(/["$`\\]/g, (sign) => `\\${sign}`),
  ];
}

function hexOf(sign: string): string {
  return sign.charCodeAt(0).toString(16).toUpperCase();
}

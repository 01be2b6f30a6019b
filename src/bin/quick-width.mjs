// What `string-width` gives, without loading its tables of emoji (50 ms) before there is text that needs them.
const SIMPLE =
  /^[\x20-\x7e\xa1-\xac\xae-\xff\u2010-\u2015\u2018-\u201f\u2022\u2026\u2190-\u2193\u21a9\u21bb\u23ce\u2500-\u25fc\u2610-\u2613\u2691\u26a0\u2713-\u2718\u2800-\u28ff]*$/;
const COLOURS = /\x1b\[[\d;:]*m/g;

/** The columns of a text. Every character of {@link SIMPLE} fills one, whatever stands beside it. */
export default function quickWidth(text, options) {
  if (typeof text === 'string' && !options) {
    const plain = text.includes('\x1b[') ? text.replace(COLOURS, '') : text;
    if (SIMPLE.test(plain)) return plain.length;
  }
  // Not an import: in the bundle this runs the module when it is first asked for.
  return require('../../node_modules/string-width/index.js').default(text, options);
}

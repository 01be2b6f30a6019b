// CSI; strings (OSC, DCS, SOS, PM, APC), also without an end; single shifts with what they shift; other escapes.
const SEQUENCES =
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|(?=\x1b)|$)|(?:\x1b[NO]|[\x8e\x8f])[!-~]?|\x1b[ -/]*[0-~]?/g;
const ESCAPE = /[\x1b\x80-\x9f]/;

/** A text without escape sequences, each as a whole, also those without an end. Other controls stay. Linear. */
export function stripSequences(text: string): string {
  return ESCAPE.test(text) ? text.replace(SEQUENCES, '') : text;
}

const PICTOGRAPH = /^\p{Extended_Pictographic}$/u;

/**
 * Whether every terminal moves its cursor as far as we count for this glyph. After one that is not
 * steady, the cursor has to be placed anew.
 */
export function isSteady(glyph: string, isWide: boolean): boolean {
  const code = glyph.codePointAt(0) ?? 0;
  if (code < 0x300) return glyph.length === 1;
  if (glyph.length > 1) return false;
  if (isWide)
    return (
      (code >= 0x3041 && code <= 0x30fa) || (code >= 0x4e00 && code <= 0x9fff) || (code >= 0xac00 && code <= 0xd7a3)
    );
  return code >= 0x2010 && code <= 0x2bff && !PICTOGRAPH.test(glyph);
}

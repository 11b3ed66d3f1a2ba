// Controls, format characters (bidi overrides, zero width, tags), surrogates, line and paragraph separators, and
// what no font is known to draw.
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu;

/**
 * Makes text of others safe to show: every character that can hide, reorder or end text becomes a visible escape, so
 * that what is read is what is there.
 */
export function visible(text: string): string {
  return text.replace(invisible, (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `\\u{${point.toString(16)}}`;
  });
}

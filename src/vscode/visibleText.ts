/**
 * Names come from other people. Before one is shown, every character that can hide, reorder or end text
 * becomes a visible escape, so that what is read is what is there.
 */

// Controls, line and paragraph separators, and format characters (bidi overrides, zero width, tags).
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Longest name that is shown whole, in code points; the rest is cut with an ellipsis. */
const longest = 200;

export function visibleText(text: string): string {
  const points = Array.from(text);
  const shown = points.length > longest ? [...points.slice(0, longest), '…'].join('') : text;
  return shown.replace(invisible, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `\\u{${code}}`;
  });
}

/** For quick picks, whose labels draw `$(name)` as an icon. */
export function pickText(text: string): string {
  return visibleText(text).replaceAll('$(', '\\$(');
}

/** For notifications, which turn `[words](target)` into a link that may run a command. */
export function noticeText(text: string): string {
  return visibleText(text).replaceAll('](', '] (');
}

import { visible } from '../common/visible.js';

/** Longest name that is shown whole, in code points; the rest is cut with an ellipsis. */
const longest = 200;

/** A name that comes from other people, to be shown. */
export function visibleText(text: string): string {
  const points = Array.from(text);
  return visible(points.length > longest ? [...points.slice(0, longest), '…'].join('') : text);
}

/** For quick picks, whose labels draw `$(name)` as an icon. */
export function pickText(text: string): string {
  return visibleText(text).replaceAll('$(', '\\$(');
}

/** For notifications, which turn `[words](target)` into a link that may run a command. */
export function noticeText(text: string): string {
  return visibleText(text).replaceAll('](', '] (');
}

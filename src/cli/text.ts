const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

/** Terminal cells that a text without control characters takes. */
export function cells(text: string): number {
  // Most names, and one regular expression for all of it instead of two for each character.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let count = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    count += wide.test(character) ? 2 : 1;
  }
  return count;
}

export type Align = 'left' | 'right';

/** Lines of a table with two spaces between columns. The first row is the head. */
export function table(
  rows: readonly (readonly string[])[],
  aligns: readonly Align[] = [],
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cells(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const pad = ' '.repeat((widths[column] ?? 0) - cells(cell));
        return aligns[column] === 'right' ? pad + cell : cell + pad;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Cuts a text to a number of terminal cells. */
export function fit(text: string, width: number): string {
  if (cells(text) <= width) return text;
  let kept = '';
  for (const character of text) {
    if (cells(kept) + cells(character) > width - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

import * as vscode from 'vscode';
import { markdownText } from '../markdownText.js';

/** What a tooltip says below its title: a line, or a heading with names below it. All plain text. */
export type TooltipPart =
  string | { readonly heading: string; readonly names: readonly string[] } | undefined;

/**
 * A tooltip in Markdown. What it is made of is plain text, and stays that: it runs no command, draws no picture and leads
 * nowhere.
 */
export function tooltip(title: string, parts: readonly TooltipPart[]): vscode.MarkdownString {
  const blocks = [`**${markdownText(title)}**`];
  let lines: string[] = [];
  const endLines = (): void => {
    if (lines.length > 0) blocks.push(lines.join('  \n'));
    lines = [];
  };
  for (const part of parts) {
    if (part === undefined) continue;
    if (typeof part === 'string') {
      lines.push(markdownText(part));
      continue;
    }
    endLines();
    const names = part.names.map((name) => `- ${markdownText(name)}`);
    blocks.push([markdownText(part.heading), '', ...names].join('\n'));
  }
  endLines();
  const text = new vscode.MarkdownString(blocks.join('\n\n'));
  text.isTrusted = false;
  text.supportHtml = false;
  text.supportThemeIcons = false;
  return text;
}

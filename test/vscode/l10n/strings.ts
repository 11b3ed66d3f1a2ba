import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { repoRoot } from '../host/hostPaths.js';

/** Every string that the source passes to `vscode.l10n.t`, sorted. @throws where it is no plain literal */
export function localizedStrings(): string[] {
  const found = new Set<string>();
  for (const file of sourceFiles()) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest);
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText(source) === 'vscode.l10n.t') {
        const [text] = node.arguments;
        if (text === undefined || !ts.isStringLiteralLike(text)) {
          throw new Error(`${file}: vscode.l10n.t needs a plain string`);
        }
        found.add(text.text);
      }
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return [...found].sort();
}

/** The English bundle, from which translators start: every string is its own key. */
export const bundleFile = path.join(repoRoot, 'l10n', 'bundle.l10n.json');

export function bundleText(): string {
  const entries = localizedStrings().map((text) => [text, text]);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** The files whose strings the editor shows. */
export function sourceFiles(): string[] {
  const folder = path.join(repoRoot, 'src', 'vscode');
  const below = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
  return [...below, path.join(repoRoot, 'src', 'extension.ts')];
}

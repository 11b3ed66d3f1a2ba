import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { repoRoot } from '../host/hostPaths.js';
import { sourceFiles } from './strings.js';

/** Product names, and what else no language changes. */
const names = new Set(['Chunk Partitioner', 'SHA-256 ', 'Enter', 'Escape']);

/** Codes of errors that nobody is told in their own words: nothing happened, or their code says it all. */
const silentCodes = new Set(['cancelled', 'closed', 'internal', 'timeout']);

/** Whether people would read this: two words side by side, or one that begins like a sentence. */
function isProse(part: string): boolean {
  const text = withoutMarkup(part);
  if (text.startsWith('chunk-partitioner ')) return false; // a command of the terminal
  return /\p{L}{2,}[,.:]? \p{L}/u.test(text) || /^\p{Lu}\p{Ll}+(?!\p{L})/u.test(text.trim());
}

/** A part of a template can begin and end within a tag, or within a style sheet. */
function withoutMarkup(text: string): string {
  return text
    .replace(/^[^<>]*>/, '')
    .replace(/<style[\s\S]*?(?:<\/style>|$)/g, '')
    .replace(/^[\s\S]*<\/style>/, '')
    .replace(/<[^>]*(?:>|$)/g, '');
}

/** English prose in the editor's part of the source that no translation can reach, as `file:line: text`. */
export function unlocalisedStrings(files: readonly string[] = sourceFiles()): string[] {
  return files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return proseIn(source).map(({ line, prose }) => {
      const where = path.relative(repoRoot, file).replaceAll(path.sep, '/');
      return `${where}:${String(line)}: ${prose}`;
    });
  });
}

/** The same of one text. */
export function proseIn(
  source: ts.SourceFile,
): { readonly line: number; readonly prose: string }[] {
  const found: { line: number; prose: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (isExempt(node, source)) return;
    if (ts.isCallExpression(node) && node.expression.getText(source) === 'vscode.l10n.t') {
      node.arguments.slice(1).forEach(visit); // what is put into the translated string
      return;
    }
    if (ts.isStringLiteralLike(node) || isTemplatePart(node)) {
      if (isProse(node.text) && !names.has(node.text)) {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        found.push({ line: line + 1, prose: node.text });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTemplatePart(
  node: ts.Node,
): node is ts.TemplateHead | ts.TemplateMiddle | ts.TemplateTail {
  return ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
}

/** Places whose strings nobody reads in the editor, or that are translated. */
function isExempt(node: ts.Node, source: ts.SourceFile): boolean {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isTypeNode(node)) return true;
  // What is compared is a name of something: a key, a state.
  if (ts.isStringLiteral(node) && ts.isBinaryExpression(node.parent)) {
    const { kind } = node.parent.operatorToken;
    const { EqualsEqualsEqualsToken, ExclamationEqualsEqualsToken } = ts.SyntaxKind;
    return kind === EqualsEqualsEqualsToken || kind === ExclamationEqualsEqualsToken;
  }
  // What is written to the log is for people who look closely, and always English.
  if (ts.isFunctionDeclaration(node) && node.name?.text === 'logLine') return true;
  if (ts.isCallExpression(node)) {
    const callee = node.expression.getText(source);
    return /\blog\.(debug|info|warn|error)$/.test(callee);
  }
  if (ts.isNewExpression(node)) {
    const type = node.expression.getText(source);
    const [code] = node.arguments ?? [];
    // Where the editor is not known, an error speaks as a peer does, and `errorWords` translates its code.
    if (type === 'PeerError' && !source.text.includes("from 'vscode';")) return true;
    if (type === 'PeerError')
      return code !== undefined && ts.isStringLiteral(code) && silentCodes.has(code.text);
    return /^(Range|Type)?Error$/.test(type);
  }
  return false;
}

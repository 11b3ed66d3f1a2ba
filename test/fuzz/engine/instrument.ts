import { registerHooks } from 'node:module';
import ts from 'typescript';

/** The product, and the library that reads CBOR for it. */
const watched = /\/src\/.*\.ts$|\/node_modules\/cborg\/.*\.js$/;
const blocks = 1 << 16;
/** Under this name the code that is loaded finds the counters. */
const name = '__fuzzCounters';

/** How often each block of the modules that are loaded from now on has run; whoever looks sets it to zero. */
export function countBlocks(): Uint32Array {
  const counters = new Uint32Array(blocks);
  Object.assign(globalThis, { [name]: counters });
  let used = 0;
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (loaded.format !== 'module' || loaded.source == null || !watched.test(url)) return loaded;
      const { source } = loaded;
      const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
      return { ...loaded, source: instrument(text, () => `${name}[${used++ % blocks}]++`) };
    },
  });
  return counters;
}

/** The same program, which counts wherever it may go one way or another. */
function instrument(text: string, count: () => string): string {
  const before = new Map<number, string>();
  const behind = new Map<number, string>();
  const open = (at: number, words: string): void => {
    before.set(at, (before.get(at) ?? '') + words);
  };
  const wrap = (node: ts.Node | undefined, start: string, end: string): void => {
    if (node === undefined || ts.isBlock(node)) return; // a block is counted as such
    open(node.getStart(), start);
    // What is found later lies within, and ends first.
    behind.set(node.end, end + (behind.get(node.end) ?? ''));
  };
  const expression = (node: ts.Node): void => {
    wrap(node, `(${count()},`, ')');
  };
  const statement = (node: ts.Node | undefined): void => {
    wrap(node, `{${count()};`, '}');
  };
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node)) open(node.getStart() + 1, `${count()};`);
    else if (ts.isCaseOrDefaultClause(node)) open(node.statements.pos, `${count()};`);
    else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(expression);
    else if (ts.isBinaryExpression(node) && isLazy(node)) expression(node.right);
    else if (ts.isArrowFunction(node)) expression(node.body);
    else if (ts.isIfStatement(node)) [node.thenStatement, node.elseStatement].forEach(statement);
    else if (ts.isIterationStatement(node, false)) statement(node.statement);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('module.js', text, ts.ScriptTarget.Latest, true));
  const places = [...new Set([...before.keys(), ...behind.keys()])].sort((a, b) => a - b);
  const parts = places.map((at, index) => {
    const inserted = (behind.get(at) ?? '') + (before.get(at) ?? '');
    return text.slice(places[index - 1] ?? 0, at) + inserted;
  });
  return parts.join('') + text.slice(places.at(-1));
}

function isLazy({ operatorToken }: ts.BinaryExpression): boolean {
  const { AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken } = ts.SyntaxKind;
  const lazy: ts.SyntaxKind[] = [AmpersandAmpersandToken, BarBarToken, QuestionQuestionToken];
  return lazy.includes(operatorToken.kind);
}

/** `npm run package`: makes the .vsix and checks what a marketplace and its users would complain about. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const repository = path.resolve(import.meta.dirname, '../..');
const target = path.join(repository, 'chunk-partitioner.vsix');
const megabyte = 1_000_000;

/** What has to be in it, and what nobody needs who only uses it. */
const needed = [
  'package.json',
  'package.nls.json',
  'package.nls.de.json',
  'l10n/bundle.l10n.json',
  'l10n/bundle.l10n.de.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'dist/extension.js',
  'dist/control.js',
  'dist/cli.js',
  'dist/main.js',
  'dist/peer.js',
  'dist/worker.js',
  'dist/kernel.wasm',
  'dist/peek.js',
  'dist/peek.css',
  'dist/map.js',
  'dist/map.css',
  'dist/THIRD_PARTY_NOTICES.txt',
];
/** Files that the manifest names: icons, pictures of the walkthrough, the code. */
function namedFiles(): string[] {
  const manifest = readFileSync(path.join(repository, 'package.json'), 'utf8');
  const paths = manifest.matchAll(/"(?:\.\/)?((?:media|dist)\/[^"*]+\.[a-z]+)"/g);
  return [...new Set([...paths].map(([, file]) => file ?? ''))];
}
const unwanted = /^(src|test|node_modules|\.[^/]*)\/|\.(ts|map|vsix)$|^esbuild\.js$|^tsconfig/;

function vsce(...args: readonly string[]): { ok: boolean; output: string; stdout: string } {
  const run = spawnSync(
    process.execPath,
    [path.join(repository, 'node_modules/@vscode/vsce/vsce'), ...args, '--no-dependencies'],
    { cwd: repository, encoding: 'utf8', timeout: 120_000 },
  );
  return { ok: run.status === 0, output: run.stdout + run.stderr, stdout: run.stdout };
}

function main(): void {
  rmSync(target, { force: true });
  const made = vsce(
    'package',
    '--no-rewrite-relative-links',
    '--allow-missing-repository',
    '--out',
    target,
  );
  console.log(made.output.trim());
  const files = vsce('ls').stdout.split(/\r?\n/).filter(Boolean);
  const size = made.ok ? statSync(target).size : 0;
  const missing = [...needed, ...namedFiles()].filter((file) => !files.includes(file));
  const surplus = files.filter((file) => unwanted.test(file));

  const extension = readFileSync(path.join(repository, 'dist/extension.js'), 'utf8');
  const views = extension.split('require("vscode")').length - 1;

  const checks: readonly (readonly [what: string, ok: boolean, found: string])[] = [
    ['the package is made', made.ok, made.ok ? target : 'vsce failed'],
    ['without a warning', !/\bwarn/i.test(made.output), 'see above'],
    ['below 1 MB', made.ok && size < megabyte, `${(size / 1000).toFixed(0)} kB`],
    ['with all that runs', missing.length === 0, `${files.length} files`],
    ['with one view of the API (see esbuild.js)', views === 1, String(views)],
    ['without sources, tests and maps', surplus.length === 0, surplus.join(', ') || 'none'],
  ];
  for (const [what, ok, found] of checks) console.log(`${ok ? '✔' : '✘'} ${what}: ${found}`);
  if (missing.length > 0) console.log(`missing: ${missing.join(', ')}`);
  const failed = checks.filter(([, ok]) => !ok).length;
  console.log(`package: ${checks.length - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

main();

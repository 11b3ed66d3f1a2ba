import path from 'node:path';
import type { SourceFolder } from '../bench.js';
import { ourShareAndGet } from '../ours/transfers.js';
import type { Line, Row } from '../row.js';
import { checkFolder } from '../tools/checkFile.js';
import { linkInto, syncthingGet, syncthingShare, type SyncSource } from '../tools/syncthing.js';

const bytesEach = 4096;

/** One folder of many small files: share with two to spare, then get on a fresh peer. */
export function smallFileRows(files: number): Row[] {
  const line = (id: string, label: string, reference: string): Line => ({
    id: `small/${id}`,
    label,
    unit: 'files/s',
    amount: files,
    reference,
  });
  return [
    {
      lines: [
        line('ours share', 'Chunk Partitioner, share', ''),
        line('ours get', 'Chunk Partitioner, get', ''),
      ],
      needs: [],
      run: async (bench) => {
        const folder = await bench.folder(files, bytesEach);
        const { share, get } = await ourShareAndGet(bench, folder, 4);
        return { 'small/ours share': share, 'small/ours get': get };
      },
    },
    {
      lines: [line('syncthing share', 'Syncthing, three copies', 'small/ours share')],
      needs: ['syncthing'],
      run: async (bench) => {
        const source = folderSource(await bench.folder(files, bytesEach));
        return { 'small/syncthing share': await syncthingShare(bench, source) };
      },
    },
    {
      lines: [line('syncthing get', 'Syncthing, get from four', 'small/ours get')],
      needs: ['syncthing'],
      run: async (bench) => {
        const source = folderSource(await bench.folder(files, bytesEach));
        return { 'small/syncthing get': await syncthingGet(bench, source) };
      },
    },
  ];
}

function folderSource(folder: SourceFolder): SyncSource {
  return {
    key: `folder-${folder.files}`,
    files: folder.files,
    bytes: folder.bytes,
    place: (target) => linkInto(folder.path, target),
    check: (target) => checkFolder(path.join(target, path.basename(folder.path)), folder),
  };
}

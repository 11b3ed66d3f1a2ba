import path from 'node:path';
import { mebibyte, type Bench, type SourceFile } from '../bench.js';
import { ourGet, ourShare } from '../ours/transfers.js';
import type { Row, Sample } from '../row.js';
import { aria2Get } from '../tools/aria2.js';
import { checkFile } from '../tools/checkFile.js';
import { diskRead, diskWrite } from '../tools/disk.js';
import { rsyncThreeCopies, sshThreeCopies } from '../tools/rsync.js';
import { curlGet, stream } from '../tools/streams.js';
import { linkInto, syncthingGet, syncthingShare, type SyncSource } from '../tools/syncthing.js';
import { transmissionGet } from '../tools/transmission.js';

/** Limits, get and share of one file of `mib` MiB. */
export function mainRows(mib: number): Row[] {
  const row = (
    id: string,
    label: string,
    reference: string,
    needs: readonly string[],
    run: (bench: Bench, file: SourceFile) => Promise<Sample>,
  ): Row => ({
    lines: [{ id, label, unit: 'MiB/s', amount: mib, reference }],
    needs,
    run: async (bench) => ({ [id]: await run(bench, await bench.file(mib * mebibyte)) }),
  });
  const tcp = 'limits/tcp';
  const tls = 'limits/tls';
  const ours = 'get/ours';
  return [
    row(tcp, 'plain TCP stream', '', [], (bench, file) => stream('tcp', bench, file)),
    row(tls, 'node:tls stream', tcp, [], (bench, file) => stream('tls', bench, file)),
    row('limits/write', 'disk write, flushed', tcp, ['dd'], diskWrite),
    row('limits/read', 'disk read', tcp, ['dd'], diskRead),
    {
      lines: [
        { id: ours, label: 'Chunk Partitioner, 2+2', unit: 'MiB/s', amount: mib, reference: tls },
        { id: 'latency/last byte', label: 'last byte to done', unit: 'ms', reference: '' },
      ],
      needs: [],
      run: async (bench) => {
        const { get, lastByte } = await ourGet(bench, await bench.file(mib * mebibyte), 0);
        return { [ours]: get, 'latency/last byte': lastByte };
      },
    },
    row('get/ours, one dead', 'Chunk Partitioner, one dead', ours, [], async (bench, file) => {
      return (await ourGet(bench, file, 1)).get;
    }),
    row('get/ours, two dead', 'Chunk Partitioner, two dead', ours, [], async (bench, file) => {
      return (await ourGet(bench, file, 2)).get;
    }),
    row('get/aria2', 'aria2, four seeds', ours, ['aria2c'], aria2Get),
    row(
      'get/transmission',
      'Transmission, four seeds',
      ours,
      ['transmission-daemon'],
      transmissionGet,
    ),
    row('get/syncthing', 'Syncthing, four devices', ours, ['syncthing'], (bench, file) =>
      syncthingGet(bench, fileSource(file)),
    ),
    row('get/curl', 'curl over TLS, one server', ours, ['curl'], curlGet),
    row('share/ours', 'Chunk Partitioner, 2+2', tls, [], (bench, file) => ourShare(bench, file)),
    row(
      'share/rsync',
      'rsync, three copies, not encrypted',
      'share/ours',
      ['rsync'],
      rsyncThreeCopies,
    ),
    row(
      'share/rsync by SSH',
      'rsync over SSH, three copies',
      'share/ours',
      ['rsync', 'ssh', 'sshd'],
      sshThreeCopies,
    ),
    row('share/syncthing', 'Syncthing, three copies', 'share/ours', ['syncthing'], (bench, file) =>
      syncthingShare(bench, fileSource(file)),
    ),
  ];
}

function fileSource(file: SourceFile): SyncSource {
  return {
    key: `file-${file.bytes}`,
    files: 1,
    bytes: file.bytes,
    place: (folder) => linkInto(file.path, folder),
    check: (folder) => checkFile(path.join(folder, path.basename(file.path)), file),
  };
}

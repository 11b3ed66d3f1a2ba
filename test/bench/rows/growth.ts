import { mebibyte } from '../bench.js';
import { ourShareAndGet } from '../ours/transfers.js';
import type { Row } from '../row.js';

/** Sizes that the figures are compared over; 1 GiB is one of the main rows. */
const sizesMiB = [64, 256, 4096];
const holderCounts = [2, 8, 16];
const holdersMiB = 256;

/** Throughput while sizes and numbers of holders grow. */
export function growthRows(): Row[] {
  return [
    ...sizesMiB.map((mib) => growthRow(`${mib} MiB`, mib, 4)),
    ...holderCounts.map((holders) => growthRow(`${holders} holders`, holdersMiB, holders)),
  ];
}

function growthRow(name: string, mib: number, holders: number): Row {
  const share = `growth/${name} share`;
  const get = `growth/${name} get`;
  const base = `growth/${holdersMiB} MiB`;
  const isBase = name === `${holdersMiB} MiB`;
  return {
    lines: [
      {
        id: share,
        label: `share, ${name}`,
        unit: 'MiB/s',
        amount: mib,
        reference: isBase ? '' : `${base} share`,
      },
      {
        id: get,
        label: `get, ${name}`,
        unit: 'MiB/s',
        amount: mib,
        reference: isBase ? '' : `${base} get`,
      },
    ],
    needs: [],
    run: async (bench) => {
      const samples = await ourShareAndGet(bench, await bench.file(mib * mebibyte), holders);
      return { [share]: samples.share, [get]: samples.get };
    },
  };
}

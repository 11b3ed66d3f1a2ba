import { ourPeek } from '../ours/peek.js';
import { ourSmallShares } from '../ours/transfers.js';
import type { Row } from '../row.js';

const smallBytes = 1024;
const smallShares = 10;
const peekMiB = 4096;
const peeks = 10;

/** What somebody waits for. The time from the last byte to done comes with the main rows. */
export function latencyRows(): Row[] {
  return [
    {
      lines: [{ id: 'latency/1 KiB', label: 'share of 1 KiB, durable', unit: 'ms', reference: '' }],
      needs: [],
      run: async (bench) => ({
        'latency/1 KiB': await ourSmallShares(bench, await bench.file(smallBytes), smallShares),
      }),
    },
    {
      lines: [
        { id: 'latency/peek', label: 'read 64 KiB anywhere in 4 GiB', unit: 'ms', reference: '' },
        { id: 'latency/cat', label: 'the same with “cat --range”', unit: 'ms', reference: '' },
      ],
      needs: [],
      run: async (bench) => {
        const { read, cat } = await ourPeek(bench, peekMiB, peeks);
        return { 'latency/peek': read, 'latency/cat': cat };
      },
    },
  ];
}

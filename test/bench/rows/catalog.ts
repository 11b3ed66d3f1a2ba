import { ourCatalog } from '../catalog/filledPeer.js';
import type { Line, Row, Unit } from '../row.js';

const counts = [1_000, 10_000, 100_000];

/** Start and lists of a peer that knows many shares. */
export function catalogRows(): Row[] {
  return counts.map((count) => {
    const many = count.toLocaleString('en');
    const line = (what: string, unit: Unit): Line => ({
      id: `catalog/${count} ${what}`,
      label: `${what}, ${many} shares`,
      unit,
      reference: count === counts[0] ? '' : `catalog/${counts[0] ?? ''} ${what}`,
    });
    return {
      lines: [line('start', 'ms'), line('first page', 'ms'), line('list', 'ms'), line('ls', 'ms')],
      needs: [],
      run: async (bench) => {
        const { start, first, list, ls } = await ourCatalog(bench, count);
        return {
          [`catalog/${count} start`]: start,
          [`catalog/${count} first page`]: first,
          [`catalog/${count} list`]: list,
          [`catalog/${count} ls`]: ls,
        };
      },
    };
  });
}

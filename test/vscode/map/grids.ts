import type { GridRow } from '../../../src/control/contract.js';
import type { PageGrid } from '../../../src/vscode/map/messages.js';

/** Two columns of 50 chunks. */
export function gridWith(rows: readonly GridRow[], k = 1): PageGrid {
  return { k, chunksPerShard: 100, edges: [0, 50, 100], rows };
}

export function rowWith(shard: number, chunks: GridRow['chunks'] = {}): GridRow {
  return {
    ...{ shard, kind: 'data', nodeId: 'aa', name: 'bob', online: true, chunks },
    ...{ provedAt: 0, reportedAt: 0, doubted: false, problem: null },
  };
}

import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import * as z from 'zod';
import { CHUNK_SIZE } from '../../chunk/geometry.js';
import { stateLimits } from '../limits.js';
import type { DependentShare, RiskView, StateStore } from '../store.js';
import { idTable, type Ids } from './ids.js';
import { parseRow, type Synchronous } from './rows.js';

type RiskTable = Pick<StateStore, 'risks' | 'outlook' | 'dependents' | 'heldBytes'>;

const riskRow = z.object({ holderId: z.string(), lost: z.int(), atRisk: z.int() });
const outlookRow = z.object({
  shares: z.int(),
  lost: z.int(),
  atRisk: z.int(),
  unreachable: z.int(),
  repairable: z.int(),
  notRepairable: z.int(),
});
const dependentRow = z.object({
  shareId: z.string(),
  name: z.string().transform((name) => (name === '' ? null : name)),
  kind: z.enum(['file', 'folder']).nullable(),
  spare: z.int(),
  spareWithout: z.int(),
});
const bytesRow = z.object({ bytes: z.int() });

// Lists of holders come as JSON arrays of their numbers, by name, since they occur several times.
const counts = 'counts = 1 AND holder NOT IN (SELECT value FROM json_each(:without))';
const shown = 'listed = 1 AND superseded = 0';
/** Shards of a share that somebody holds. `held` counts the word of everybody: right where nobody is left out. */
const heldShards = `CASE WHEN :without = '[]' THEN held ELSE
  (SELECT count(DISTINCT shard) FROM receipts WHERE receipts.shareId = s.shareId AND ${counts}) END`;

/** Whether a receipt `r` is for a shard that nobody else holds. */
const alone = `NOT EXISTS (
  SELECT 1 FROM receipts o WHERE o.shareId = r.shareId AND o.shard = r.shard
    AND o.holder <> r.holder AND o.${counts.replace('holder', 'o.holder')})`;

/** Of each share of which one holder keeps a part: what is to spare, and how many shards nobody else has. */
const partsOf = `
  SELECT s.shareId, s.name, s.kind, s.k, ${heldShards} - s.k AS spare, sole
  FROM (
    SELECT shareId, sum(${alone}) AS sole
    FROM receipts r WHERE holder = :holder AND counts = 1 GROUP BY shareId
  ) p CROSS JOIN shares s ON s.shareId = p.shareId AND ${shown}`;

/**
 * Shares that one holder alone could endanger: that have no more than one shard to spare, or of which somebody holds
 * several. Of a healthy group these are few, and the receipts of all others are not gone through one by one. The LIMIT
 * has the planner look up what is to spare once a share.
 */
const endangered = `
  SELECT shareId, spare
  FROM (SELECT shareId, ${heldShards} - k AS spare FROM shares s WHERE ${shown} LIMIT -1) e
  WHERE spare IN (0, 1) OR (spare > 1 AND shareId IN (
    SELECT shareId FROM receipts WHERE ${counts}
    GROUP BY shareId HAVING count(*) > count(DISTINCT holder)))`;

/** What hangs on whom: who is the only one to hold how many shards of a share that can spare no more than that. */
export function riskTable(database: DatabaseSync): Synchronous<RiskTable> {
  const ids = idTable(database);
  const risks = database.prepare(
    `SELECT ids.id AS holderId, sum(spare < sole) AS lost, sum(spare = sole) AS atRisk
     FROM (
       SELECT holder, sum(${alone}) AS sole, spare
       FROM (${endangered}) s CROSS JOIN receipts r ON r.shareId = s.shareId AND ${counts}
       GROUP BY r.shareId, holder
     ) CROSS JOIN ids ON n = holder
     WHERE sole > 0 AND spare <= sole GROUP BY holder`,
  );
  const outlook = database.prepare(
    `SELECT count(*) AS shares,
       coalesce(sum(isLost), 0) AS lost,
       coalesce(sum(sole > 0 AND spare = sole), 0) AS atRisk,
       coalesce(sum(spare >= sole AND reachable < k), 0) AS unreachable,
       coalesce(sum(sole > 0 AND NOT isLost AND canRepair), 0) AS repairable,
       coalesce(sum(sole > 0 AND NOT isLost AND NOT canRepair), 0) AS notRepairable
     FROM (
       SELECT *, reachable >= k AND takers >= sole AS canRepair FROM (
         SELECT *, spare >= 0 AND spare < sole AS isLost,
           (SELECT count(DISTINCT shard) FROM receipts WHERE receipts.shareId = p.shareId AND counts = 1
              AND holder IN (SELECT value FROM json_each(:online))) AS reachable,
           json_array_length(:takers) - (SELECT count(DISTINCT holder) FROM receipts
              WHERE receipts.shareId = p.shareId AND counts = 1
              AND holder IN (SELECT value FROM json_each(:takers))) AS takers
         FROM (${partsOf}) p))`,
  );
  const dependents = database.prepare(
    `SELECT shareId, name, kind, spare, spare - sole AS spareWithout FROM (${partsOf})
     WHERE sole > 0 AND spare >= 0 ORDER BY spareWithout, name, shareId LIMIT :limit`,
  );
  const heldBytes = database.prepare(
    `SELECT coalesce(sum(held * chunksPerShard), 0) * ${String(CHUNK_SIZE)} AS bytes
     FROM shares WHERE ${shown}`,
  );

  return {
    risks: (view) => risks.all(withoutOf(ids, view)).map((row) => parseRow(riskRow, row)),
    outlook: (query) => {
      const { holderId, online, takers } = query;
      return parseRow(
        outlookRow,
        outlook.get({
          ...withoutOf(ids, query),
          holder: ids.find(holderId),
          online: numbersOf(ids, online),
          // Who holds nothing yet has no number, and can take a part all the same.
          takers: JSON.stringify(takers.map((id, at) => ids.find(id) ?? -1 - at)),
        }),
      );
    },
    dependents: (query, limit) => {
      const values = {
        ...withoutOf(ids, query),
        holder: ids.find(query.holderId),
        limit: Math.min(Math.max(0, limit), stateLimits.page),
      };
      return dependents.all(values).map((row): DependentShare => parseRow(dependentRow, row));
    },
    heldBytes: () => parseRow(bytesRow, heldBytes.get()).bytes,
  };
}

function withoutOf(ids: Ids, { without }: RiskView): Record<string, SQLInputValue> {
  return { without: numbersOf(ids, without) };
}

/** A JSON array of the numbers of those who have one. */
function numbersOf(ids: Ids, nodeIds: readonly string[]): string {
  return JSON.stringify(nodeIds.map((id) => ids.find(id)).filter((number) => number !== null));
}

import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { StateStore } from '../store.js';
import { flag, parseRow, type Synchronous } from './rows.js';
import { stateLimits } from '../limits.js';

type PeerTable = Pick<StateStore, 'putPeer' | 'peers' | 'putInvite' | 'redeemInvite'>;

const peerRow = z.object({
  nodeId: z.string(),
  addresses: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(z.array(z.string())),
  lastSeen: z.int(),
  stays: flag,
});
const inviteRow = z.object({
  tokenHash: z.string(),
  groupId: z.string(),
  role: z.string(),
  expiresAt: z.int(),
  redeemedBy: z.string().nullable(),
});

export function peerTable(database: DatabaseSync): Synchronous<PeerTable> {
  const putPeer = database.prepare(
    `INSERT INTO peers (nodeId, addresses, lastSeen, stays) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       addresses = excluded.addresses, lastSeen = excluded.lastSeen, stays = excluded.stays`,
  );
  const peers = database.prepare('SELECT * FROM peers ORDER BY nodeId');
  // A redeemed invite stays redeemed, whatever is put again.
  const putInvite = database.prepare(
    `INSERT INTO invites (tokenHash, groupId, role, expiresAt, redeemedBy) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET
       groupId = excluded.groupId, role = excluded.role, expiresAt = excluded.expiresAt,
       redeemedBy = coalesce(redeemedBy, excluded.redeemedBy)`,
  );
  const getInvite = database.prepare('SELECT * FROM invites WHERE tokenHash = ?');
  const redeem = database.prepare(
    `UPDATE invites SET redeemedBy = ?
     WHERE tokenHash = ? AND redeemedBy IS NULL AND expiresAt > ?`,
  );
  return {
    putPeer: ({ nodeId, addresses, lastSeen, stays }) => {
      const kept = JSON.stringify(addresses.slice(0, stateLimits.addresses));
      putPeer.run(nodeId, kept, lastSeen, stays ? 1 : 0);
    },
    peers: () => peers.all().map((row) => parseRow(peerRow, row)),
    putInvite: ({ tokenHash, groupId, role, expiresAt, redeemedBy }) => {
      putInvite.run(tokenHash, groupId, role, expiresAt, redeemedBy);
    },
    redeemInvite: (tokenHash, nodeId, now) => {
      redeem.run(nodeId, tokenHash, now);
      const row = getInvite.get(tokenHash);
      return row === undefined ? null : parseRow(inviteRow, row);
    },
  };
}

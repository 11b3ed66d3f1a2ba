import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestPeer } from './peers.js';

/** Has a peer believe that it has been running for longer: what it does after a week of that, it does now. */
export function addUptime(peer: TestPeer, ms: number): void {
  const database = new DatabaseSync(join(peer.dataDir, 'state.db'), { timeout: 5000 });
  const { changes } = database
    .prepare("UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE key = 'uptime'")
    .run(ms);
  assert.equal(changes, 1);
  database.close();
}

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { decodeManifest } from '../../chunk/manifest.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { decodeCommitFile } from '../commitFile.js';
import type { Layout } from '../layout.js';
import { shardLimits } from '../limits.js';
import type { LogEntry, LogKind, RecoveryReport } from '../store.js';
import { type StateHandlers, stateHandlers } from './handlers.js';
import { newReceipt, newShare } from '../facts.js';
import type { Recovered } from './recoveryLog.js';

const nothing = { addRecord: () => undefined, addSetting: () => undefined };

/**
 * Fills a new database with what lies beside it: the recovery log, and the COMMIT of every share.
 * Inside the caller's transaction. Files that cannot be read are named, and stay where they are.
 */
export function rebuild(
  database: DatabaseSync,
  recovered: Recovered,
  layout: Layout,
): Omit<RecoveryReport, 'setAside'> {
  // What comes from the recovery log is not written to it again.
  const state = stateHandlers(database, nothing);
  for (const [key, value] of recovered.settings) state.setSetting(key, value);
  state.append(recordEntries(recovered));
  const skipped: string[] = [];
  let shares = 0;
  for (const file of commitFiles(layout.shards)) {
    database.exec('SAVEPOINT share');
    try {
      takeCommit(state, file);
      shares++;
    } catch (error) {
      database.exec('ROLLBACK TO share');
      // A full disk is no reason to begin with half of what there is.
      if (!PeerError.is(error, 'integrity', 'protocol', 'limit', 'unsupported')) throw error;
      skipped.push(`${file}: ${error.message}`);
    }
    database.exec('RELEASE share');
  }
  const { size: settings } = recovered.settings;
  return { shares, records: recovered.records.length, settings, skipped };
}

export function recordEntries({ records }: Recovered): Omit<LogEntry, 'seq'>[] {
  return records.map((bytes) => entry('record', bytes));
}

function* commitFiles(shards: string): Generator<string> {
  if (!existsSync(shards)) return;
  for (const directory of readdirSync(shards).sort()) {
    if (!/^[0-9a-f]{2}$/.test(directory)) continue;
    for (const name of readdirSync(path.join(shards, directory)).sort()) {
      if (/^[0-9a-f]{32}\.manifest$/.test(name)) yield path.join(shards, directory, name);
    }
  }
}

function takeCommit(state: StateHandlers, file: string): void {
  if (statSync(file).size > shardLimits.commitBytes) {
    throw new PeerError('limit', 'A manifest file is too large.');
  }
  const commit = decodeCommitFile(readFileSync(file));
  const manifest = decodeManifest(commit.manifest);
  const shareId = toHex(manifest.shareId);
  if (path.basename(file) !== `${shareId}.manifest`) {
    throw new PeerError('integrity', 'A manifest file lies under the name of another share.');
  }
  const receipts = commit.receipts
    .map((bytes) => ({ bytes, receipt: decodeReceipt(bytes) }))
    .filter(({ receipt }) => equalBytes(receipt.shareId, manifest.shareId));
  state.take([
    // Sealed: see StateStore.unnamedShares.
    { ...entry('manifest', commit.manifest), kind: 'manifest', share: newShare(manifest, null) },
    ...receipts.map(({ bytes, receipt }) => ({
      ...entry('receipt', bytes),
      kind: 'receipt' as const,
      receipt: newReceipt(receipt),
    })),
  ]);
}

function entry(kind: LogKind, bytes: Uint8Array): { kind: LogKind; id: string; bytes: Uint8Array } {
  return { kind, id: createHash('sha256').update(bytes).digest('hex'), bytes };
}

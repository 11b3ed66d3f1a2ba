import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { chunksPerShard } from '../../chunk/geometry.js';
import { decodeManifest } from '../../chunk/manifest.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { equalBytes } from '../../common/bytes.js';
import { type Claim, confirms, newReceipt, newShare } from '../facts.js';
import type { Fact, NewReceipt, NewRelease, NewShare, StateStore } from '../store.js';
import { idTable } from './ids.js';
import { idBytes } from './logTable.js';
import { blob, flag, parseRow, type Synchronous } from './rows.js';

type FactTable = Pick<StateStore, 'take' | 'nameShares'>;

const seqRow = z.object({ seq: z.int() });
const bytesRow = z.object({ bytes: blob });
const wordRow = z.object({
  shard: z.int(),
  holder: z.int(),
  counts: flag,
  released: flag,
  round: z.int(),
  bytes: blob,
});
const roundRow = z.object({ round: z.int() });
const countedRow = z.object({ n: z.int() });
const countRow = z.object({ shards: z.int(), holders: z.int() });
const stateRow = z.object({
  k: z.int(),
  m: z.int(),
  held: z.int(),
  listed: flag,
  lineage: z.string(),
  author: z.int(),
});
const newestRow = z.object({ shareId: z.string() });

/** Takes manifests, receipts and releases in whatever order they come, and keeps what follows from them. */
export function factTable(database: DatabaseSync): Synchronous<FactTable> {
  const ids = idTable(database);
  const append = database.prepare(
    'INSERT INTO log (kind, id, bytes) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING seq',
  );
  const seqOf = database.prepare('SELECT seq FROM log WHERE id = ?');
  const manifestOf = database.prepare(
    'SELECT bytes FROM shares JOIN log ON seq = entry WHERE shareId = ?',
  );
  const addShare = database.prepare(
    `INSERT INTO shares (shareId, inGroup, author, lineage, createdAt, entry, k, m, chunksPerShard, name)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '')`,
  );
  const setName = database.prepare(
    "UPDATE shares SET name = ?, kind = ?, size = ?, sha256 = ? WHERE shareId = ? AND name = ''",
  );
  const words = database.prepare(
    `SELECT shard, holder, counts, released, round, bytes FROM receipts JOIN log ON seq = entry
     WHERE shareId = ?`,
  );
  const word = database.prepare(
    `SELECT shard, holder, counts, released, round, bytes FROM receipts JOIN log ON seq = entry
     WHERE shareId = ? AND shard = ? AND holder = ?`,
  );
  const putWord = database.prepare(
    `INSERT INTO receipts (shareId, shard, holder, entry, round, counts, released)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET entry = excluded.entry, round = excluded.round,
       counts = excluded.counts, released = excluded.released`,
  );
  const judge = database.prepare(
    'UPDATE receipts SET counts = ?, released = ? WHERE shareId = ? AND shard = ? AND holder = ?',
  );
  const releaseOf = database.prepare(
    'SELECT round FROM releases WHERE shareId = ? AND shard = ? AND holder = ?',
  );
  const putRelease = database.prepare(
    `INSERT INTO releases (shareId, shard, holder, entry, round) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET entry = excluded.entry, round = excluded.round`,
  );
  const addHeld = database.prepare(
    'INSERT INTO holders (n, shards) VALUES (?, ?) ON CONFLICT DO UPDATE SET shards = shards + excluded.shards',
  );
  const counted = database.prepare(
    'SELECT count(DISTINCT shard) AS n FROM receipts WHERE shareId = ? AND counts = 1',
  );
  // What was released since was confirmed once: a newcomer learns of a share however many of its holders have changed.
  const confirmed = database.prepare(
    `SELECT count(DISTINCT shard) AS shards, count(DISTINCT holder) AS holders
     FROM receipts WHERE shareId = ? AND (counts = 1 OR released = 1)`,
  );
  const stateOf = database.prepare(
    'SELECT k, m, held, listed, lineage, author FROM shares WHERE shareId = ?',
  );
  const setHeld = database.prepare('UPDATE shares SET held = ? WHERE shareId = ?');
  const list = database.prepare('UPDATE shares SET listed = 1 WHERE shareId = ?');
  const newest = database.prepare(
    `SELECT shareId FROM shares WHERE listed = 1 AND lineage = ? AND author = ?
     ORDER BY createdAt DESC, shareId DESC LIMIT 1`,
  );
  const supersede = database.prepare('UPDATE shares SET superseded = 1 WHERE shareId = ?');
  const supersedeOthers = database.prepare(
    `UPDATE shares SET superseded = 1
     WHERE listed = 1 AND superseded = 0 AND lineage = ? AND author = ? AND shareId <> ?`,
  );

  /** Below every round when nothing was released. */
  const releasedUpTo = (shareId: string, shard: number, holder: number): number => {
    const row = releaseOf.get(shareId, shard, holder);
    return row === undefined ? -1 : parseRow(roundRow, row).round;
  };

  /** Facts of one call, and what they change. */
  class Taking {
    readonly added: string[] = [];
    readonly touched = new Set<string>();
    conflicts = 0;
    mismatches = 0;
    readonly #claims = new Map<string, Claim | null>();
    /** Kept for one call only: what it adds may be undone. */
    readonly #numbers = new Map<string, number>();
    readonly #held = new Map<number, number>();

    manifest(fact: Fact, share: NewShare): void {
      const known = manifestOf.get(share.shareId);
      if (known !== undefined) {
        if (!equalBytes(parseRow(bytesRow, known).bytes, fact.bytes)) this.conflicts++;
        return;
      }
      const { shareId, groupId, authorId, lineage, createdAt, geometry, opened } = share;
      addShare.run(
        ...[shareId, this.#numberOf(groupId), this.#numberOf(authorId), lineage, createdAt],
        ...[this.#append(fact), geometry.k, geometry.m, chunksPerShard(geometry)],
      );
      if (opened !== null) {
        setName.run(opened.name, opened.kind, opened.size, opened.sha256, shareId);
      }
      this.#claims.set(shareId, share);
      this.touched.add(shareId);
      // Receipts that came before were held against nothing.
      for (const row of words.all(shareId)) {
        const { shard, holder, round, bytes } = parseRow(wordRow, row);
        if (!confirms(share, newReceipt(decodeReceipt(bytes)))) continue;
        const released = round <= releasedUpTo(shareId, shard, holder);
        judge.run(released ? 0 : 1, released ? 1 : 0, shareId, shard, holder);
      }
    }

    receipt(fact: Fact, receipt: NewReceipt): void {
      const { shareId, shard, holderId } = receipt;
      const claim = this.#claimOf(shareId);
      if (claim !== null && !confirms(claim, receipt)) {
        this.mismatches++;
        return;
      }
      const holder = this.#numberOf(holderId);
      const { round = 0 } = receipt;
      const upTo = releasedUpTo(shareId, shard, holder);
      const row = word.get(shareId, shard, holder);
      const known = row === undefined ? null : parseRow(wordRow, row);
      if (known !== null) {
        // One that says again what is known is dropped: a holder cannot fill the log by signing anew.
        if (round < known.round) return;
        const isJudged = known.counts || known.released;
        const isSame = newReceipt(decodeReceipt(known.bytes)).root === receipt.root;
        if (round === known.round && (isJudged || isSame)) return;
      }
      const released = round <= upTo;
      if (!released && (known === null || known.round <= upTo)) this.#countHeld(holder, 1);
      const confirmed = claim !== null;
      putWord.run(
        ...[shareId, shard, holder, this.#append(fact), round],
        ...[confirmed && !released ? 1 : 0, confirmed && released ? 1 : 0],
      );
      if (confirmed) this.touched.add(shareId);
    }

    release(fact: Fact, { shareId, shard, holderId, round }: NewRelease): void {
      const holder = this.#numberOf(holderId);
      const before = releasedUpTo(shareId, shard, holder);
      if (round <= before) return;
      putRelease.run(shareId, shard, holder, this.#append(fact), round);
      const row = word.get(shareId, shard, holder);
      if (row === undefined) return;
      const known = parseRow(wordRow, row);
      if (known.round > round || known.round <= before) return;
      this.#countHeld(holder, -1);
      if (!known.counts) return;
      judge.run(0, 1, shareId, shard, holder);
      this.touched.add(shareId);
    }

    end(): void {
      for (const [holder, shards] of this.#held) addHeld.run(holder, shards);
    }

    #countHeld(holder: number, more: number): void {
      this.#held.set(holder, (this.#held.get(holder) ?? 0) + more);
    }

    #numberOf(id: string): number {
      let number = this.#numbers.get(id);
      if (number === undefined) {
        number = ids.numberOf(id);
        this.#numbers.set(id, number);
      }
      return number;
    }

    /** Sequence number of the entry. */
    #append({ kind, id, bytes }: Fact): number {
      const row = append.get(kind, idBytes(id), bytes);
      if (row === undefined) return parseRow(seqRow, seqOf.get(idBytes(id))).seq;
      this.added.push(id);
      return parseRow(seqRow, row).seq;
    }

    #claimOf(shareId: string): Claim | null {
      let claim = this.#claims.get(shareId);
      if (claim === undefined) {
        const row = manifestOf.get(shareId);
        claim =
          row === undefined ? null : newShare(decodeManifest(parseRow(bytesRow, row).bytes), null);
        this.#claims.set(shareId, claim);
      }
      return claim;
    }
  }

  /** Counts again who holds a share. @returns whether it is listed by this */
  const settle = (shareId: string): boolean => {
    const { k, m, held, listed, lineage, author } = parseRow(stateRow, stateOf.get(shareId));
    const { n } = parseRow(countedRow, counted.get(shareId));
    if (n !== held) setHeld.run(n, shareId);
    const { shards, holders } = parseRow(countRow, confirmed.get(shareId));
    // One holder that signs for every shard is still one holder.
    if (listed || Math.min(shards, holders) < Math.min(k + m, k + 1)) return false;
    list.run(shareId);
    if (parseRow(newestRow, newest.get(lineage, author)).shareId === shareId) {
      supersedeOthers.run(lineage, author, shareId);
    } else supersede.run(shareId);
    return true;
  };

  return {
    take: (facts) => {
      const taking = new Taking();
      for (const fact of facts) {
        if (fact.kind === 'manifest') taking.manifest(fact, fact.share);
        else if (fact.kind === 'receipt') taking.receipt(fact, fact.receipt);
        else taking.release(fact, fact.release);
      }
      taking.end();
      const { added, conflicts, mismatches } = taking;
      return { added, listed: [...taking.touched].filter(settle), conflicts, mismatches };
    },
    nameShares: (names) => {
      for (const { shareId, name, kind, size, sha256 } of names) {
        setName.run(name, kind, size, sha256, shareId);
      }
    },
  };
}

import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { chunksPerShard } from '../../chunk/geometry.js';
import { decodeManifest } from '../../chunk/manifest.js';
import { decodeReceipt } from '../../chunk/receipt.js';
import { equalBytes } from '../../common/bytes.js';
import { type Claim, confirms, newReceipt, newShare } from '../facts.js';
import type { Fact, NewReceipt, NewRelease, NewShare, NewTombstone, StateStore } from '../store.js';
import { idTable } from './ids.js';
import { idBytes } from './logTable.js';
import { blob, flag, parseRow, type Synchronous } from './rows.js';
import { versionOrder } from './versionOrder.js';

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
const placeRow = stateRow.pick({ lineage: true, author: true, listed: true }).extend({
  entry: z.int(),
  prev: z.string().nullable(),
});
const wordPlaceRow = z.object({ holder: z.int(), entry: z.int(), stands: flag });
const placeInLogRow = z.object({ entry: z.int() });

/** Takes facts in whatever order they come, and keeps what follows from them. */
export function factTable(database: DatabaseSync): Synchronous<FactTable> {
  const ids = idTable(database);
  const versions = versionOrder(database);
  const append = database.prepare(
    'INSERT INTO log (kind, id, bytes) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING seq',
  );
  const seqOf = database.prepare('SELECT seq FROM log WHERE id = ?');
  const manifestOf = database.prepare(
    'SELECT bytes FROM shares JOIN log ON seq = entry WHERE shareId = ?',
  );
  const addShare = database.prepare(
    `INSERT INTO shares (shareId, inGroup, author, lineage, createdAt, entry, k, m, chunksPerShard, name, prev, rank)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?)`,
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
  // What was released since was confirmed once, and so was what is lost: a newcomer learns of a share however many of its
  // holders have changed.
  const confirmed = database.prepare(
    `SELECT count(DISTINCT shard) AS shards, count(DISTINCT holder) AS holders
     FROM receipts WHERE shareId = ? AND (counts = 1 OR released = 1)
     AND holder NOT IN (SELECT value FROM json_each(?))`,
  );
  const stateOf = database.prepare(
    'SELECT k, m, held, listed, lineage, author FROM shares WHERE shareId = ?',
  );
  const setHeld = database.prepare('UPDATE shares SET held = ? WHERE shareId = ?');
  const list = database.prepare('UPDATE shares SET listed = 1 WHERE shareId = ?');
  const placeOf = database.prepare(
    'SELECT lineage, author, listed, entry, prev FROM shares WHERE shareId = ?',
  );
  const wordPlaces = database.prepare(
    `SELECT r.holder, r.entry, r.round > coalesce(f.round, -1) AS stands
     FROM receipts r LEFT JOIN releases f USING (shareId, shard, holder) WHERE r.shareId = ?`,
  );
  const releasePlaces = database.prepare('SELECT entry FROM releases WHERE shareId = ?');
  const dropReleases = database.prepare('DELETE FROM releases WHERE shareId = ?');
  const dropShare = database.prepare('DELETE FROM shares WHERE shareId = ?');
  const dropWords = database.prepare('DELETE FROM receipts WHERE shareId = ?');
  // The row stays: places in the log are kept, and what is told again is known.
  const empty = database.prepare("UPDATE log SET bytes = x'' WHERE seq = ?");
  const tombstone = database.prepare('SELECT 1 FROM tombstones WHERE shareId = ?');
  const addTombstone = database.prepare(
    `INSERT INTO tombstones (shareId, signer, entry, since)
     VALUES (?, ?, ?, coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'uptime'), 0))`,
  );
  const saidBefore = database.prepare('SELECT 1 FROM tombstones WHERE shareId = ? AND signer = ?');

  /** Below every round when nothing was released. */
  const releasedUpTo = (shareId: string, shard: number, holder: number): number => {
    const row = releaseOf.get(shareId, shard, holder);
    return row === undefined ? -1 : parseRow(roundRow, row).round;
  };

  /** Facts of one call, and what they change. */
  class Taking {
    readonly added: string[] = [];
    readonly touched = new Set<string>();
    readonly deleted: string[] = [];
    /** Files of which another version may be the newest now: lineage and author. */
    readonly files = new Map<string, readonly [lineage: string, author: number]>();
    conflicts = 0;
    mismatches = 0;
    readonly #claims = new Map<string, Claim | null>();
    readonly #ended = new Map<string, boolean>();
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
      if (this.#isEnded(shareId)) return;
      const author = this.#numberOf(authorId);
      const rank = versions.rank(share, author);
      addShare.run(
        ...[shareId, this.#numberOf(groupId), author, lineage, createdAt],
        ...[this.#append(fact), geometry.k, geometry.m, chunksPerShard(geometry)],
        ...[share.predecessor, rank],
      );
      if (versions.raise(share, author, rank)) this.#changed(lineage, author);
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
      if (this.#isEnded(shareId)) return;
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
      if (this.#isEnded(shareId)) return;
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

    tombstone(fact: Fact, { shareId, signerId }: NewTombstone): void {
      const signer = this.#numberOf(signerId);
      if (saidBefore.get(shareId, signer) !== undefined) return;
      const isFirst = !this.#isEnded(shareId);
      addTombstone.run(shareId, signer, this.#append(fact));
      if (!isFirst) return;
      this.#ended.set(shareId, true);
      this.deleted.push(shareId);
      this.#drop(shareId);
    }

    /** Counts who holds what, and lists what is confirmed. @returns what is listed by this */
    end(former: readonly number[]): string[] {
      for (const [holder, shards] of this.#held) if (shards !== 0) addHeld.run(holder, shards);
      const listed = [...this.touched].filter((shareId) => {
        const file = settle(shareId, former);
        if (file !== null) this.#changed(...file);
        return file !== null;
      });
      for (const file of this.files.values()) versions.mark(...file);
      return listed;
    }

    #changed(lineage: string, author: number): void {
      this.files.set(`${lineage} ${author}`, [lineage, author]);
    }

    /** All that is known of a share goes but its tombstones. */
    #drop(shareId: string): void {
      for (const row of wordPlaces.all(shareId)) {
        const { holder, entry, stands } = parseRow(wordPlaceRow, row);
        if (stands) this.#countHeld(holder, -1);
        empty.run(entry);
      }
      for (const row of releasePlaces.all(shareId)) {
        empty.run(parseRow(placeInLogRow, row).entry);
      }
      dropWords.run(shareId);
      dropReleases.run(shareId);
      this.#claims.delete(shareId);
      this.touched.delete(shareId);
      const row = placeOf.get(shareId);
      if (row === undefined) return;
      const { lineage, author, listed, entry, prev } = parseRow(placeRow, row);
      empty.run(entry);
      dropShare.run(shareId);
      versions.unlink(shareId, prev);
      if (listed) this.#changed(lineage, author);
    }

    #isEnded(shareId: string): boolean {
      let ended = this.#ended.get(shareId);
      if (ended === undefined) {
        ended = tombstone.get(shareId) !== undefined;
        this.#ended.set(shareId, ended);
      }
      return ended;
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

  /** Counts again who holds a share; `former` are numbers of members. @returns lineage and author when it is listed by this */
  const settle = (
    shareId: string,
    former: readonly number[],
  ): [lineage: string, author: number] | null => {
    const { k, m, held, listed, lineage, author } = parseRow(stateRow, stateOf.get(shareId));
    const { n } = parseRow(countedRow, counted.get(shareId));
    if (n !== held) setHeld.run(n, shareId);
    const silent = former.includes(author) ? former : [];
    const { shards, holders } = parseRow(countRow, confirmed.get(shareId, JSON.stringify(silent)));
    // One holder that signs for every shard is still one holder.
    if (listed || Math.min(shards, holders) < Math.min(k + m, k + 1)) return null;
    list.run(shareId);
    return [lineage, author];
  };

  return {
    take: (facts, former = []) => {
      const taking = new Taking();
      for (const fact of facts) {
        if (fact.kind === 'manifest') taking.manifest(fact, fact.share);
        else if (fact.kind === 'receipt') taking.receipt(fact, fact.receipt);
        else if (fact.kind === 'release') taking.release(fact, fact.release);
        else taking.tombstone(fact, fact.tombstone);
      }
      const numbers = former.map((id) => ids.find(id)).filter((number) => number !== null);
      const listed = taking.end(numbers);
      const { added, deleted, conflicts, mismatches } = taking;
      return { added, listed, deleted, conflicts, mismatches };
    },
    nameShares: (names) => {
      for (const { shareId, name, kind, size, sha256 } of names) {
        setName.run(name, kind, size, sha256, shareId);
      }
    },
  };
}

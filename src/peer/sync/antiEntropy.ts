import { setTimeout as delay } from 'node:timers/promises';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Connection } from '../../net/connection.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { messageLimits } from '../../protocol/limits.js';
import type { ResponseTo } from '../../protocol/messages.js';
import type { Cursor, StateStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import { entryId } from '../catalog/intake.js';
import type { Membership } from '../membership/membership.js';
import type { AddressBook } from '../mesh/addressBook.js';

type Page = ResponseTo<'sync'>;

/** One answer stays below the limit of a message, whatever the entries are. */
const pageBytes = 512 * 1024;
/** Entries asked for at a time: what is under way, and what is being checked, stays below half a megabyte. */
const entriesAtOnce = 256;
/** Between two pulls from one peer that tells news meanwhile. */
const restMs = 50;

/**
 * Keeps the logs of all members alike: each peer pulls what the other has learned since the cursor that it
 * keeps for it. A log is only ever appended to, so a cursor is one number, and a new database a new epoch.
 */
export class AntiEntropy implements Disposable {
  /** By connection: one that is replaced in the middle of a pull takes nothing from the next one. */
  readonly #pulls = new Map<Connection, Promise<void>>();
  readonly #again = new Set<Connection>();
  #disposed = false;

  constructor(
    private readonly state: StateStore,
    private readonly membership: Membership,
    private readonly catalog: Catalog,
    private readonly addressBook: AddressBook,
    private readonly logger: Logger,
  ) {}

  /** Pulls everything new from a peer. A call during a pull makes that one look once more. */
  pull(connection: Connection): Promise<void> {
    const { nodeId } = connection;
    const running = this.#pulls.get(connection);
    if (running !== undefined) {
      this.#again.add(connection);
      return running;
    }
    const pull = this.#pull(connection)
      .catch((error: unknown) => {
        if (!connection.closed) {
          this.logger.warn(
            'could not take over the news of',
            nodeId,
            PeerError.from(error).message,
          );
        }
      })
      .finally(() => {
        this.#pulls.delete(connection);
        this.#again.delete(connection);
      });
    this.#pulls.set(connection, pull);
    return pull;
  }

  /** Answers another peer's pull. */
  async page(
    epoch: string | null,
    after: number,
    max: number,
    id: Uint8Array | null = null,
  ): Promise<ResponseTo<'sync'>> {
    const own = await this.state.databaseEpoch();
    // This database may be an old copy, and have gone on from there: the place is known by its entry.
    const known = epoch === own && (id === null || (await this.state.entryAt(after)) === toHex(id));
    const from = known ? after : 0;
    const entries = await this.state.logAfter(
      from,
      Math.min(max, messageLimits.entries),
      pageBytes,
    );
    const last = entries.at(-1)?.seq ?? from;
    return {
      t: 'entries',
      epoch: own,
      last,
      // An empty page ends a pull, even when something was added just now: that is told as news.
      more: entries.length > 0 && last < (await this.state.lastSeq()),
      entries: entries.map(({ kind, bytes }) => ({ kind, bytes })),
    };
  }

  /** Where this peer knows members to be. */
  contacts(): ResponseTo<'contacts'> {
    const contacts = this.addressBook
      .entries()
      .filter((row) => row.addresses.length > 0)
      .slice(0, messageLimits.contacts)
      .map((row) => ({ id: fromHex(row.nodeId), addresses: [...row.addresses] }));
    return { t: 'contacts', contacts };
  }

  dispose(): void {
    this.#disposed = true;
  }

  async #pull(connection: Connection): Promise<void> {
    for (;;) {
      this.#again.delete(connection);
      await this.#pullLog(connection);
      await this.#pullContacts(connection);
      if (!this.#again.has(connection) || connection.closed || this.#disposed) return;
      // Whoever tells news without end is asked a few times a second.
      await delay(restMs, undefined, { ref: false });
    }
  }

  async #pullLog(connection: Connection): Promise<void> {
    const { nodeId } = connection;
    let cursor = await this.state.getCursor(nodeId);
    let page: Promise<Page> | undefined = this.#ask(connection, cursor);
    let first = true;
    while (page !== undefined && !this.#disposed) {
      const answer: Page = await page;
      const { epoch, last, more, entries } = answer;
      // No progress is an answer that would be asked for again for ever. The first may begin anew.
      const before: number = cursor?.epoch === epoch && !first ? cursor.seq : 0;
      first = false;
      if (more && (last <= before || entries.length === 0)) {
        throw new PeerError('protocol', 'The other log does not move on.');
      }
      const end = entries.at(-1);
      const stands = cursor?.epoch === epoch && cursor.seq === last;
      const place: Cursor = {
        ...{ epoch, seq: last },
        id: end === undefined ? (stands ? (cursor?.id ?? null) : null) : entryId(end.bytes),
      };
      cursor = place;
      // One page travels while the one before it is checked, and never more.
      page = more ? this.#ask(connection, cursor) : undefined;
      page?.catch(() => undefined);
      const records = entries.filter(({ kind }) => kind === 'record');
      if (records.length > 0) await this.membership.merge(records.map(({ bytes }) => bytes));
      await this.catalog.merge(entries);
      await this.state.setCursor(nodeId, place);
    }
  }

  async #ask(connection: Connection, cursor: Cursor | null): Promise<Page> {
    const { message } = await connection.request({
      t: 'sync',
      epoch: cursor?.epoch ?? null,
      after: cursor?.seq ?? 0,
      id: cursor?.id == null ? null : fromHex(cursor.id),
      max: entriesAtOnce,
    });
    return message;
  }

  async #pullContacts(connection: Connection): Promise<void> {
    const { message } = await connection.request({ t: 'contacts' });
    for (const { id, addresses } of message.contacts) {
      const nodeId = toHex(id);
      if (nodeId === this.membership.nodeId || this.membership.member(nodeId) === undefined)
        continue;
      await this.addressBook.learn(nodeId, addresses);
    }
  }
}

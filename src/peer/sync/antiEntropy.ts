import { setTimeout as delay } from 'node:timers/promises';
import { Budget } from '../../common/budget.js';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Connection } from '../../net/connection.js';
import { fromHex, toHex } from '../../common/bytes.js';
import { systemTime, type Time } from '../../common/time.js';
import { messageLimits } from '../../protocol/limits.js';
import type { ResponseTo } from '../../protocol/messages.js';
import type { Cursor, StateStore } from '../../store/store.js';
import type { Catalog } from '../catalog/catalog.js';
import { entryId } from '../catalog/intake.js';
import { syncLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';
import type { AddressBook } from '../mesh/addressBook.js';

type Page = ResponseTo<'sync'>;

/** Where this peer listens, and who is told where others do. */
export interface Whereabouts {
  readonly addresses: readonly string[];
  /** A member's own word. */
  moved(nodeId: string, addresses: readonly string[]): Promise<void>;
}

const { pageBytes, entriesAtOnce, restMs, uselessRest, mostRuns } = syncLimits;
/** Of one contact in a message beside its addresses, at most: the id, and what says how long things are. */
const contactBytes = 96;

/**
 * Keeps the logs of all members alike: each peer pulls what the other has learned since the cursor that it
 * keeps for it. A log is only ever appended to, so a cursor is one number, and a new database a new epoch.
 */
export class AntiEntropy implements Disposable {
  /** By connection: one that is replaced in the middle of a pull takes nothing from the next one. */
  readonly #pulls = new Map<Connection, Promise<void>>();
  readonly #again = new Set<Connection>();
  /** Those whose log was read from the start once more. */
  readonly #reread = new WeakSet<Connection>();
  /** By member: what it may yet tell of where others are. */
  readonly #hearsay = new Map<string, Budget>();
  #disposed = false;

  constructor(
    private readonly state: StateStore,
    private readonly membership: Membership,
    private readonly catalog: Catalog,
    private readonly addressBook: AddressBook,
    private readonly whereabouts: () => Whereabouts,
    private readonly logger: Logger,
    private readonly time: Time = systemTime,
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

  /** Where this peer is, and knows members to be: as many as fit into a page. */
  contacts(): ResponseTo<'contacts'> {
    const contacts: ResponseTo<'contacts'>['contacts'][number][] = [];
    let room: number = pageBytes;
    const self = { nodeId: this.membership.nodeId, addresses: this.whereabouts().addresses };
    for (const { nodeId, addresses } of [self, ...this.addressBook.entries()]) {
      if (addresses.length === 0) continue;
      room -= contactBytes + addresses.reduce((sum, { length }) => sum + length, 0);
      if (room < 0 || contacts.length >= messageLimits.contacts) break;
      contacts.push({ id: fromHex(nodeId), addresses: [...addresses] });
    }
    return { t: 'contacts', contacts };
  }

  dispose(): void {
    this.#disposed = true;
  }

  async #pull(connection: Connection): Promise<void> {
    for (;;) {
      this.#again.delete(connection);
      await this.#pullLog(connection, await this.state.getCursor(connection.nodeId));
      if (this.membership.isIncomplete && !this.#reread.has(connection)) {
        // What is missing may have been told when there was no use for it.
        this.#reread.add(connection);
        await this.#pullLog(connection, null);
      }
      await this.#pullContacts(connection);
      if (!this.#again.has(connection) || connection.closed || this.#disposed) return;
      // Whoever tells news without end is asked a few times a second.
      await rest(restMs);
    }
  }

  async #pullLog(connection: Connection, from: Cursor | null): Promise<void> {
    const { nodeId } = connection;
    let cursor = from;
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
      // In the order in which the other took them in: what an admin deleted before it was removed stays deleted.
      const began = performance.now();
      let added = 0;
      for (const run of runs(entries)) {
        added += run.isOfRecords
          ? await this.membership.merge(run.entries.map(({ bytes }) => bytes))
          : await this.catalog.merge(run.entries);
      }
      // What is known already takes no time. Where much was spent on what was of no use, others have their turn.
      if (added === 0 && more) await rest(uselessRest * (performance.now() - began));
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
      const known = this.addressBook.get(nodeId)?.addresses ?? [];
      if (addresses.every((address) => known.includes(address))) continue;
      if (!this.#hearsayOf(connection.nodeId).take()) return;
      if (nodeId === connection.nodeId) await this.whereabouts().moved(nodeId, addresses);
      else await this.addressBook.learn(nodeId, addresses);
    }
  }

  #hearsayOf(nodeId: string): Budget {
    let budget = this.#hearsay.get(nodeId);
    if (budget === undefined) {
      budget = new Budget(syncLimits.hearsay, this.time);
      this.#hearsay.set(nodeId, budget);
    }
    return budget;
  }
}

async function rest(ms: number): Promise<void> {
  await delay(ms, undefined, { ref: false });
}

interface Run {
  readonly isOfRecords: boolean;
  readonly entries: Page['entries'][number][];
}

/** Records of the roster, and facts of shares, as they follow each other. */
function runs(entries: Page['entries']): Run[] {
  const found: Run[] = [];
  for (const entry of entries) {
    const isOfRecords = entry.kind === 'record';
    const last = found.at(-1);
    if (last?.isOfRecords === isOfRecords) last.entries.push(entry);
    else found.push({ isOfRecords, entries: [entry] });
  }
  if (found.length <= mostRuns) return found;
  // Nobody's log is like that, and each run costs a look at the whole roster: records first, then the rest.
  return [true, false].map((isOfRecords) => ({
    isOfRecords,
    entries: entries.filter(({ kind }) => (kind === 'record') === isOfRecords),
  }));
}

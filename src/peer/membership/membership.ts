import { createHash } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import { decodeRecord, type Role, type RosterRecord } from '../../protocol/records.js';
import type { LogEntry, StateStore } from '../../store/store.js';
import { Administration, requireAdmin } from './administration.js';
import { newEpochKey } from './epochKeys.js';
import type { Invite } from './inviteCode.js';
import { Invites, type MadeInvite } from './invites.js';
import { Keyring, type KeyOwner } from './keyring.js';
import { noKey, noMember } from './noMember.js';
import { Pen, type Joiner, type RecordAuthor } from './pen.js';
import { Roster, type Member } from './roster.js';

/** The private half of this peer, as far as membership needs it. */
export type OwnIdentity = RecordAuthor & KeyOwner;

export interface EpochKey {
  readonly name: string;
  readonly key: Uint8Array;
}

const groupSetting = 'group';

/** Who belongs to the group of this data directory, and the epoch keys that this peer may open. */
export class Membership {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #keys: Keyring;
  readonly #administration: Administration;
  #roster: Roster | undefined;
  /** One change after the other: a signer's records are a chain, and what counts lies on the disk first. */
  #changing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly identity: OwnIdentity,
    private readonly state: StateStore,
    private readonly logger: Logger,
  ) {
    this.#keys = new Keyring(identity, logger);
    this.#administration = new Administration({
      nodeId: identity.nodeId,
      keys: this.#keys,
      invites: new Invites(state),
      logger,
      roster: () => this.roster,
      self: () => this.self,
      sign: (what, write) => this.#sign(what, write),
    });
  }

  static async load(identity: OwnIdentity, state: StateStore, logger: Logger): Promise<Membership> {
    const membership = new Membership(identity, state, logger);
    const groupId = await state.getSetting(groupSetting);
    if (groupId !== null) {
      const records = (await state.records()).map((wire) => decodeRecord(wire));
      membership.#use(new Roster(groupId, records));
    }
    return membership;
  }

  get nodeId(): string {
    return this.identity.nodeId;
  }

  /** @throws PeerError `no-group` */
  get roster(): Roster {
    return this.requireGroup();
  }

  /** @throws PeerError `no-group` */
  requireGroup(): Roster {
    if (this.#roster === undefined) {
      throw new PeerError('no-group', 'This peer belongs to no group yet.', {
        hint: 'Create a group, or join one with an invite code.',
      });
    }
    return this.#roster;
  }

  get hasGroup(): boolean {
    return this.#roster !== undefined;
  }

  get groupId(): string {
    return this.roster.groupId;
  }

  /** @throws PeerError `no-group`, `not-trusted` with the reason why this peer is no member any more */
  get self(): Member {
    const self = this.roster.members.get(this.nodeId);
    if (self === undefined) throw noMember(this.roster, this.nodeId) ?? new TypeError('a member');
    return self;
  }

  /** Why this peer is no member any more; null while it is one. @throws PeerError `no-group` */
  get dismissal(): PeerError | null {
    return noMember(this.roster, this.nodeId);
  }

  /** Undefined for strangers, and for those who were removed. */
  member(nodeId: string): Member | undefined {
    return this.#roster?.members.get(nodeId);
  }

  /** Whether an admin declared that nothing is left of what this member held. */
  isLost(nodeId: string): boolean {
    return this.#roster?.lost.has(nodeId) ?? false;
  }

  /** Whether what it says that it holds counts. */
  isHolder(nodeId: string): boolean {
    return this.member(nodeId) !== undefined && !this.isLost(nodeId);
  }

  /** All who were members, and are no more. */
  get former(): readonly string[] {
    return this.#roster?.people.filter((nodeId) => this.member(nodeId) === undefined) ?? [];
  }

  /** All who are known, and are no holders. */
  get noHolders(): readonly string[] {
    return this.#roster?.people.filter((nodeId) => !this.isHolder(nodeId)) ?? [];
  }

  /** Whether records refer to others that are not here: somebody has them. */
  get isIncomplete(): boolean {
    return this.#roster?.incomplete ?? false;
  }

  /** The signing key of anybody who was ever admitted: what it signed as a member stays true. */
  keyOf(nodeId: string): Uint8Array | undefined {
    return this.#roster?.person(nodeId)?.spki;
  }

  nameOf(nodeId: string): string {
    const known = this.member(nodeId) ?? this.#roster?.former.get(nodeId);
    return (known ?? this.#roster?.person(nodeId))?.name ?? nodeId.slice(0, 8);
  }

  /** Signed records that prove this peer's own membership, wire form. */
  ownChain(): Uint8Array[] {
    return wires(this.roster.chainOf(this.nodeId));
  }

  /** Signed records that tell a former member why it is none any more, wire form; empty for all others. */
  dismissalOf(nodeId: string): Uint8Array[] {
    return wires(this.#roster?.dismissalOf(nodeId) ?? []);
  }

  /** The key that new shares are sealed with. @throws PeerError `not-trusted` when this peer has none, and why */
  currentEpoch(): EpochKey {
    const { role } = this.self;
    for (const name of role === 'storage' ? [] : this.roster.epochs.current) {
      const key = this.#keys.get(name);
      if (key !== undefined) return { name, key };
    }
    throw noKey(this.roster, this.nodeId);
  }

  epochKey(name: string): Uint8Array | undefined {
    return this.#keys.get(name);
  }

  /** Why this peer cannot open what is sealed with a key that it does not have. */
  get keyless(): PeerError {
    return this.dismissal ?? noKey(this.roster, this.nodeId);
  }

  /** @throws PeerError `already-in-group` */
  createGroup(groupName: string, name: string): Promise<Member> {
    return this.#inTurn(async () => {
      this.requireNoGroup();
      const genesis = Pen.genesis(this.identity, groupName, name);
      const roster = new Roster(genesis.id, [genesis]);
      const pen = new Pen(this.identity, genesis.id, roster.nextPlace(this.nodeId));
      pen.grant(newEpochKey(), { nodeId: this.nodeId, ecdh: this.identity.ecdhPublic });
      roster.add(pen.written);
      await this.#adopt(roster);
      return this.self;
    });
  }

  /**
   * Takes the group of an invite with the records that its inviter answered.
   *
   * @throws PeerError `already-in-group`, `not-trusted`
   */
  adoptGroup(invite: Pick<Invite, 'groupId'>, records: readonly Uint8Array[]): Promise<Member> {
    return this.#inTurn(async () => {
      this.requireNoGroup();
      const roster = new Roster(invite.groupId, records.map(decodeRecord));
      if (!roster.members.has(this.nodeId)) {
        throw new PeerError(
          'not-trusted',
          'The inviter answered with a group that this peer is not in.',
        );
      }
      await this.#adopt(roster);
      return this.self;
    });
  }

  /** Makes a one-time invite. Only admins can. */
  invite(role: Role, validForMs: number, addresses: readonly string[]): Promise<MadeInvite> {
    return this.#administration.invite(role, validForMs, addresses);
  }

  /** As {@link Administration.redeem}; answers the records of the group, those that a newcomer needs at once first. */
  async redeem(token: Uint8Array, joiner: Joiner): Promise<Uint8Array[]> {
    const nodeId = await this.#administration.redeem(token, joiner);
    return wires(this.roster.recordsFor(nodeId));
  }

  /** As {@link Administration.remove}. */
  remove(nodeId: string): Promise<void> {
    return this.#administration.remove(nodeId);
  }

  /** As {@link Administration.declareLost}. */
  declareLost(nodeId: string): Promise<void> {
    return this.#administration.declareLost(nodeId);
  }

  /** As {@link Administration.needsTending}. */
  get needsTending(): boolean {
    return this.member(this.nodeId)?.role === 'admin' && this.#administration.needsTending;
  }

  /** As {@link Administration.tend}. */
  tend(): Promise<void> {
    return this.#administration.tend();
  }

  /**
   * Adds records from another peer; those that cannot come to count are dropped, malformed ones told. Answers how
   * many were new.
   */
  merge(records: readonly Uint8Array[]): Promise<number> {
    return this.#inTurn(async () => {
      const read = this.#readable(records).filter(({ id }) => !this.roster.has(id));
      if (read.length === 0) return 0;
      const next = this.roster.clone();
      const kept = next.add(read);
      await this.#store(next, kept);
      return kept.length;
    });
  }

  /**
   * Merges a stranger's admission chain when, and only when, it proves the membership of `nodeId`.
   *
   * @throws PeerError `protocol` when a record is malformed.
   */
  async admitByChain(nodeId: string, chain: readonly Uint8Array[]): Promise<boolean> {
    if (this.member(nodeId) !== undefined) return true;
    const records = chain.map((wire) => decodeRecord(wire));
    return await this.#inTurn(async () => {
      const next = this.roster.clone();
      const kept = next.add(records);
      if (!next.members.has(nodeId)) return false;
      await this.#store(next, kept);
      return true;
    });
  }

  /** @throws PeerError `already-in-group` */
  requireNoGroup(): void {
    if (this.#roster !== undefined) {
      throw new PeerError(
        'already-in-group',
        `This peer is already in the group “${this.#roster.name}”.`,
        {
          hint: 'Use another data directory for another group.',
        },
      );
    }
  }

  /** Signs what `write` writes, as an admin. It is added, and told, once it is durable. */
  #sign(what: string, write: (pen: Pen, roster: Roster) => void): Promise<void> {
    return this.#inTurn(async () => {
      requireAdmin(this.self, what);
      const next = this.roster.clone();
      const pen = new Pen(this.identity, this.groupId, next.nextPlace(this.nodeId));
      write(pen, next);
      if (pen.written.length === 0) return;
      const kept = next.add(pen.written);
      next.nextPlace(this.nodeId); // throws when not all had room
      await this.#store(next, kept);
    });
  }

  /** Without those that are malformed: what a liar tells keeps nobody from the rest of its page. */
  #readable(records: readonly Uint8Array[]): readonly RosterRecord[] {
    const read: RosterRecord[] = [];
    const problems: string[] = [];
    for (const wire of records) {
      try {
        read.push(decodeRecord(wire));
      } catch (error) {
        problems.push(PeerError.from(error).message);
      }
    }
    if (problems.length > 0) {
      this.logger.warn('roster records were refused', problems.length, problems[0]);
    }
    return read;
  }

  async #adopt(roster: Roster): Promise<void> {
    await this.state.append(roster.records.map(logEntry));
    await this.state.setSetting(groupSetting, roster.groupId);
    this.#use(roster);
    this.#changed.fire();
  }

  async #store(next: Roster, kept: readonly RosterRecord[]): Promise<void> {
    if (kept.length > 0) await this.state.append(kept.map(logEntry));
    this.#use(next);
    if (kept.length > 0) this.#changed.fire();
  }

  /** Takes a roster into use, and opens the epoch keys that came with it. */
  #use(roster: Roster): void {
    this.#roster = roster;
    this.#keys.open(roster);
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#changing.then(task, task);
    this.#changing = next.catch(() => undefined);
    return next;
  }
}

function logEntry(record: RosterRecord): Omit<LogEntry, 'seq'> {
  return { kind: 'record', id: hashOf(record.bytes), bytes: record.bytes };
}

function wires(records: readonly RosterRecord[]): Uint8Array[] {
  return records.map(({ bytes }) => bytes);
}

function hashOf(data: Uint8Array): string {
  return toHex(createHash('sha256').update(data).digest());
}

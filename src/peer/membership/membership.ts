import { createHash, randomBytes } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import { decodeRecord, type RosterRecord } from '../../protocol/records.js';
import type { LogEntry, StateStore } from '../../store/store.js';
import { newEpochKey } from './epochKeys.js';
import { encodeInvite, type Invite } from './inviteCode.js';
import { Keyring, type KeyOwner } from './keyring.js';
import { RecordSigner, type Joiner, type RecordAuthor } from './recordSigner.js';
import { Roster, type Member } from './roster.js';

/** The private half of this peer, as far as membership needs it. */
export type OwnIdentity = RecordAuthor & KeyOwner;

const groupSetting = 'group';

/** Who belongs to the group of this data directory, and the epoch keys that this peer may open. */
export class Membership {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #keys: Keyring;
  readonly #signer: RecordSigner;
  #roster: Roster | undefined;
  /** Signing is a chain: one record after the other. */
  #signing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly identity: OwnIdentity,
    private readonly state: StateStore,
    private readonly logger: Logger,
  ) {
    this.#keys = new Keyring(identity, logger);
    this.#signer = new RecordSigner(identity);
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

  /** @throws PeerError `no-group`, `not-trusted` */
  get self(): Member {
    const self = this.roster.members.get(this.identity.nodeId);
    if (self === undefined) {
      throw new PeerError('not-trusted', 'This peer is not a member of its group any more.');
    }
    return self;
  }

  member(nodeId: string): Member | undefined {
    return this.#roster?.members.get(nodeId);
  }

  /** Whether an admin declared that nothing is left of what this member held. */
  isLost(nodeId: string): boolean {
    return this.#roster?.lost.has(nodeId) ?? false;
  }

  nameOf(nodeId: string): string {
    return this.member(nodeId)?.name ?? nodeId.slice(0, 8);
  }

  /** Signed records that prove this peer's own membership, wire form. */
  ownChain(): Uint8Array[] {
    return this.roster.chainOf(this.identity.nodeId).map((record) => record.bytes);
  }

  /** The key that new shares are sealed with. @throws PeerError `not-trusted` when this peer can open none */
  currentEpoch(): { readonly name: string; readonly key: Uint8Array } {
    return this.#keys.current();
  }

  epochKey(name: string): Uint8Array | undefined {
    return this.#keys.get(name);
  }

  /** @throws PeerError `already-in-group` */
  createGroup(groupName: string, name: string): Promise<Member> {
    return this.#inTurn(() => this.#createGroup(groupName, name));
  }

  /**
   * Takes the group of an invite with the records that its inviter answered.
   *
   * @throws PeerError `already-in-group`, `not-trusted`
   */
  adoptGroup(invite: Invite, records: readonly Uint8Array[]): Promise<Member> {
    return this.#inTurn(() => this.#adoptGroup(invite, records));
  }

  async #createGroup(groupName: string, name: string): Promise<Member> {
    this.requireNoGroup();
    const { ecdhPublic, nodeId } = this.identity;
    const genesis = this.#signer.genesis(groupName, name);
    const roster = new Roster(genesis.id, [genesis]);
    const grant = this.#signer.grant(roster, newEpochKey(), ecdhPublic, nodeId);
    roster.add([grant]);
    await this.#adopt(roster, [genesis, grant]);
    return this.self;
  }

  async #adoptGroup(invite: Invite, records: readonly Uint8Array[]): Promise<Member> {
    this.requireNoGroup();
    const roster = new Roster(invite.groupId, records.map(decodeRecord));
    if (roster.members.get(this.identity.nodeId) === undefined) {
      throw new PeerError(
        'not-trusted',
        'The inviter answered with a group that this peer is not in.',
      );
    }
    await this.#adopt(roster, roster.accepted);
    return this.self;
  }

  /** Makes a one-time invite. Only admins can. */
  async invite(
    role: 'member' | 'admin',
    validForMs: number,
    addresses: readonly string[],
  ): Promise<{ readonly code: string; readonly expiresAt: number }> {
    this.#requireAdmin('invite a peer');
    const token = randomBytes(16);
    const expiresAt = Date.now() + validForMs;
    await this.state.putInvite({
      tokenHash: hashOf(token),
      groupId: this.groupId,
      role,
      expiresAt,
      redeemedBy: null,
    });
    const code = encodeInvite({
      groupId: this.groupId,
      role,
      inviterId: this.identity.nodeId,
      addresses,
      token,
      expiresAt,
    });
    return { code, expiresAt };
  }

  /**
   * Admits whoever shows an unused token; idempotent for the same joiner. Answers the records of the group, those
   * that a newcomer needs at once before the others.
   *
   * @throws PeerError `invite-invalid`, the same for unknown, used and expired tokens.
   */
  async redeem(token: Uint8Array, joiner: Joiner): Promise<Uint8Array[]> {
    const nodeId = toHex(createHash('sha256').update(joiner.spki).digest());
    const invite = await this.state.redeemInvite(hashOf(token), nodeId, Date.now());
    if (invite?.redeemedBy !== nodeId || invite.groupId !== this.groupId) {
      throw new PeerError('invite-invalid', 'This invite is unknown, was used, or has expired.', {
        hint: 'Ask for a new one.',
      });
    }
    const role = invite.role === 'admin' ? 'admin' : 'member';
    await this.#inTurn(() => this.#admit(nodeId, joiner, role));
    return this.roster.recordsFor(nodeId).map(({ bytes }) => bytes);
  }

  /**
   * Adds records from another peer; those that do not count are dropped. Answers how many were new.
   *
   * @throws PeerError `protocol` when one is malformed.
   */
  async merge(wires: readonly Uint8Array[]): Promise<number> {
    const fresh = this.roster.add(wires.map((wire) => decodeRecord(wire)));
    await this.#store(fresh);
    return fresh.length;
  }

  /** Merges a stranger's admission chain when, and only when, it proves the membership of `nodeId`. */
  async admitByChain(nodeId: string, chain: readonly Uint8Array[]): Promise<boolean> {
    if (this.member(nodeId) !== undefined) return true;
    const tentative = this.roster.clone();
    const fresh = tentative.add(chain.map((wire) => decodeRecord(wire)));
    if (tentative.members.get(nodeId) === undefined) return false;
    await this.#store(this.roster.add(fresh));
    return true;
  }

  async #admit(nodeId: string, joiner: Joiner, role: 'member' | 'admin'): Promise<void> {
    this.#requireAdmin('admit a peer');
    if (this.member(nodeId) !== undefined) return;
    const admit = this.#signer.admit(this.roster, joiner, role);
    // Nothing is added to the roster in memory before all of it is known to be well-formed.
    const tentative = this.roster.clone();
    const fresh = [admit];
    tentative.add([admit]);
    for (const key of this.#keys.all()) {
      const grant = this.#signer.grant(tentative, key, joiner.ecdh, nodeId);
      tentative.add([grant]);
      fresh.push(grant);
    }
    await this.#store(this.roster.add(fresh));
    this.logger.info('admitted a member', nodeId);
  }

  async #adopt(roster: Roster, records: readonly RosterRecord[]): Promise<void> {
    await this.state.append(records.map(logEntry));
    await this.state.setSetting(groupSetting, roster.groupId);
    this.#use(roster);
    this.#changed.fire();
  }

  async #store(fresh: readonly RosterRecord[]): Promise<void> {
    if (fresh.length === 0) return;
    await this.state.append(fresh.map(logEntry));
    this.#use(this.roster);
    this.#changed.fire();
  }

  /** Takes a roster into use, and opens the epoch keys that came with it. */
  #use(roster: Roster): void {
    this.#roster = roster;
    this.#keys.open(roster);
  }

  #requireAdmin(what: string): void {
    if (this.self.role !== 'admin') {
      throw new PeerError('not-trusted', `Only an admin of the group can ${what}.`, {
        hint: 'Ask the founder, or another admin.',
      });
    }
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

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const next = this.#signing.then(task, task);
    this.#signing = next.catch(() => undefined);
    return next;
  }
}

function logEntry(record: RosterRecord): Omit<LogEntry, 'seq'> {
  return { kind: 'record', id: hashOf(record.bytes), bytes: record.bytes };
}

function hashOf(data: Uint8Array): string {
  return toHex(createHash('sha256').update(data).digest());
}

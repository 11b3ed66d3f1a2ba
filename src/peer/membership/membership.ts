import { createHash, randomBytes } from 'node:crypto';
import { fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { Emitter } from '../../common/events.js';
import type { Logger } from '../../common/logger.js';
import {
  decodeRecord,
  signRecord,
  type RecordBody,
  type RosterRecord,
} from '../../protocol/records.js';
import type { LogEntry, StateStore } from '../../store/store.js';
import { epochName, newEpochKey, unwrapEpochKey, wrapEpochKey } from './epochKeys.js';
import { encodeInvite, type Invite } from './inviteCode.js';
import { Roster, type Member } from './roster.js';

/** The private half of this peer, as far as membership needs it. */
export interface OwnIdentity {
  readonly nodeId: string;
  readonly spki: Uint8Array;
  /** Public ECDH key, uncompressed point, 65 bytes. */
  readonly ecdhPublic: Uint8Array;
  /** ECDSA P-256 with SHA-256, 64 bytes. */
  sign(data: Uint8Array): Uint8Array;
  /** ECDH with the own private key. */
  agree(peer: Uint8Array): Uint8Array;
}

export interface Joiner {
  readonly spki: Uint8Array;
  readonly ecdh: Uint8Array;
  readonly name: string;
}

const groupSetting = 'group';

/** Who belongs to the group of this data directory, and the epoch keys that this peer may open. */
export class Membership {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #epochKeys = new Map<string, Uint8Array>();
  #roster: Roster | undefined;
  /** Signing is a chain: one record after the other. */
  #signing: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly identity: OwnIdentity,
    private readonly state: StateStore,
    private readonly logger: Logger,
  ) {}

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

  nameOf(nodeId: string): string {
    return this.member(nodeId)?.name ?? nodeId.slice(0, 8);
  }

  /** Signed records that prove this peer's own membership, wire form. */
  ownChain(): Uint8Array[] {
    return this.roster.chainOf(this.identity.nodeId).map((record) => record.bytes);
  }

  /** The key that new shares are sealed with: the epoch of the lowest name that this peer can open. */
  currentEpoch(): { readonly name: string; readonly key: Uint8Array } {
    const [name] = [...this.#epochKeys.keys()].sort();
    const key = name === undefined ? undefined : this.#epochKeys.get(name);
    if (name === undefined || key === undefined) {
      throw new PeerError('not-trusted', 'This peer has no key of the group.', {
        hint: 'It cannot share or open files until a member with the key is reachable.',
      });
    }
    return { name, key };
  }

  epochKey(name: string): Uint8Array | undefined {
    return this.#epochKeys.get(name);
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
    const { spki, ecdhPublic, nodeId } = this.identity;
    const genesis = this.#sign({
      t: 'genesis',
      v: 1,
      signer: fromHex(nodeId),
      seq: 0,
      prev: null,
      name: groupName,
      nonce: randomBytes(16),
      founder: name,
      spki,
      ecdh: ecdhPublic,
    });
    const roster = new Roster(genesis.id, [genesis]);
    const grant = this.#grant(roster, newEpochKey(), ecdhPublic, nodeId);
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
    return this.#recordsFor(nodeId);
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
    const admit = this.#sign({
      t: 'admit',
      v: 1,
      signer: fromHex(this.identity.nodeId),
      ...this.roster.nextPlace(this.identity.nodeId),
      group: fromHex(this.groupId),
      name: joiner.name,
      role,
      spki: joiner.spki,
      ecdh: joiner.ecdh,
    });
    // Nothing is added to the roster in memory before all of it is known to be well-formed.
    const tentative = this.roster.clone();
    const fresh = [admit];
    tentative.add([admit]);
    for (const key of this.#epochKeys.values()) {
      const grant = this.#grant(tentative, key, joiner.ecdh, nodeId);
      tentative.add([grant]);
      fresh.push(grant);
    }
    await this.#store(this.roster.add(fresh));
    this.logger.info('admitted a member', nodeId);
  }

  #recordsFor(nodeId: string): Uint8Array[] {
    const chain = this.roster.chainOf(nodeId);
    const first = new Set(chain);
    for (const record of this.roster.accepted) {
      if (record.body.t === 'grant' && toHex(record.body.member) === nodeId) first.add(record);
    }
    const rest = this.roster.accepted.filter((record) => !first.has(record));
    return [...first, ...rest].map((record) => record.bytes);
  }

  #grant(roster: Roster, key: Uint8Array, to: Uint8Array, member: string): RosterRecord {
    const group = fromHex(roster.groupId);
    return this.#sign({
      t: 'grant',
      v: 1,
      signer: fromHex(this.identity.nodeId),
      ...roster.nextPlace(this.identity.nodeId),
      group,
      member: fromHex(member),
      ...wrapEpochKey(key, group, to),
    });
  }

  #sign(body: RecordBody): RosterRecord {
    return signRecord(body, (data) => this.identity.sign(data));
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
    for (const grant of roster.grantsFor(this.identity.nodeId)) {
      const name = toHex(grant.epoch);
      if (this.#epochKeys.has(name)) continue;
      try {
        const key = unwrapEpochKey(
          grant,
          fromHex(roster.groupId),
          this.identity.ecdhPublic,
          (peer) => this.identity.agree(peer),
        );
        this.#epochKeys.set(toHex(epochName(key)), key);
      } catch (error) {
        this.logger.warn('an epoch key does not open', name, PeerError.from(error).code);
      }
    }
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

import { createHash } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { Role } from '../../protocol/records.js';
import { newEpochKey } from './epochKeys.js';
import type { Invites, MadeInvite } from './invites.js';
import type { Keyring } from './keyring.js';
import type { Joiner, Pen } from './pen.js';
import type { Member, Roster } from './roster.js';
import { membershipLimits } from '../limits.js';

export interface AdministrationOptions {
  readonly nodeId: string;
  readonly keys: Keyring;
  readonly invites: Invites;
  readonly logger: Logger;
  /** The roster as it is now. @throws PeerError `no-group` */
  readonly roster: () => Roster;
  /** This peer. @throws PeerError `not-trusted` when it is no member */
  readonly self: () => Member;
  /**
   * Has `write` write records after those of the roster that it gets, in turn, and makes them durable.
   *
   * @throws PeerError `not-trusted` for who is no admin
   */
  readonly sign: (what: string, write: (pen: Pen, roster: Roster) => void) => Promise<void>;
}

/** What only admins do: they sign who belongs to the group, and hand out its keys. */
export class Administration {
  constructor(private readonly options: AdministrationOptions) {}

  async invite(role: Role, validForMs: number, addresses: readonly string[]): Promise<MadeInvite> {
    const { invites, nodeId, roster, self } = this.options;
    const { groupId } = roster();
    requireAdmin(self(), 'invite a peer');
    return await invites.make({ groupId, role, inviterId: nodeId, addresses }, validForMs);
  }

  /**
   * Admits whoever shows an unused token; idempotent for the same joiner. Answers its node id.
   *
   * @throws PeerError `invite-invalid`, the same for unknown, used and expired tokens; `not-trusted` for who was removed
   */
  async redeem(token: Uint8Array, joiner: Joiner): Promise<string> {
    const { invites, keys, logger, roster, sign } = this.options;
    const nodeId = toHex(createHash('sha256').update(joiner.spki).digest());
    requireNotRemoved(roster(), nodeId);
    const role = await invites.redeem(token, nodeId, roster().groupId);
    await sign('admit a peer', (pen, current) => {
      requireNotRemoved(current, nodeId);
      if (current.members.has(nodeId)) return;
      pen.admit(joiner, role);
      if (role === 'storage') return;
      for (const key of keys.these(current.epochs.all)) {
        pen.grant(key, { nodeId, ecdh: joiner.ecdh });
      }
    });
    logger.info('admitted a member', nodeId);
    return nodeId;
  }

  /**
   * Ends a membership for good, and makes a new key for those who stay.
   *
   * @throws PeerError `not-found`, `not-trusted` for who is no admin, `usage` for the founder and for itself
   */
  async remove(nodeId: string): Promise<void> {
    await this.options.sign('remove a peer', (pen, roster) => {
      this.#requireRemovable(roster, nodeId);
      pen.remove(nodeId, roster.lastOf(nodeId)?.id ?? null);
      const after = roster.clone();
      after.add(pen.written);
      if (after.former.get(nodeId)?.how !== 'removed') {
        throw new PeerError('not-trusted', 'Removals by this admin do not count any more.', {
          hint: 'Let another admin do it.',
        });
      }
      this.#newEpoch(pen, after);
    });
    this.options.logger.info('removed a member', nodeId);
  }

  /**
   * Declares that nothing is left of what a member held.
   *
   * @throws PeerError `not-found`, `not-trusted` for who is no admin
   */
  async declareLost(nodeId: string): Promise<void> {
    await this.options.sign('declare a peer lost', (pen, roster) => {
      if (!roster.members.has(nodeId)) throw unknownMember();
      if (!roster.lost.has(nodeId)) pen.lost(nodeId);
    });
  }

  /** Whether there are keys to be made or handed out, and this peer can: see {@link tend}. */
  get needsTending(): boolean {
    const roster = this.options.roster();
    return roster.epochs.current.length === 0 || this.#ungranted(roster).next().done === false;
  }

  /** Makes a new key where there is none that only members know, and grants what they lack. Two may do so at once. */
  async tend(): Promise<void> {
    await this.options.sign('hand out keys', (pen, roster) => {
      if (roster.epochs.current.length === 0) {
        this.#newEpoch(pen, roster);
        return;
      }
      for (const [key, member] of this.#ungranted(roster)) {
        if (pen.written.length >= membershipLimits.grants) return;
        this.#grant(pen, key, member);
      }
    });
  }

  #newEpoch(pen: Pen, { readers }: Roster): void {
    const key = newEpochKey();
    // Its maker first: that makes it an epoch that can be current.
    const own = readers.filter(({ nodeId }) => nodeId === this.options.nodeId);
    const others = readers.filter(({ nodeId }) => nodeId !== this.options.nodeId);
    for (const member of [...own, ...others]) this.#grant(pen, key, member);
  }

  *#ungranted({ epochs, members }: Roster): Generator<[Uint8Array, Member]> {
    const { keys, nodeId: own } = this.options;
    for (const name of epochs.all) {
      const key = keys.get(name);
      if (key === undefined) continue;
      for (const nodeId of epochs.lacking(name)) {
        const member = members.get(nodeId);
        // A grant to itself would say that this peer made the epoch.
        if (member !== undefined && nodeId !== own) yield [key, member];
      }
    }
  }

  #grant(pen: Pen, key: Uint8Array, member: Member): void {
    try {
      pen.grant(key, member);
    } catch (error) {
      // Whoever admitted it did not look at its key: that must not keep the others from getting theirs.
      const { code } = PeerError.from(error);
      this.options.logger.warn('a member cannot be given a key', member.nodeId, code);
    }
  }

  #requireRemovable(roster: Roster, nodeId: string): void {
    if (nodeId === roster.founder) {
      throw new PeerError('usage', 'The founder of a group cannot be removed.', {
        hint: 'A group whose founder is not to be trusted any more has to be made anew.',
      });
    }
    if (nodeId === this.options.nodeId) {
      throw new PeerError('usage', 'A peer cannot remove itself.', {
        hint: 'Let another admin do it.',
      });
    }
    const former = roster.former.get(nodeId);
    if (!roster.members.has(nodeId) && former?.how !== 'suspended') throw unknownMember();
  }
}

/** @throws PeerError `not-trusted` */
export function requireAdmin(self: Member, what: string): void {
  if (self.role !== 'admin') {
    throw new PeerError('not-trusted', `Only an admin of the group can ${what}.`, {
      hint: 'Ask the founder, or another admin.',
    });
  }
}

function requireNotRemoved(roster: Roster, nodeId: string): void {
  if (!roster.former.has(nodeId)) return;
  throw new PeerError('not-trusted', 'This peer was removed from the group.', {
    hint: 'Join with a new data directory.',
  });
}

function unknownMember(): PeerError {
  return new PeerError('not-found', 'The group has no such member.', {
    hint: 'See who there is with “chunk-partitioner peers”.',
  });
}

import { createHash, randomBytes } from 'node:crypto';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { roles, type Role } from '../../protocol/records.js';
import type { StateStore } from '../../store/store.js';
import { encodeInvite, type Invite } from './inviteCode.js';

export interface MadeInvite {
  readonly code: string;
  readonly expiresAt: number;
}

/** The invites of this peer: it alone redeems them, each for one newcomer. */
export class Invites {
  constructor(private readonly state: StateStore) {}

  async make(
    invite: Pick<Invite, 'groupId' | 'role' | 'inviterId' | 'addresses'>,
    validForMs: number,
  ): Promise<MadeInvite> {
    const { groupId, role } = invite;
    const token = randomBytes(16);
    const expiresAt = Date.now() + validForMs;
    const tokenHash = hashOf(token);
    await this.state.putInvite({ tokenHash, groupId, role, expiresAt, redeemedBy: null });
    return { code: encodeInvite({ ...invite, token, expiresAt }), expiresAt };
  }

  /**
   * Uses an invite up for a node; idempotent for the same one.
   *
   * @throws PeerError `invite-invalid`, the same for unknown, used and expired tokens.
   */
  async redeem(token: Uint8Array, nodeId: string, groupId: string): Promise<Role> {
    const invite = await this.state.redeemInvite(hashOf(token), nodeId, Date.now());
    const role = roles.find((known) => known === invite?.role);
    if (invite?.redeemedBy !== nodeId || invite.groupId !== groupId || role === undefined) {
      throw new PeerError('invite-invalid', 'This invite is unknown, was used, or has expired.', {
        hint: 'Ask for a new one.',
      });
    }
    return role;
  }
}

function hashOf(data: Uint8Array): string {
  return toHex(createHash('sha256').update(data).digest());
}

import assert from 'node:assert/strict';
import { decodeInvite } from '../../../src/peer/membership/inviteCode.js';
import type { Membership } from '../../../src/peer/membership/membership.js';
import type { Role } from '../../../src/protocol/records.js';
import type { Actor } from './actor.js';

/** Invites somebody and redeems it. @returns the records that the newcomer is answered. */
export async function admit(
  inviter: Membership,
  actor: Actor,
  role: Role = 'member',
): Promise<Uint8Array[]> {
  const { code } = await inviter.invite(role, 60_000, ['127.0.0.1:1']);
  return await inviter.redeem(decodeInvite(code).token, {
    spki: actor.spki,
    ecdh: actor.ecdhPublic,
    name: actor.name,
  });
}

/** Invites somebody who takes the group over into a membership of its own. */
export async function join(
  inviter: Membership,
  actor: Actor,
  own: Membership,
  role: Role = 'member',
): Promise<void> {
  const { code } = await inviter.invite(role, 60_000, ['127.0.0.1:1']);
  const invite = decodeInvite(code);
  const joiner = { spki: actor.spki, ecdh: actor.ecdhPublic, name: actor.name };
  await own.adoptGroup(invite, await inviter.redeem(invite.token, joiner));
  assert.equal(own.groupId, inviter.groupId);
}

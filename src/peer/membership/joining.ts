import { PeerError } from '../../common/errors.js';
import { peerLimits } from '../limits.js';
import type { AddressBook } from '../mesh/addressBook.js';
import type { Mesh } from '../mesh/mesh.js';
import { decodeInvite } from './inviteCode.js';
import type { Membership, OwnIdentity } from './membership.js';
import type { Member } from './roster.js';

export interface JoiningOptions {
  readonly identity: OwnIdentity;
  readonly membership: Membership;
  readonly addressBook: AddressBook;
  readonly mesh: Pick<Mesh, 'dialStranger'>;
}

/** Redeems an invite at its inviter. @throws PeerError `invite-invalid`, `unreachable`, `not-trusted`, `timeout` */
export async function redeemInvite(
  { identity, membership, addressBook, mesh }: JoiningOptions,
  code: string,
  name: string,
  outer?: AbortSignal,
): Promise<Member> {
  const invite = decodeInvite(code);
  membership.requireNoGroup(); // before the invite is used up
  const timeout = AbortSignal.timeout(peerLimits.joinMs);
  const signal = outer === undefined ? timeout : AbortSignal.any([outer, timeout]);
  let problem: unknown;
  for (const address of invite.addresses) {
    try {
      const connection = await mesh.dialStranger(address, invite.inviterId, signal);
      try {
        const { message } = await connection.request(
          { t: 'redeem', token: invite.token, name, ecdh: identity.ecdhPublic },
          { signal },
        );
        const member = await membership.adoptGroup(invite, message.records);
        await addressBook.learn(invite.inviterId, [address]);
        return member;
      } finally {
        connection.dispose();
      }
    } catch (error) {
      // Somebody else may live at one of its addresses: a loopback, or the same private network elsewhere.
      if (!PeerError.is(error, 'unreachable', 'timeout', 'closed', 'not-trusted', 'protocol')) {
        throw error;
      }
      problem = error;
    }
  }
  if (PeerError.is(problem, 'not-trusted')) throw problem;
  throw new PeerError('unreachable', 'The peer that invited you cannot be reached.', {
    cause: problem,
    hint: 'It must be running to let you in. Ask for it to be started, then try again.',
  });
}

import { decode, encode } from 'cborg';
import * as z from 'zod';
import { fromHex, toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { exactBytes } from '../../common/schema.js';
import { roles, type Role } from '../../protocol/records.js';
import { membershipLimits } from '../limits.js';

/** What an invite says. It is a secret until it is redeemed: whoever has it first may join. */
export interface Invite {
  readonly groupId: string;
  readonly role: Role;
  readonly inviterId: string;
  /** `host:port` where the inviter listens, best first. */
  readonly addresses: readonly string[];
  /** One-time token, 16 bytes. */
  readonly token: Uint8Array;
  /** By the inviter's clock, milliseconds since 1970. */
  readonly expiresAt: number;
}

const prefix = 'CP1-';

const schema = z.tuple([
  exactBytes(32),
  z.enum(roles),
  exactBytes(32),
  z.array(z.string().min(1).max(262)).min(1).max(8),
  exactBytes(16),
  z.number().int().nonnegative(),
]);

/** Text form: `CP1-` and base64url. */
export function encodeInvite(invite: Invite): string {
  const data = encode([
    fromHex(invite.groupId),
    invite.role,
    fromHex(invite.inviterId),
    [...invite.addresses],
    invite.token,
    invite.expiresAt,
  ]);
  return prefix + Buffer.from(data).toString('base64url');
}

/** @throws PeerError `invite-invalid` with a hint when the text is no invite. */
export function decodeInvite(text: string): Invite {
  const code = text.trim();
  const invalid = (cause?: unknown): PeerError =>
    new PeerError('invite-invalid', 'This is not a whole invite code.', {
      cause,
      hint: 'Copy the code again, from “CP1-” to its end, or ask for a new one.',
    });
  if (!code.startsWith(prefix) || code.length > membershipLimits.inviteCharacters) throw invalid();
  let data: unknown;
  try {
    data = decode(Buffer.from(code.slice(prefix.length), 'base64url'), {
      allowIndefinite: false,
      strict: true,
    });
  } catch (cause) {
    throw invalid(cause);
  }
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw invalid(parsed.error);
  const [group, role, inviter, addresses, token, expiresAt] = parsed.data;
  return {
    groupId: toHex(group),
    role,
    inviterId: toHex(inviter),
    addresses,
    token,
    expiresAt,
  };
}

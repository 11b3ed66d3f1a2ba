import assert from 'node:assert/strict';
import { decodeInvite, encodeInvite } from '../../../src/peer/membership/inviteCode.js';
import { unlessRefused, type FuzzTarget } from '../target.js';

/** What is behind the prefix of a code; an odd first byte is a code as it is typed. */
export const invite: FuzzTarget = {
  name: 'invite',
  head: 1,
  seeds: () => {
    const code = encodeInvite({
      ...{ groupId: 'ab'.repeat(32), role: 'member', inviterId: 'cd'.repeat(32) },
      ...{
        addresses: ['192.0.2.7:41700'],
        token: new Uint8Array(16),
        expiresAt: 1_790_000_000_000,
      },
    });
    const inner = Buffer.from(code.slice(4), 'base64url');
    return [Buffer.concat([Buffer.of(0), inner]), Buffer.concat([Buffer.of(1), Buffer.from(code)])];
  },
  run: (input) => {
    const rest = Buffer.from(input.subarray(1));
    const typed = ((input[0] ?? 0) & 1) === 1;
    const code = typed ? rest.toString('utf8') : `CP1-${rest.toString('base64url')}`;
    const read = unlessRefused(['invite-invalid'], () => decodeInvite(code));
    if (read !== undefined) assert.deepEqual(decodeInvite(encodeInvite(read)), read);
  },
};

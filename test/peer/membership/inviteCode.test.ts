import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import {
  decodeInvite,
  encodeInvite,
  type Invite,
} from '../../../src/peer/membership/inviteCode.js';
import { PeerError } from '../../../src/common/errors.js';
import { rejects } from '../support/rejects.js';

const hex = (bytes: number): fc.Arbitrary<string> =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((data) => Buffer.from(data).toString('hex'));

const invites: fc.Arbitrary<Invite> = fc.record({
  groupId: hex(32),
  role: fc.constantFrom('storage', 'member', 'admin'),
  inviterId: hex(32),
  addresses: fc.array(
    fc.domain().map((host) => `${host}:41700`),
    { minLength: 1, maxLength: 4 },
  ),
  token: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  expiresAt: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});

describe('invite codes', () => {
  it('say what they were made of, with space around them', () => {
    fc.assert(
      fc.property(invites, (invite) => {
        const read = decodeInvite(`\n ${encodeInvite(invite)}\t`);
        assert.deepEqual(
          { ...read, token: Buffer.from(read.token) },
          { ...invite, token: Buffer.from(invite.token) },
        );
      }),
    );
  });

  it('are refused when the end is missing', () => {
    fc.assert(
      fc.property(invites, fc.nat(), (invite, cut) => {
        const code = encodeInvite(invite);
        assert.throws(
          () => decodeInvite(code.slice(0, cut % code.length)),
          (error) => PeerError.is(error, 'invite-invalid') && error.hint !== undefined,
        );
      }),
    );
  });

  it('are refused as garbage of any kind, with one code and without repeating it', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `CP1-${text}`),
      fc.uint8Array().map((data) => `CP1-${Buffer.from(data).toString('base64url')}`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        assert.throws(
          () => decodeInvite(text),
          (error) => PeerError.is(error, 'invite-invalid'),
        );
      }),
    );
  });

  it('are bounded before they are decoded', async () => {
    await rejects('invite-invalid', () => decodeInvite(`CP1-${'A'.repeat(100_000)}`));
  });
});

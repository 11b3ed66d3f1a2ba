import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/common/errors.js';
import { FrameKind } from '../../../src/protocol/frame.js';
import { decodeError } from '../../../src/protocol/messages.js';
import { HostileMember } from '../../fuzz/live/hostileMember.js';
import type { TestPeer } from '../../support/peers.js';
import type { Liar } from './liar.js';

/** Longest time in which a peer sees that a rule was broken, milliseconds. */
const noticedMs = 5_000;

/** A member on a connection on which it can write anything. It must not be connected otherwise. */
export async function enter(peer: TestPeer, { identity, papers }: Liar): Promise<HostileMember> {
  const { address } = peer;
  const { groupId } = papers;
  const member = await HostileMember.enter({ address, groupId }, identity, '127.0.0.1');
  return member ?? assert.fail('the member was not let in');
}

/** Has a member do something that ends its connection. @returns why, as the peer says it */
export async function lastWords(
  member: HostileMember,
  act: (member: HostileMember) => void,
): Promise<ErrorCode | 'nothing'> {
  const { link } = member;
  const { onFrame } = link;
  let words: ErrorCode | 'nothing' = 'nothing';
  link.onFrame = (frame) => {
    if (frame.kind === FrameKind.error && frame.id === 0) words = decodeError(frame.message).code;
    onFrame(frame);
  };
  act(member);
  assert.ok(await link.closedWithin(noticedMs), 'the connection was ended');
  return words;
}

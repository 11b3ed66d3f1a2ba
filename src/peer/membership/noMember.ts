import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import type { Roster } from './roster.js';

/** Why a peer is no member of its group, for its user and for others to read; null while it is one. */
export function noMember(roster: Roster, nodeId: string): PeerError | null {
  if (roster.members.has(nodeId)) return null;
  const hint = 'What lies here stays here. To come back, join with a new data directory.';
  const former = roster.former.get(nodeId);
  if (former?.how === 'removed') {
    const [by = 'an admin'] = former.because.map(
      ({ body }) => roster.person(toHex(body.signer))?.name,
    );
    return new PeerError('not-trusted', `This peer was removed from its group by “${by}”.`, {
      hint,
    });
  }
  if (former?.how === 'suspended') {
    return new PeerError(
      'not-trusted',
      'This peer is suspended: it signed two different records for one place.',
      {
        hint: 'That happens when a backup of its data directory is used again. Ask another admin.',
      },
    );
  }
  return new PeerError('not-trusted', 'This peer is not a member of its group any more.', {
    hint: 'Whoever admitted it was removed. Ask another admin.',
  });
}

/** What a peer without the current key lacks, for its user to read. */
export function noKey(roster: Roster, nodeId: string): PeerError {
  if (roster.members.get(nodeId)?.role === 'storage') {
    return new PeerError(
      'not-trusted',
      'This peer stores for the group, and reads nothing of it.',
      {
        hint: 'Use a machine that was invited as a member.',
      },
    );
  }
  if (roster.epochs.current.length === 0) {
    return new PeerError('not-trusted', 'The group needs a new key after a removal.', {
      hint: 'An admin makes it by itself, once one is connected.',
    });
  }
  return new PeerError('not-trusted', 'This peer has no key of the group.', {
    hint: 'An admin with the key hands it out by itself, once one is connected.',
  });
}

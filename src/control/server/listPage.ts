import type { Peer } from '../../peer/peer.js';
import type { StateStore } from '../../store/store.js';
import type { ControlRequests } from '../contract.js';
import type { PackedPage } from '../listPage.js';

/** A page of the list as the database wrote it, with the names that belong to it: the rows pass through unread. */
export async function listPage(
  { membership }: Pick<Peer, 'membership'>,
  state: StateStore,
  { order, prefix, versions, cursor, limit }: ControlRequests['list']['params'],
): Promise<PackedPage> {
  // Usually nobody: what is held by who was removed, or lost it, does not count.
  const without = [...(await state.shardsByHolder()).keys()].filter(
    (holderId) => !membership.isHolder(holderId),
  );
  const page = await state.listText({
    ...{ order: order ?? 'newest', cursor, limit, without },
    ...(prefix !== undefined && { prefix }),
    ...(versions !== undefined && { versions }),
  });
  const authors = Object.entries(page.authors).map(([number, nodeId]) => [
    number,
    { nodeId, name: membership.nameOf(nodeId) },
  ]);
  return {
    rows: page.rows,
    authors: Object.fromEntries(authors) as PackedPage['authors'],
    cursor: page.cursor,
  };
}

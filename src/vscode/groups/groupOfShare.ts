import { PeerError } from '../../common/errors.js';
import type { Group } from './group.js';
import type { Groups } from './groups.js';

const deadline = 10_000;

/**
 * The group that has a share. Those that this window is attached to are asked first; the others are attached for it. Where
 * none has it the first one answers, which then says so.
 *
 * @param share name or id
 * @param maySearch false leaves those alone that this window is not attached to
 */
export async function groupOfShare(
  groups: Groups,
  share: string,
  maySearch = true,
): Promise<Group> {
  if (groups.only !== undefined) return groups.only;
  const isAttached = ({ session }: Group): boolean => session.attached !== undefined;
  const attached = groups.all.filter(isAttached);
  const others = maySearch ? groups.all.filter((group) => !isAttached(group)) : [];
  for (const group of [...attached, ...others]) {
    if (await hasShare(group, share)) return group;
  }
  return maySearch ? groups.first : (attached[0] ?? groups.first);
}

async function hasShare({ session }: Group, share: string): Promise<boolean> {
  try {
    const client = await session.client();
    await client.request('find', { share }, AbortSignal.timeout(deadline));
    return true;
  } catch (error) {
    // Several answer to the name: whoever asks for it is told so.
    return PeerError.is(error, 'ambiguous');
  }
}

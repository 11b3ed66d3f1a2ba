import type { Command } from 'commander';
import { PeerError } from '../common/errors.js';
import { groupTag, looksLikeLink, parseLink } from '../common/links.js';
import type { ControlClient, ShareInfo } from '../control/contract.js';
import type { CliDeps } from './deps.js';
import type { Output } from './output.js';

/** What a verb works with: the world, and the options that every verb takes. */
export interface VerbContext {
  readonly deps: CliDeps;
  readonly dataDir: string;
  readonly output: Output;
}

/** One word of the terminal. */
export interface Verb {
  /** Word and arguments as commander writes them: `get <share>`. */
  readonly syntax: string;
  readonly summary: string;
  /** More help, below the options. */
  readonly help?: string;
  readonly hidden?: boolean;
  configure?(command: Command): void;
  /**
   * @param options of the command line, unchecked
   * @returns the exit code. @throws {PeerError}
   */
  run(context: VerbContext, args: readonly string[], options: unknown): Promise<number>;
}

/** Whether a peer runs for the data directory already, and will go on without this client. */
export async function peerRuns({ deps, dataDir }: VerbContext): Promise<boolean> {
  try {
    const { runtimeDir, signal } = deps;
    (await deps.attach({ dataDir, runtimeDir, start: false, signal })).dispose();
    return true;
  } catch (error) {
    if (PeerError.is(error, 'closed')) return false;
    throw error;
  }
}

/** Attaches to the peer of the data directory, starting one where none runs, for as long as `use` takes. */
export async function withPeer<T>(
  context: VerbContext,
  use: (client: ControlClient) => Promise<T>,
): Promise<T> {
  const { deps, dataDir } = context;
  const client = await deps.attach({
    dataDir,
    runtimeDir: deps.runtimeDir,
    start: true,
    signal: deps.signal,
  });
  try {
    return await use(client);
  } finally {
    client.dispose();
  }
}

/**
 * The share that a name, an id or a link stands for, or another version of it: see `versionOption`.
 *
 * @throws {PeerError} as `find`; `usage` for a link that is none, `not-trusted` for one of another group
 */
export async function findShare(
  client: ControlClient,
  text: string,
  version: string | undefined,
  signal: AbortSignal,
): Promise<ShareInfo> {
  const share = looksLikeLink(text) ? await linkedShare(client, text, signal) : text;
  const params = { share, ...(version === undefined ? {} : { version }) };
  return await client.request('find', params, signal);
}

/** The same as a text for the peer to find: as it was given, unless a link or another version is meant. */
export async function shareText(
  client: ControlClient,
  share: string,
  version: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  if (version === undefined && !looksLikeLink(share)) return share;
  return (await findShare(client, share, version, signal)).shareId;
}

/** A peer that has just been started knows others and has met none: lets it try before it is asked. */
export async function meetPeers(client: ControlClient, signal: AbortSignal): Promise<void> {
  const status = await client.request('status', null, signal);
  if (status.peersOnline === 0 && status.peersKnown > 0) {
    await client.request('connect', null, signal);
  }
}

/** The id that a link names, when it is of the group that this peer is in. */
async function linkedShare(
  client: ControlClient,
  text: string,
  signal: AbortSignal,
): Promise<string> {
  const link = parseLink(text);
  if (link.kind !== 'share') {
    throw new PeerError('usage', 'This link is an invite, and names no share.', {
      hint: 'Use it with “chunk-partitioner join -”.',
    });
  }
  const { self } = await client.request('status', null, signal);
  if (self !== null && groupTag(self.groupId) !== link.group) {
    throw new PeerError('not-trusted', 'This link is for another group than this machine’s.', {
      hint: 'Choose the peer that belongs to that group with --data-dir.',
    });
  }
  return link.shareId;
}

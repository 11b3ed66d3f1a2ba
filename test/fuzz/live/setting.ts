import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { connect } from 'node:tls';
import { decodeManifest } from '../../../src/chunk/manifest.js';
import { fromHex } from '../../../src/common/bytes.js';
import { readEndpoint } from '../../../src/control/endpoint.js';
import { loadIdentity, type Identity } from '../../../src/net/identity.js';
import { shareFile } from '../../e2e/results.js';
import { writeRandomFile } from '../../support/files.js';
import { TestGroup, type TestPeer } from '../../support/peers.js';
import { alpnProtocol, newStranger } from '../../support/stranger.js';
import { GoodMember } from './goodMember.js';
import type { World } from './world.js';

const hostileMembers = 3;
const upkeepMs = 5_000;
/** Manifests of the largest kind that fill the log: with these, a page of it is as long as it may be. */
const largeManifests = 120;

/** A group of two real peers, of which one is attacked, and of members that are nothing but a key. */
export interface Setting {
  readonly group: TestGroup;
  readonly victim: TestPeer;
  readonly other: TestPeer;
  readonly good: GoodMember;
  readonly world: World;
  /** Of the shares, with the SHA-256 of what is in them. */
  readonly shares: readonly { readonly shareId: string; readonly sha256: string }[];
}

export async function makeSetting(): Promise<Setting> {
  // As users run it: the guard of the tests would count as its memory.
  const preload = [path.join(import.meta.dirname, 'collect.cjs')];
  const group = await TestGroup.start(2, { unguarded: true, preload });
  try {
    const [victim, other] = [group.get(0), group.get(1)];
    const shares = [];
    for (const [index, size] of [300, 1_500_000, 5_000_000].entries()) {
      const file = path.join(group.filesDir, `file${index}`);
      await writeRandomFile(file, size);
      shares.push(await shareFile(group.get(index % 2), file));
    }
    for (const { shareId } of shares) await victim.lists(shareId);
    // It looks after its shards meanwhile, and has done everything once before its memory is compared.
    await (await victim.client()).request('configure', { upkeep: { everyMs: upkeepMs } });
    const identities: Identity[] = [];
    for (let index = 0; index <= hostileMembers; index++) {
      const { dataDir } = await group.join(`member${index}`);
      identities.push(await loadIdentity(dataDir));
    }
    const [first, ...members] = identities;
    if (first === undefined) throw new Error('nobody joined');
    const { self } = await (await victim.client()).request('status', null);
    if (self === null) throw new Error('the peer is in no group');
    const groupId = fromHex(self.groupId);
    const good = new GoodMember(first, victim.address, self.nodeId, groupId);
    await good.fillLog(largeManifests);
    const log = await good.log();
    const ofKind = (kind: string) =>
      log.filter((entry) => entry.kind === kind).map(({ bytes }) => bytes);
    const manifests = ofKind('manifest');
    for (const { shareId, geometry } of manifests
      .slice(0, 10)
      .map((wire) => decodeManifest(wire))) {
      await good.learnPieces(shareId, geometry.k + geometry.m, geometry.segments);
    }
    const world: World = {
      ...{ address: victim.address, groupId, members, manifests },
      ...{ receipts: ofKind('receipt'), records: ofKind('record') },
      controlPath: readEndpoint(victim.dataDir)?.endpoint ?? '',
      shareIds: shares.map(({ shareId }) => fromHex(shareId)),
      nodeIds: identities.map(({ nodeId }) => fromHex(nodeId)),
      strangers: [await newStranger(), await newStranger('P-384')],
      clientHello: await captureHello(),
    };
    return { group, victim, other, good, world, shares };
  } catch (error) {
    await group.dispose();
    throw error;
  }
}

/** What a TLS client of this kind says first. */
function captureHello(): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.once('data', (chunk) => {
        socket.destroy();
        server.close();
        resolve(chunk);
      });
    });
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      const ALPNProtocols = [alpnProtocol];
      connect({ host: '127.0.0.1', port, ALPNProtocols }).on('error', () => undefined);
    });
  });
}

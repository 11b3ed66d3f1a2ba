import { createECDH, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { silentLogger } from '../../../src/common/logger.js';
import { loadIdentity } from '../../../src/net/identity.js';
import { decodeInvite } from '../../../src/peer/membership/inviteCode.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import { acquireLock } from '../../../src/store/lock.js';
import { openStore } from '../../../src/store/openStore.js';
import type { Fact, StateStore } from '../../../src/store/store.js';
import type { MakeSharesData } from './makeShares.js';

export interface FillOptions {
  /** Made-up members that sign the receipts. They hold nothing, and are never online. */
  readonly holders?: number;
  readonly onProgress?: (done: number) => void;
}

export interface FilledCatalog {
  /** Shares, all of them listed. */
  readonly count: number;
  /** A name that one share bears, and the start of the names of ten. */
  readonly name: string;
  readonly prefix: string;
}

/** Files among so many shares: the others are newer versions, as makeShares.ts says. */
export function filesOf(shares: number): number {
  return shares - Math.floor(shares / 50);
}

const dist = path.resolve(import.meta.dirname, '../../../dist');
/** Shares of one transaction. */
const batch = 500;

/**
 * Fills the state of a data directory with `count` shares that every member takes for true: manifests signed by its
 * own identity, which must have made the group, and receipts of members that it admits for this. There are no shards
 * behind them. No peer may run in the directory; `dist/` must be built.
 */
export async function fillCatalog(
  dataDir: string,
  count: number,
  { holders: holderCount = 4, onProgress }: FillOptions = {},
): Promise<FilledCatalog> {
  const lock = acquireLock(dataDir);
  const kernel = new WebAssembly.Module(readFileSync(path.join(dist, 'kernel.wasm')));
  const workerPath = path.join(dist, 'worker.js');
  const { state, close } = await openStore({ dataDir, workerPath, kernel });
  try {
    const identity = await loadIdentity(dataDir);
    const membership = await Membership.load(identity, state, silentLogger);
    const holders: MakeSharesData['holders'][number][] = [];
    for (let index = 0; index < holderCount; index++) {
      holders.push(await addMember(membership, `holder ${String(index + 1)}`));
    }
    const common: Omit<MakeSharesData, 'from' | 'to'> = {
      groupId: membership.groupId,
      authorId: identity.nodeId,
      authorKey: identity.privateKey,
      epochKey: membership.currentEpoch().key,
      holders,
      now: Date.now(),
      total: count,
      batch,
    };
    let done = 0;
    const threads = Math.min(availableParallelism(), Math.ceil(count / batch));
    const bound = (thread: number): number =>
      Math.min(count, Math.ceil(count / batch / threads) * batch * thread);
    await Promise.all(
      Array.from({ length: threads }, (_, thread) =>
        run({ ...common, from: bound(thread), to: bound(thread + 1) }, state, (made) => {
          done += made;
          onProgress?.(done);
        }),
      ),
    );
    return { count, name: 'file-000005.bin', prefix: 'file-00001' };
  } finally {
    await close();
    lock.dispose();
  }
}

/** Makes shares in a thread, and takes them as they come. */
async function run(
  data: MakeSharesData,
  state: StateStore,
  onBatch: (shares: number) => void,
): Promise<void> {
  const worker = new Worker(new URL('./makeShares.ts', import.meta.url), {
    workerData: data,
    execArgv: ['--import', 'tsx'],
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => {
        reject(new Error('a thread ended early'));
      });
      worker.on('message', (facts: readonly Fact[] | null) => {
        if (facts === null) {
          resolve();
          return;
        }
        state.take(facts).then(({ listed }) => {
          onBatch(listed.length);
          worker.postMessage('more');
        }, reject);
      });
    });
  } finally {
    await worker.terminate();
  }
}

async function addMember(
  membership: Membership,
  name: string,
): Promise<MakeSharesData['holders'][number]> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }));
  const agreement = createECDH('prime256v1');
  agreement.generateKeys();
  const { code } = await membership.invite('member', 60_000, ['127.0.0.1:1']);
  const { token } = decodeInvite(code);
  await membership.redeem(token, { spki, ecdh: new Uint8Array(agreement.getPublicKey()), name });
  return { spki, key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

import { createHash } from 'node:crypto';
import { decodeManifest, verifyManifestBy, type Manifest } from '../../chunk/manifest.js';
import { decodeReceipt, verifyReceiptBy } from '../../chunk/receipt.js';
import { decodeRelease, verifyReleaseBy } from '../../chunk/release.js';
import type { SealedInfo } from '../../chunk/sealedInfo.js';
import { signerKey, type SignerKey } from '../../chunk/signed.js';
import { decodeTombstone, verifyTombstoneBy } from '../../chunk/tombstone.js';
import { toHex } from '../../common/bytes.js';
import { PeerError } from '../../common/errors.js';
import { newReceipt, newRelease, newShare, newTombstone } from '../../store/facts.js';
import type { Fact, LogKind, ShareName } from '../../store/store.js';
import { syncLimits } from '../limits.js';
import type { Membership } from '../membership/membership.js';

/** An entry of a log as it travels. */
export interface Entry {
  readonly kind: LogKind;
  readonly bytes: Uint8Array;
}

const { checkedAtOnce } = syncLimits;

/** Checks what comes from others, signature by signature, before the store sees it. */
export class Intake {
  /** By node id; an id is the hash of its key, so that what is kept stays true. */
  readonly #keys = new Map<string, SignerKey | null>();

  constructor(
    private readonly membership: Membership,
    private readonly unseal: (manifest: Manifest) => SealedInfo | null,
  ) {}

  /** The entries that hold, in order; of the others the reasons. Gives way to the event loop. */
  async check(
    entries: readonly (Entry & { readonly id: string })[],
  ): Promise<{ readonly facts: readonly Fact[]; readonly refused: readonly string[] }> {
    const facts: Fact[] = [];
    const refused: string[] = [];
    const settle = async (batch: readonly Promise<Fact | string>[]): Promise<void> => {
      for (const outcome of await Promise.all(batch)) {
        if (typeof outcome === 'string') refused.push(outcome);
        else facts.push(outcome);
      }
    };
    let running: readonly Promise<Fact | string>[] = [];
    for (let at = 0; at < entries.length; at += checkedAtOnce) {
      // Decoded here while the pool computes what was decoded before.
      const next = entries
        .slice(at, at + checkedAtOnce)
        .map((entry) =>
          this.#fact(entry).catch(
            (error: unknown) => `${entry.kind}: ${PeerError.from(error).message}`,
          ),
        );
      await settle(running);
      running = next;
    }
    await settle(running);
    return { facts, refused };
  }

  /** @throws PeerError why it does not hold. */
  async manifest(bytes: Uint8Array): Promise<Fact> {
    return await this.#manifest({ id: entryId(bytes), bytes });
  }

  async #fact({ kind, id, bytes }: Entry & { readonly id: string }): Promise<Fact> {
    if (kind === 'manifest') return await this.#manifest({ id, bytes });
    if (kind === 'release') return await this.#release({ id, bytes });
    if (kind === 'tombstone') return await this.#tombstone({ id, bytes });
    const receipt = decodeReceipt(bytes);
    const key = this.#keyOf(toHex(receipt.holderId), receipt.groupId);
    if (key === null || !(await verifyReceiptBy(bytes, receipt, key))) {
      throw new PeerError('not-trusted', 'A receipt that no member signed.');
    }
    return { kind: 'receipt', id, bytes, receipt: newReceipt(receipt) };
  }

  async #release({ id, bytes }: { id: string; bytes: Uint8Array }): Promise<Fact> {
    const release = decodeRelease(bytes);
    const key = this.#keyOf(toHex(release.holderId), release.groupId);
    if (key === null || !(await verifyReleaseBy(bytes, release, key))) {
      throw new PeerError('not-trusted', 'A release that no member signed.');
    }
    return { kind: 'release', id, bytes, release: newRelease(release) };
  }

  async #manifest({ id, bytes }: { id: string; bytes: Uint8Array }): Promise<Fact> {
    const manifest = decodeManifest(bytes);
    const key = this.#keyOf(toHex(manifest.authorId), manifest.groupId);
    if (key === null || !(await verifyManifestBy(bytes, manifest, key))) {
      throw new PeerError('not-trusted', 'A manifest that no member signed.');
    }
    const info = this.unseal(manifest);
    return {
      ...{ kind: 'manifest', id, bytes },
      share: newShare(manifest, info === null ? null : shareName(info)),
    };
  }

  /**
   * Judged when it arrives: an author’s carries the proof that the share is his, so that no manifest has to be known; of
   * all others only an admin’s counts.
   */
  async #tombstone({ id, bytes }: { id: string; bytes: Uint8Array }): Promise<Fact> {
    const tombstone = decodeTombstone(bytes);
    const signerId = toHex(tombstone.signerId);
    const key = this.#keyOf(signerId, tombstone.groupId);
    if (key === null || !(await verifyTombstoneBy(bytes, tombstone, key))) {
      throw new PeerError('not-trusted', 'A tombstone that no member signed.');
    }
    if (tombstone.random === null && this.membership.member(signerId)?.role !== 'admin') {
      throw new PeerError('not-trusted', 'A tombstone of neither author nor admin.');
    }
    return { kind: 'tombstone', id, bytes, tombstone: newTombstone(tombstone) };
  }

  /**
   * Null for strangers. What former members signed is taken: their shares stay, and whether their word as a holder
   * counts may change once more. What lists a share of theirs is not theirs: see `StateStore.take`.
   */
  #keyOf(nodeId: string, groupId: Uint8Array): SignerKey | null {
    const spki = this.membership.keyOf(nodeId);
    if (spki === undefined || toHex(groupId) !== this.membership.groupId) return null;
    let key = this.#keys.get(nodeId);
    if (key === undefined) {
      key = signerKey(spki);
      this.#keys.set(nodeId, key);
    }
    return key;
  }
}

/** SHA-256 of an entry, hex. */
export function entryId(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function shareName({ name, kind, totalSize, sha256 }: SealedInfo): ShareName {
  return { name, kind, size: totalSize, sha256: toHex(sha256) };
}

import assert from 'node:assert/strict';
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { decode, encode } from 'cborg';
import fc from 'fast-check';
import { geometryFor } from '../../src/chunk/geometry.js';
import {
  decodeManifest,
  encodeManifest,
  signManifest,
  verifyManifest,
  type Manifest,
} from '../../src/chunk/manifest.js';
import {
  openInfo,
  sealInfo,
  SEALED_INFO_SIZE,
  type SealedInfo,
} from '../../src/chunk/sealedInfo.js';
import { newShareId } from '../../src/chunk/shareId.js';
import { counting, forEachFlip, noise, sha256Hex, throwsCode } from './expect.js';
import { newSigner } from './signers.js';

const author = newSigner();
const stranger = newSigner();
const groupId = counting(32, 1);
const epochKey = counting(32, 99);

const info: SealedInfo = {
  contentKey: counting(32, 7),
  size: 5_000_120,
  treeOffset: 5_000_000,
  treeLength: 120,
  treeDigest: counting(32, 8),
  name: '報告書 最終版.pdf',
  kind: 'file',
  entries: 1,
  totalSize: 5_000_000,
  sha256: counting(32, 9),
};

function unsealed(k: number, m: number, size = info.size): Omit<Manifest, 'sealed'> {
  const { shareId, random } = newShareId(groupId, author.id);
  return {
    shareId,
    groupId,
    authorId: author.id,
    random,
    geometry: geometryFor(size, k, m),
    roots: Array.from({ length: k === 1 ? 1 : k + m }, (_, shard) => noise(32, shard)),
    epoch: counting(32, 3),
    salt: counting(16, 4),
    createdAt: 1_790_000_000_000,
    lineage: counting(16, 5),
    predecessor: null,
  };
}

function manifestOf(k: number, m: number): Manifest {
  const open = unsealed(k, m);
  return { ...open, sealed: sealInfo(info, open, epochKey) };
}

/** Fixed in every field, so that its bytes are. */
const golden: Manifest = {
  shareId: Buffer.from('e13fdc3f8258a72c697ff6b3e06c9249', 'hex'),
  groupId: counting(32),
  authorId: counting(32, 32),
  random: counting(16),
  geometry: geometryFor(5_000_120, 2, 1),
  roots: [counting(32, 64), counting(32, 96), counting(32, 128)],
  epoch: counting(32, 160),
  salt: counting(16, 192),
  createdAt: 1_790_000_000_000,
  lineage: counting(16, 208),
  predecessor: counting(16, 224),
  sealed: noise(SEALED_INFO_SIZE),
};

describe('manifest', () => {
  it('keeps the bytes of format version 1', () => {
    const body = encodeManifest(golden);
    assert.equal(
      Buffer.from(body).toString('hex', 0, 40),
      'ad6176016261741b000001a0c4506c00647072657650e0e1e2e3e4e5e6e7e8e9eaebecedeeef6473',
    );
    assert.equal(body.byteLength, 1159);
    assert.equal(
      sha256Hex(body),
      'f090800c371ba94fb225668e8d255236f2379867fcba0ef16e694e19c8db0c43',
    );
  });

  it('round-trips for any k and m, and stays small', () => {
    const pairs = fc.tuple(fc.integer({ min: 1, max: 255 }), fc.nat(254));
    fc.assert(
      fc.property(
        pairs,
        fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 })),
        ([k, m], prev) => {
          fc.pre(k + m <= 255);
          const manifest = { ...manifestOf(k, m), predecessor: prev };
          const wire = signManifest(manifest, author.sign);
          assert.ok(wire.byteLength < 10_000);
          assert.deepEqual(decodeManifest(wire), manifest);
          assert.ok(verifyManifest(wire, author.publicKey));
          assert.deepEqual(openInfo(decodeManifest(wire), epochKey), info);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has one size, whatever the share is called and holds', () => {
    const sizes = new Set<number>();
    for (const [name, size] of [
      ['a', 0],
      ['語'.repeat(85), 2 ** 40],
      ['x'.repeat(255), 77],
    ] as const) {
      const open = unsealed(2, 2, size + 100);
      const stream = { size: size + 100, treeOffset: size, treeLength: 100, totalSize: size };
      const sealed = sealInfo({ ...info, ...stream, name }, open, epochKey);
      sizes.add(sealed.byteLength);
      assert.equal(openInfo({ ...open, sealed }, epochKey).name, name);
    }
    assert.deepEqual([...sizes], [SEALED_INFO_SIZE]);
  });

  it('is believed when its author signed it, and from nobody else', () => {
    const wire = signManifest(manifestOf(2, 2), author.sign);
    assert.ok(verifyManifest(wire, author.publicKey));
    assert.ok(verifyManifest(wire, author.spki));
    assert.ok(!verifyManifest(wire, stranger.publicKey));
    assert.ok(!verifyManifest(wire, noise(91)));
    assert.ok(!verifyManifest(signManifest(manifestOf(2, 2), stranger.sign), author.spki));
    assert.ok(!verifyManifest(signManifest(manifestOf(2, 2), stranger.sign), stranger.spki));
  });

  it('does not survive a changed byte', () => {
    const wire = signManifest(manifestOf(2, 1), author.sign);
    forEachFlip(
      wire,
      (at) => {
        let believed: boolean;
        try {
          believed = verifyManifest(wire, author.publicKey);
        } catch {
          believed = false;
        }
        assert.ok(!believed, `byte ${at}`);
      },
      3,
    );
  });

  it('has one valid form: the mirrored signature is refused', () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const mirror = (signature: Uint8Array): Uint8Array => {
      const s = order - BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
      const hex = s.toString(16).padStart(64, '0');
      return Buffer.concat([signature.subarray(0, 32), Buffer.from(hex, 'hex')]);
    };
    const manifest = manifestOf(2, 1);
    const wire = signManifest(manifest, (data) => mirror(author.sign(data)));
    assert.ok(verifyManifest(wire, author.spki), 'signing takes either');
    const tail = wire.byteLength - 64;
    wire.set(mirror(wire.slice(tail)), tail);
    assert.ok(!verifyManifest(wire, author.spki), 'reading takes the lower');
  });

  it('refuses garbage, additions and other encodings', () => {
    const manifest = manifestOf(2, 1);
    const wire = signManifest(manifest, author.sign);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        throwsCode(() => decodeManifest(bytes), 'protocol', 'limit');
      }),
    );
    throwsCode(() => decodeManifest(new Uint8Array(70_000)), 'limit');
    throwsCode(() => decodeManifest(new Uint8Array(60_000).fill(0x81)), 'protocol');
    throwsCode(() => decodeManifest(Buffer.concat([wire, Buffer.of(0)])), 'protocol');
    throwsCode(() => decodeManifest(wire.subarray(0, -1)), 'protocol');
    throwsCode(() => decodeManifest(encode([encode({ v: 1 }), new Uint8Array(64)])), 'protocol');
    // 0x98 0x02: an array of two whose length takes a byte more than it needs.
    throwsCode(
      () => decodeManifest(Buffer.concat([Buffer.of(0x98, 2), wire.subarray(1)])),
      'protocol',
    );
  });

  it('refuses to say what makes no sense', () => {
    const manifest = manifestOf(2, 1);
    const refused: Partial<Manifest>[] = [
      { roots: manifest.roots.slice(1) },
      { roots: [] },
      { authorId: counting(32) },
      { shareId: counting(16) },
      { random: counting(15) },
      { createdAt: -1 },
      { createdAt: 0.5 },
      { sealed: new Uint8Array(10) },
      { geometry: { ...manifest.geometry, lastQ: 0 } },
      { geometry: { ...manifest.geometry, k: 1 } },
    ];
    for (const change of refused) {
      throwsCode(() => encodeManifest({ ...manifest, ...change }), 'protocol', 'limit');
    }
  });
});

describe('sealed part of a manifest', () => {
  it('opens with its key, for its share only', () => {
    const manifest = manifestOf(3, 3);
    assert.deepEqual(openInfo(manifest, epochKey), info);
    throwsCode(() => openInfo(manifest, counting(32)), 'integrity');
    throwsCode(() => openInfo({ ...manifest, salt: counting(16) }, epochKey), 'integrity');
    throwsCode(() => openInfo({ ...manifest, shareId: counting(16) }, epochKey), 'integrity');
    throwsCode(() => openInfo({ ...manifest, authorId: counting(32) }, epochKey), 'integrity');
    throwsCode(() => openInfo({ ...manifest, groupId: counting(32) }, epochKey), 'integrity');
    forEachFlip(manifest.sealed, () => {
      throwsCode(() => openInfo(manifest, epochKey), 'integrity');
    });
  });

  it('is sealed as FORMAT.md says', () => {
    const { shareId, salt, authorId, sealed } = manifestOf(2, 2);
    const extract = Buffer.concat([shareId, salt]);
    const key = hkdfSync('sha256', epochKey, extract, 'chunk-partitioner/1/seal-key\0', 32);
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key), sealed.subarray(0, 12));
    decipher.setAAD(Buffer.concat([shareId, groupId, authorId]));
    decipher.setAuthTag(sealed.subarray(752));
    const plain = Buffer.concat([decipher.update(sealed.subarray(12, 752)), decipher.final()]);
    const length = plain.readUInt16LE(0);
    assert.deepEqual(decode(plain.subarray(2, 2 + length)), {
      v: 1,
      key: info.contentKey,
      size: info.size,
      treeAt: info.treeOffset,
      treeSize: info.treeLength,
      tree: info.treeDigest,
      name: info.name,
      kind: 'file',
      entries: 1,
      total: info.totalSize,
      sha: info.sha256,
    });
    assert.ok(plain.subarray(2 + length).every((byte) => byte === 0));
  });

  it('shows nothing of the name', () => {
    const { sealed } = manifestOf(2, 2);
    assert.equal(Buffer.from(sealed).indexOf(Buffer.from(info.name)), -1);
    assert.notDeepEqual(manifestOf(2, 2).sealed, sealed);
  });

  it('refuses what contradicts itself or the geometry', () => {
    const open = unsealed(2, 2);
    const refused: Partial<SealedInfo>[] = [
      { name: '../evil' },
      { name: '' },
      { name: 'x'.repeat(256) },
      { size: info.size + 1 },
      { treeOffset: info.size, treeLength: 0, totalSize: info.size },
      { treeOffset: info.treeOffset - 1 },
      { totalSize: 1 },
      { size: 120, treeOffset: 0, totalSize: 0 },
      { entries: 0 },
      { contentKey: counting(31) },
      { sha256: counting(0) },
    ];
    for (const change of refused) {
      throwsCode(() => sealInfo({ ...info, ...change }, open, epochKey), 'protocol');
    }
    const manifest = manifestOf(2, 2);
    const geometry = { ...manifest.geometry, segments: manifest.geometry.segments + 1 };
    throwsCode(() => openInfo({ ...manifest, geometry }, epochKey), 'protocol');
  });
});

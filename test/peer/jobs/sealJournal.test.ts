import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { journalled, SealJournal } from '../../../src/peer/jobs/sealJournal.js';
import { forEachFlip, noise } from '../../chunk/expect.js';

const shareId = noise(16);
const owner = { dev: 3n, ino: 2n ** 63n + 5n, birthtimeNs: 1_700_000_000_000_000_001n };
const part = '/home/ümit/.report.pdf.1a2b3c4d.part';
const seals = [0, 7, 2 ** 31].map((segment) => [segment, noise(28, segment)] as const);

describe('SealJournal', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'seal-journal-'));
    file = path.join(folder, 'a.seals');
    const journal = SealJournal.create(file, shareId, part);
    journal.setOwner(owner);
    for (const [segment, seal] of seals) journal.add(segment, seal);
    journal.close();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** What is in it; null when it is not taken. */
  function read(id = shareId, of = owner): (readonly [number, Uint8Array])[] | null {
    const journal = SealJournal.resume(file, id, of);
    journal?.close();
    return journal && [...journal.seals];
  }

  it('gives back what was added, also in a later run, and is added to', () => {
    assert.deepEqual(read(), seals);
    const again = SealJournal.resume(file, shareId, owner);
    again?.add(9, noise(28, 9));
    again?.close();
    assert.deepEqual(read(), [...seals, [9, noise(28, 9)]]);
    assert.deepEqual(journalled(file, shareId), { owner, part });
    assert.deepEqual(journalled(file, null), { owner, part });
  });

  it('is about one share and one file', () => {
    assert.equal(read(noise(16, 2)), null);
    assert.equal(read(shareId, { ...owner, ino: 5n }), null);
    assert.equal(read(shareId, { ...owner, birthtimeNs: 5n }), null);
    assert.equal(journalled(file, noise(16, 2)), null);
    rmSync(file);
    assert.equal(read(), null);
  });

  it('loses its end when it was cut off, and goes on behind what is whole', () => {
    appendFileSync(file, noise(20));
    const journal = SealJournal.resume(file, shareId, owner);
    journal?.add(9, noise(28, 9));
    journal?.close();
    assert.deepEqual(read(), [...seals, [9, noise(28, 9)]]);
  });

  it('never gives what was not added, whichever bit is wrong', () => {
    const bytes = new Uint8Array(readFileSync(file));
    forEachFlip(bytes, () => {
      writeFileSync(file, bytes);
      const found = read();
      assert.ok(found === null || found.length < seals.length);
      for (const [index, pair] of (found ?? []).entries()) assert.deepEqual(pair, seals[index]);
    });
  });

  it('takes a new one in place of any that is there', () => {
    SealJournal.create(file, shareId, part).close();
    assert.equal(read(), null);
    assert.deepEqual(journalled(file, shareId), { owner: null, part });
    assert.deepEqual(read(shareId, { dev: 0n, ino: 0n, birthtimeNs: 0n }), [], 'as a share has it');
  });
});

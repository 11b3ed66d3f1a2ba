import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { PeerError } from '../../../src/common/errors.js';
import { OwnFolder } from '../../../src/peer/jobs/ownFolder.js';
import { PeerFixture } from '../support/peerFixture.js';

describe('OwnFolder', () => {
  let fixture: PeerFixture;
  let at: string;
  let outside: string;
  let folder: OwnFolder;
  before(() => {
    fixture = new PeerFixture();
  });
  beforeEach(() => {
    const above = fixture.folder();
    at = path.join(above, 'own');
    outside = path.join(above, 'outside');
    mkdirSync(outside);
    folder = OwnFolder.make(at);
  });
  afterEach(() => {
    folder.close(false);
  });
  after(() => fixture.remove());

  it('is its user’s alone until it is told otherwise, and refuses what exists', () => {
    if (process.platform !== 'win32') {
      assert.equal(statSync(at).mode & 0o777, 0o700);
      folder.setMode(folder.allowed);
      assert.equal(statSync(at).mode & 0o777, statSync(outside).mode & 0o777);
    }
    assert.throws(() => OwnFolder.make(at), /EEXIST/);
  });

  it('is removed with what is in it', () => {
    writeFileSync(path.join(folder.path, 'file'), 'x');
    assert.deepEqual(readdirSync(at), ['file']);
    folder.close(false);
    folder.close(false);
    assert.equal(existsSync(at), false);
  });

  it('is not what takes its name: nothing is written there, and nothing removed', () => {
    writeFileSync(path.join(outside, 'precious'), 'x');
    const moved = `${at} moved`;
    renameSync(at, moved);
    symlinkSync(outside, at);
    const isDisk = (error: unknown): boolean => PeerError.is(error, 'disk');
    assert.throws(() => {
      folder.check();
    }, isDisk);
    if (process.platform === 'linux') {
      writeFileSync(path.join(folder.path, 'file'), 'x');
      assert.deepEqual(readdirSync(moved), ['file']);
    } else assert.throws(() => folder.path, isDisk);
    folder.close(false);
    assert.deepEqual(readdirSync(outside), ['precious']);
  });
});

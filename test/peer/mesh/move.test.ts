import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import { silentLogger } from '../../../src/common/logger.js';
import { loadOrCreateIdentity } from '../../../src/net/identity.js';
import { TlsTransport } from '../../../src/net/tls.js';
import { Membership } from '../../../src/peer/membership/membership.js';
import { AddressBook } from '../../../src/peer/mesh/addressBook.js';
import { Mesh } from '../../../src/peer/mesh/mesh.js';
import { PeerFixture } from '../support/peerFixture.js';
import { rejects } from '../support/rejects.js';

describe('a mesh that is to listen elsewhere', () => {
  let fixture: PeerFixture;
  let folder: string;
  let mesh: Mesh;
  before(async () => {
    fixture = new PeerFixture();
    folder = await mkdtemp(path.join(tmpdir(), 'chunk-partitioner-move-'));
    const identity = await loadOrCreateIdentity(folder);
    const { state } = await fixture.store();
    mesh = new Mesh({
      transport: new TlsTransport(identity, silentLogger),
      membership: await Membership.load(identity, state, silentLogger),
      addressBook: await AddressBook.load(state),
      logger: silentLogger,
      handler: () => Promise.reject(new Error('nobody asks here')),
      stays: () => false,
      configured: () => [],
    });
    await mesh.start('127.0.0.1:0');
  });
  after(async () => {
    mesh.dispose();
    await fixture.remove();
    await rm(folder, { recursive: true });
  });

  it('takes the same port on another host at once', async () => {
    const port = mesh.listening.slice(mesh.listening.lastIndexOf(':'));
    assert.equal(await mesh.move(`127.0.0.2${port}`), `127.0.0.2${port}`);
    assert.equal(mesh.listening, `127.0.0.2${port}`);
  });

  it('stays where it was when the new port is taken', async () => {
    const before = mesh.listening;
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await rejects('in-use', () => mesh.move(`127.0.0.1:${String(port)}`));
    assert.equal(mesh.listening, before);
    other.close();
  });
});

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'mocha';
import {
  endpointPath,
  proofOf,
  readEndpoint,
  removeEndpoint,
  sameProof,
  writeEndpoint,
} from '../../src/control/endpoint.js';
import { PeerError } from '../../src/common/errors.js';

describe('control endpoint', () => {
  const secret = 'ab'.repeat(32);
  const temporary = process.env['TMPDIR'];
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'endpoint-'));
  });
  afterEach(() => {
    if (temporary === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = temporary;
    rmSync(folder, { recursive: true, force: true });
  });

  it('is written for this user only, and read back', () => {
    const endpoint = { endpoint: '/x.sock', pid: 7, secret };
    writeEndpoint(folder, endpoint);
    assert.deepEqual(readEndpoint(folder), endpoint);
    if (process.platform !== 'win32') {
      assert.equal(statSync(path.join(folder, 'control.json')).mode & 0o777, 0o600);
    }
  });

  it('is removed by the process that wrote it, not by another', () => {
    writeEndpoint(folder, { endpoint: '/x.sock', pid: 7, secret });
    removeEndpoint(folder, 8);
    assert.notEqual(readEndpoint(folder), null);
    removeEndpoint(folder, 7);
    removeEndpoint(folder, 7);
    assert.equal(readEndpoint(folder), null);
  });

  it('counts as absent when it is garbage', () => {
    const good = { endpoint: '/x', pid: 7, secret };
    const bad = [
      '',
      '{',
      'null',
      '[]',
      ...[
        { pid: -1 },
        { pid: 'x' },
        { secret: 'short' },
        { endpoint: '' },
        { endpoint: 'x'.repeat(999) },
      ].map((change) => JSON.stringify({ ...good, ...change })),
    ];
    for (const text of bad) {
      writeFileSync(path.join(folder, 'control.json'), text);
      assert.equal(readEndpoint(folder), null, text);
    }
    assert.equal(readEndpoint(path.join(folder, 'nowhere')), null);
  });

  it('proves the secret, the side and both nonces', () => {
    const proof = proofOf('client', secret, 'a1', 'b2');
    assert.ok(sameProof(proof, proofOf('client', secret, 'a1', 'b2')));
    const others = [
      proofOf('server', secret, 'a1', 'b2'),
      proofOf('client', 'cd'.repeat(32), 'a1', 'b2'),
      proofOf('client', secret, 'a2', 'b2'),
      proofOf('client', secret, 'a1', 'b3'),
      '',
      proof.slice(1),
    ];
    assert.ok(others.every((other) => !sameProof(proof, other)));
  });

  it('is a pipe on Windows whose name nobody knows before', () => {
    const [one, other] = [endpointPath(folder, 'win32'), endpointPath(folder, 'win32')];
    assert.match(one, /^\\\\\.\\pipe\\chunk-partitioner-[0-9a-f]{32}$/);
    assert.notEqual(one, other);
  });

  if (process.platform !== 'win32') {
    const long = (): string => path.join(folder, 'd'.repeat(120));

    it('keeps to what a socket path may be', () => {
      process.env['TMPDIR'] = folder;
      assert.equal(endpointPath(folder), path.join(folder, 'control.sock'));
      const short = endpointPath(long());
      assert.ok(Buffer.byteLength(short) < 104);
      assert.notEqual(endpointPath(`${long()}e`), short);
      assert.equal(statSync(path.dirname(short)).mode & 0o777, 0o700);
    });

    it('does not put its socket into a folder that others may write to, or a link', () => {
      process.env['TMPDIR'] = folder;
      const own = path.dirname(endpointPath(long()));
      chmodSync(own, 0o777);
      const refused = (error: unknown): boolean => PeerError.is(error, 'not-trusted');
      assert.throws(() => endpointPath(long()), refused);
      rmSync(own, { recursive: true });
      const elsewhere = mkdtempSync(path.join(folder, 'elsewhere-'));
      symlinkSync(elsewhere, own);
      assert.throws(() => endpointPath(long()), refused);
    });
  }
});

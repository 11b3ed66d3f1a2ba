import assert from 'node:assert/strict';
import { PeerError } from '../../src/common/errors.js';
import { formatAddress, parseAddress } from '../../src/net/address.js';

describe('addresses', () => {
  it('are read and written', () => {
    const good = [
      '192.0.2.7:41700',
      'nas.local:1',
      'localhost:0',
      '[2001:db8::7]:65535',
      '[::1]:80',
    ];
    for (const text of good) {
      const { host, port } = parseAddress(text);
      assert.equal(formatAddress(host, port), text);
    }
    assert.deepEqual(parseAddress(' [::1]:80 '), { host: '::1', port: 80 });
  });

  it('that are none are refused', () => {
    const bad = [
      '',
      'host',
      'host:',
      ':1',
      'host:65536',
      'host:-1',
      'host:1x',
      '::1:80',
      '[::1]',
      '[x]:1',
    ];
    const hostile = [
      'a b:1',
      'http://host:1',
      'user@host:1',
      'host:1/x',
      '[::1\u0000]:1',
      `${'a'.repeat(300)}:1`,
    ];
    for (const text of [...bad, ...hostile]) {
      assert.throws(
        () => parseAddress(text),
        (error) => PeerError.is(error, 'usage') && error.hint !== undefined,
        text,
      );
    }
  });
});

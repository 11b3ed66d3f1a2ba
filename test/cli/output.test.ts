import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { Output } from '../../src/cli/output.js';

describe('output that is long', () => {
  const outputTo = (stdout: PassThrough, json = false): Output =>
    new Output({ json, stdout, stderr: new PassThrough(), env: {} });
  const never = new AbortController().signal;

  it('waits for a reader that is slower, and for nobody who has gone or was told to stop', async () => {
    for (const end of ['drain', 'close', 'abort'] as const) {
      const stdout = new PassThrough({ highWaterMark: 10 });
      const output = outputTo(stdout);
      await output.drained(never);
      output.lines(['a line that is too long for the buffer', 'another']);
      assert.ok(stdout.writableNeedDrain);
      const stop = new AbortController();
      let waited = false;
      const drained = output.drained(stop.signal).then(() => (waited = true));
      await new Promise(setImmediate);
      assert.equal(waited, false);
      if (end === 'drain') {
        stdout.resume();
        await once(stdout, 'drain');
      } else if (end === 'close') stdout.destroy();
      else stop.abort();
      await drained;
      assert.equal(stdout.listenerCount('drain'), 0);
      stdout.destroy();
    }
  });

  it('writes many events at once, a line each', () => {
    const stdout = new PassThrough();
    const output = outputTo(stdout, true);
    output.events('share', [{ a: 1 }, { a: 2 }]);
    output.events('share', []);
    output.lines(['for people']);
    assert.equal(String(stdout.read()), '{"event":"share","a":1}\n{"event":"share","a":2}\n');
  });
});

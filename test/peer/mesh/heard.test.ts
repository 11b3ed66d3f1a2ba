import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Heard } from '../../../src/peer/mesh/heard.js';
import { VirtualTime } from '../../support/virtualTime.js';

describe('Heard', () => {
  it('hands out each address once, newest first, and few of one member', () => {
    const heard = new Heard(new VirtualTime());
    for (const address of ['a:1', 'b:1', 'c:1']) assert.ok(heard.add('anna', address));
    assert.deepEqual(
      [heard.take('anna'), heard.take('anna'), heard.take('anna')],
      ['c:1', 'b:1', undefined],
    );
    assert.equal(heard.take('bert'), undefined);
    assert.ok(heard.add('bert', 'a:1'));
    heard.forget('bert');
    assert.equal(heard.take('bert'), undefined);
  });

  it('does not take the same again for a while', () => {
    const time = new VirtualTime();
    const heard = new Heard(time);
    assert.ok(heard.add('anna', 'a:1'));
    assert.ok(!heard.add('anna', 'a:1'));
    time.jump(30_000);
    assert.ok(heard.add('anna', 'a:1'));
    heard.reset();
    assert.ok(heard.add('anna', 'a:1'));
  });

  it('takes no more in ten minutes of flood than its budget', () => {
    const time = new VirtualTime();
    const heard = new Heard(time);
    let taken = 0;
    for (let i = 0; i < 60_000; i++) {
      if (heard.add(`member ${String(i % 20)}`, `10.0.0.1:${String(i)}`)) taken += 1;
      time.jump(10);
    }
    assert.ok(taken >= 300 && taken <= 331, String(taken));
  });
});

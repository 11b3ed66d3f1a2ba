import assert from 'node:assert/strict';
import { OutputGate } from '../../src/net/outputGate.js';

describe('output gate', () => {
  it('lets through while there is room, then one after the other', async () => {
    let buffered = 0;
    const gate = new OutputGate(() => buffered, 100);
    const order: string[] = [];
    const first = await gate.reserve(60);
    const second = gate.reserve(60).then((release) => {
      order.push('second');
      return release;
    });
    const third = gate.ready().then(() => order.push('third'));
    await Promise.resolve();
    assert.deepEqual(order, []);
    buffered = 60;
    first();
    first();
    await Promise.resolve();
    assert.deepEqual(order, []);
    buffered = 0;
    gate.wake();
    (await second)();
    await third;
    assert.deepEqual(order, ['second', 'third']);
  });

  it('lets a frame larger than the mark through when nothing waits', async () => {
    const gate = new OutputGate(() => 0, 100);
    (await gate.reserve(1000))();
    assert.ok(gate.hasRoom(10));
  });

  it('lets go of one who gives up, and of all in the end', async () => {
    const gate = new OutputGate(() => 200, 100);
    const controller = new AbortController();
    const left = gate.reserve(10, controller.signal);
    const stays = gate.ready();
    controller.abort();
    (await left)();
    assert.ok(!gate.hasRoom());
    gate.open();
    await stays;
    await gate.ready();
  });
});

import assert from 'node:assert/strict';
import { mostRows, readPageMessage, type PageMessage } from '../../../src/vscode/peek/messages.js';
import { Asker } from '../../../src/vscode/pages/peek/asker.js';

describe('what the page of a peek asks for', () => {
  let sent: PageMessage[];
  let asker: Asker;
  beforeEach(() => {
    sent = [];
    asker = new Asker(
      (message) => sent.push(message),
      () => ({ mode: 'text', rows: 40 }),
      () => 7,
      () => undefined,
    );
  });
  afterEach(() => {
    asker.answered();
  });

  const step = (by: number): void => {
    asker.ask({ type: 'move', top: 0, by });
  };

  it('is one screen at a time, with the steps added up that are taken meanwhile', () => {
    for (const by of [1, 2, 3]) step(by);
    assert.equal(sent.length, 1);
    asker.answered();
    assert.deepEqual(sent[1], { type: 'move', mode: 'text', rows: 40, top: 7, by: 5 });
  });

  it('is never further than the extension goes, however long a key is held down', () => {
    step(-1e9);
    for (let count = 0; count < 600; count += 1) step(39);
    asker.answered();
    assert.deepEqual(
      sent.map((message) => readPageMessage(message)),
      sent,
    );
    assert.deepEqual(
      sent.map((message) => message.type === 'move' && message.by),
      [-mostRows, mostRows],
    );
  });
});

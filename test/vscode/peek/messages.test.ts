import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mostRows, readHostMessage, readPageMessage } from '../../../src/vscode/peek/messages.js';
import { parseLine, parseOffset } from '../../../src/vscode/peek/place.js';

const look = { mode: 'text', rows: 40 } as const;

describe('what the page of a peek says', () => {
  it('is taken when it is right', () => {
    const right = [
      { type: 'ready' },
      { type: 'cancel' },
      { type: 'show', ...look, at: 0 },
      { type: 'move', ...look, top: 5, by: -3 },
      { type: 'tail', ...look },
      { type: 'go', ...look, to: 'line', text: '12' },
      { type: 'find', ...look, text: 'x', from: 3, bytes: false, matchCase: true },
    ];
    for (const message of right) assert.deepEqual(readPageMessage(message), message);
  });

  it('is left alone when it is wrong, whatever it is', () => {
    const wrong = [
      null,
      'show',
      { type: 'show', ...look, at: -1 },
      { type: 'show', ...look, at: 2 ** 60 },
      { type: 'show', mode: 'html', rows: 4, at: 0 },
      { type: 'show', mode: 'text', rows: 'many', at: 0 },
      { type: 'move', ...look, top: 0, by: 1e9 },
      { type: 'go', ...look, to: 'heaven', text: '1' },
      { type: 'find', ...look, text: 'x'.repeat(9000), from: 0 },
      { type: 'run', ...look, command: 'x' },
    ];
    for (const message of wrong) assert.equal(readPageMessage(message), undefined);
    fc.assert(
      fc.property(fc.anything(), (value) => {
        readPageMessage(value);
        readHostMessage(value);
      }),
    );
  });

  it('asks for no more rows than a screen has', () => {
    const message = readPageMessage({ type: 'tail', mode: 'hex', rows: 1e9 });
    assert.deepEqual(message, { type: 'tail', mode: 'hex', rows: mostRows });
  });
});

describe('places as people write them', () => {
  it('are offsets within the file', () => {
    const size = 1_000_000;
    const offsets = {
      '0': 0,
      '4096': 4096,
      '1,000': 1000,
      '0x10': 16,
      '50%': 500_000,
      '100%': size - 1,
      '-1': size - 1,
      '-9999999': 0,
      '999999999999': size - 1,
      '12.5 %': 125_000,
    };
    for (const [text, offset] of Object.entries(offsets)) {
      assert.equal(parseOffset(text, size), offset, text);
    }
    assert.equal(parseOffset('50%', 0), 0);
    for (const bad of ['', 'x', '1e9', '0x', '--1', '1.5', '5%%', '9'.repeat(40)]) {
      assert.equal(parseOffset(bad, size), undefined, bad);
    }
  });

  it('are lines from 1 on', () => {
    assert.equal(parseLine('1,200'), 1200);
    assert.equal(parseLine(':7'), 7);
    for (const bad of ['0', '-3', '', 'x']) assert.equal(parseLine(bad), undefined, bad);
  });
});

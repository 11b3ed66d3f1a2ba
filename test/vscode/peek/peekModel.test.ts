import assert from 'node:assert/strict';
import { blockSize } from '../../../src/vscode/peek/blocks.js';
import type { PeekRow } from '../../../src/vscode/peek/messages.js';
import { PeekModel } from '../../../src/vscode/peek/peekModel.js';
import type { RangeSource } from '../../../src/vscode/peek/rangeSource.js';
import { bytesPattern, textPattern } from '../../../src/vscode/peek/search.js';
import { longestRow } from '../../../src/vscode/peek/textRows.js';

const never = new AbortController().signal;

/** Counts what is read, and holds no file: bytes are made where they are asked for. */
class MadeSource implements RangeSource {
  read = (offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> => {
    signal.throwIfAborted();
    this.bytesRead += length;
    return Promise.resolve(this.make(offset, Math.min(length, this.size - offset)));
  };
  bytesRead = 0;

  constructor(
    readonly size: number,
    private readonly make: (offset: number, length: number) => Uint8Array,
  ) {}
}

function sourceOf(content: string | Uint8Array): MadeSource {
  const bytes = Buffer.from(content as string);
  return new MadeSource(bytes.byteLength, (at, length) => bytes.subarray(at, at + length));
}

function modelOf(source: RangeSource): PeekModel {
  return new PeekModel(source, String);
}

const texts = (rows: readonly PeekRow[]): string[] =>
  rows.map(({ parts }) => parts.map(({ text }) => text).join(''));
const labels = (rows: readonly PeekRow[]): string[] => rows.map(({ label }) => label);

describe('PeekModel', () => {
  it('shows lines with their numbers, from the start on', async () => {
    const model = modelOf(sourceOf('one\ntwo\n\nfour'));
    const { rows, top, end } = await model.show('text', 0, 10, never);
    assert.deepEqual(texts(rows), ['one', 'two', '', 'four']);
    assert.deepEqual(labels(rows), ['1', '2', '3', '4']);
    assert.deepEqual([top, end], [0, 13]);
  });

  it('shows nothing of an empty file, in both ways, wherever it is asked for', async () => {
    const model = modelOf(sourceOf(''));
    for (const mode of ['text', 'hex'] as const) {
      for (const screen of [
        await model.show(mode, 0, 10, never),
        await model.tail(mode, 10, never),
        await model.move(mode, 0, 5, 10, never),
        await model.move(mode, 0, -5, 10, never),
      ]) {
        assert.deepEqual(screen, { rows: [], top: 0, end: 0 });
      }
    }
  });

  it('shows carriage returns, NULs and what is no UTF-8, and never an escape of the terminal or direction', async () => {
    const hostile = Buffer.concat([
      Buffer.from('a\r\n\0b\x1b[31m\tc\n'),
      Buffer.from([0xff, 0xc3, 0x0a]),
      Buffer.from('\u202etxt.exe\u200b<b>\n'),
    ]);
    const { rows } = await modelOf(sourceOf(hostile)).show('text', 0, 10, never);
    assert.deepEqual(texts(rows), ['a␍', '␀b␛[31m\tc', '��', '\\u{202e}txt.exe\\u{200b}<b>']);
  });

  it('cuts long lines between characters, and says where a line goes on', async () => {
    const line = 'ж'.repeat(2000);
    const { rows } = await modelOf(sourceOf(`x${line}\nnext`)).show('text', 0, 10, never);
    assert.equal(texts(rows).join('|').replaceAll('|', ''), `x${line}next`);
    assert.deepEqual(labels(rows), ['1', '', '', '', '2']);
    assert.ok(texts(rows).every((text) => !text.includes('�')));
  });

  it('keeps CRLF in one row where a long line ends', async () => {
    const { rows } = await modelOf(
      sourceOf(`${'y'.repeat(longestRow)}\r\n${'z'.repeat(longestRow - 1)}\r\nend`),
    ).show('text', 0, 10, never);
    assert.deepEqual(
      texts(rows).map((text) => text.length),
      [longestRow + 1, longestRow, 3],
    );
  });

  it('goes down and up again through the same rows', async () => {
    const lines = Array.from({ length: 5000 }, (_, line) =>
      line % 97 === 0 ? 'long '.repeat(700) : `line ${String(line)}`,
    );
    const model = modelOf(sourceOf(lines.join('\n')));
    const down: number[] = [0];
    let { top, end } = await model.show('text', 0, 40, never);
    while (end < model.size) {
      ({ top, end } = await model.move('text', top, 39, 40, never));
      down.push(top);
    }
    const up: number[] = [top];
    while (top > 0) {
      ({ top } = await model.move('text', top, -39, 40, never));
      up.unshift(top);
    }
    assert.deepEqual(up, down);
    assert.ok(down.length > 100);
  });

  it('shows the end of a file, and stays there', async () => {
    const content = Array.from({ length: 1000 }, (_, line) => `row ${String(line)}`).join('\n');
    const model = modelOf(sourceOf(content));
    const tail = await model.tail('text', 5, never);
    assert.deepEqual(texts(tail.rows), ['row 995', 'row 996', 'row 997', 'row 998', 'row 999']);
    assert.equal(tail.end, model.size);
    assert.deepEqual(texts((await model.move('text', tail.top, 99, 5, never)).rows), ['row 999']);
  });

  it('shows bytes sixteen in a row', async () => {
    const model = modelOf(sourceOf(Uint8Array.from({ length: 40 }, (_, at) => at + 0x30)));
    const { rows, top, end } = await model.show('hex', 20, 10, never);
    assert.deepEqual([top, end], [16, 40]);
    assert.deepEqual(labels(rows), ['00000010', '00000020']);
    assert.equal(texts(rows)[1], '50 51 52 53 54 55 56 57');
    assert.equal(rows[1]?.characters?.[0]?.text, 'PQRSTUVW');
    assert.equal((await model.tail('hex', 2, never)).top, 16);
  });

  it('reads no more of a huge file than what it shows', async () => {
    const size = 4 * 2 ** 40;
    const source = new MadeSource(size, (_at, length) => new Uint8Array(length).fill(0x61));
    const model = modelOf(source);
    const { rows, top } = await model.show('text', size / 2, 50, never);
    assert.equal(rows.length, 50);
    assert.equal(top, size / 2);
    assert.match(rows[0]?.label ?? '', /^20000000000$/);
    assert.ok(source.bytesRead <= 4 * blockSize, String(source.bytesRead));
    const before = source.bytesRead;
    await model.show('text', size / 2, 50, never);
    assert.equal(source.bytesRead, before);
    await model.move('text', top, -49, 50, never);
    assert.ok(source.bytesRead <= before + 4 * blockSize);
  });

  describe('finding', () => {
    const find = (model: PeekModel, text: string, from = 0, matchCase = true) =>
      model.find(textPattern(text, matchCase) ?? assert.fail(), from, never, () => undefined);

    it('marks what was found, in its surroundings', async () => {
      const model = modelOf(sourceOf('a\nb\nc\nd\nneedle in hay\ne\n'));
      const hit = (await find(model, 'needle')) ?? assert.fail();
      assert.deepEqual(hit, { start: 8, end: 14 });
      const { rows } = await model.showHit('text', hit, 10, never);
      assert.deepEqual(texts(rows), ['b', 'c', 'd', 'needle in hay', 'e']);
      assert.deepEqual(rows[3]?.parts, [
        { text: 'needle', hit: true },
        { text: ' in hay', hit: false },
      ]);
      const bytes = await model.showHit('hex', hit, 10, never);
      assert.deepEqual(
        bytes.rows[0]?.parts.map(({ text, hit: isHit }) => [text, isHit]),
        [
          ['61 0a 62 0a 63 0a 64 0a ', false],
          ['6e 65 65 64 6c 65 ', true],
          ['20 69', false],
        ],
      );
    });

    it('finds what lies across the parts that are read, and not what lies before', async () => {
      for (const at of [blockSize - 3, 16 * blockSize - 3, 16 * blockSize]) {
        const content = Buffer.alloc(40 * blockSize, 0x2e);
        content.write('Needle', at);
        const model = modelOf(sourceOf(content));
        assert.deepEqual(await find(model, 'Needle'), { start: at, end: at + 6 });
        assert.deepEqual(await find(model, 'Needle', at), { start: at, end: at + 6 });
        assert.equal(await find(model, 'Needle', at + 1), null);
        assert.equal(await find(model, 'nEEDLE'), null);
        assert.equal((await find(model, 'nEEDLE', 0, false))?.start, at);
      }
    });

    it('finds bytes, overlapping ones as well', async () => {
      const model = modelOf(sourceOf(Uint8Array.of(0, 0xff, 0xff, 0xff, 1)));
      const pattern = bytesPattern('ff FF') ?? assert.fail();
      const from = async (at: number) =>
        (await model.find(pattern, at, never, () => undefined))?.start;
      assert.deepEqual([await from(0), await from(2), await from(3)], [1, 2, undefined]);
      for (const bad of ['', 'f', 'xy', '0x', 'ff'.repeat(5000)]) {
        assert.equal(bytesPattern(bad), undefined, bad);
      }
      assert.equal(textPattern('', true), undefined);
    });

    it('tells how far it is, and ends when it is cancelled', async () => {
      const source = new MadeSource(2 ** 30, (_at, length) => new Uint8Array(length));
      const abort = new AbortController();
      const told: number[] = [];
      const looking = modelOf(source).find(
        textPattern('x', true) ?? assert.fail(),
        0,
        abort.signal,
        (offset) => {
          told.push(offset);
          if (told.length === 3) abort.abort();
        },
      );
      await assert.rejects(looking, { name: 'AbortError' });
      assert.deepEqual(told, [2 ** 20, 2 ** 21, 3 * 2 ** 20]);
      assert.ok(source.bytesRead <= 5 * 2 ** 20);
    });
  });

  describe('lines', () => {
    const content = Array.from({ length: 100_000 }, (_, line) => `line ${String(line + 1)}`).join(
      '\n',
    );
    const lineStart = (model: PeekModel, line: number, signal = never) =>
      model.lineStart(line, signal, () => undefined);

    it('are found by number, and counted once', async () => {
      const source = sourceOf(content);
      const model = modelOf(source);
      for (const line of [1, 2, 54_321, 100_000, 17]) {
        const start = (await lineStart(model, line)) ?? assert.fail();
        assert.equal(
          start,
          line === 1
            ? 0
            : !content.includes(`\nline ${String(line)}\n`)
              ? content.lastIndexOf('\n') + 1
              : content.indexOf(`\nline ${String(line)}\n`) + 1,
        );
        const { rows } = await model.show('text', start, 1, never);
        assert.deepEqual([labels(rows), texts(rows)], [[String(line)], [`line ${String(line)}`]]);
      }
      assert.equal(await lineStart(model, 100_001), null);
      assert.ok(source.bytesRead < 2 * content.length, String(source.bytesRead));
    });

    it('are numbered only where all before them was seen', async () => {
      const model = modelOf(sourceOf(content));
      const middle = await model.show('text', 600_000, 1, never);
      assert.match(labels(middle.rows)[0] ?? '', /^[0-9a-f]{8}$/);
      await lineStart(model, 90_000);
      const again = await model.show('text', 600_000, 1, never);
      assert.equal(`line ${labels(again.rows)[0] ?? ''}`, texts(again.rows)[0]);
    });

    it('end with a line end, or without one', async () => {
      assert.equal(await lineStart(modelOf(sourceOf('a\nb\n')), 2), 2);
      assert.equal(await lineStart(modelOf(sourceOf('a\nb\n')), 3), null);
      assert.equal(await lineStart(modelOf(sourceOf('')), 2), null);
    });
  });
});

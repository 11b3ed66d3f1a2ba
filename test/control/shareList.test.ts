import assert from 'node:assert/strict';
import { ShareList } from '../../src/control/server/shareList.js';
import type { ListQuery, ListText } from '../../src/store/store.js';

describe('list of shares', () => {
  let asked: (string | null)[];
  let failing: Error | null;
  let list: ShareList;
  beforeEach(() => {
    asked = [];
    failing = null;
    list = new ShareList(
      { isHolder: () => true, nameOf: (nodeId) => nodeId },
      { listText, shardsByHolder: () => Promise.resolve(new Map()) },
    );
  });
  afterEach(() => {
    list.forget();
  });

  /** Pages 0 to 4, each with its number for a cursor. */
  function listText({ cursor }: ListQuery): Promise<ListText> {
    asked.push(cursor);
    if (failing !== null) return Promise.reject(failing);
    const number = Number(cursor);
    const next = number < 4 ? String(number + 1) : null;
    return Promise.resolve({ rows: `[["page ${String(number)}"]]`, authors: {}, cursor: next });
  }

  const page = async (cursor: string | null, limit = 10): Promise<unknown> => {
    const { text } = await list.page({ cursor, limit });
    return (JSON.parse(text) as { rows: unknown[][] }).rows[0]?.[0];
  };

  it('looks up nothing ahead for who reads the first page', async () => {
    assert.equal(await page(null), 'page 0');
    assert.deepEqual(asked, [null]);
  });

  it('looks up the next page for who walks on, and each of them once', async () => {
    const seen: unknown[] = [];
    for (const cursor of [null, '1', '2', '3', '4']) seen.push(await page(cursor));
    assert.deepEqual(seen, ['page 0', 'page 1', 'page 2', 'page 3', 'page 4']);
    assert.deepEqual(asked, [null, '1', '2', '3', '4']);
    await page('1');
    assert.deepEqual(asked.slice(5), ['1', '2']);
  });

  it('gives out none that was looked up for another question, or before a change', async () => {
    await page('1');
    await page('2', 20);
    assert.deepEqual(asked.splice(0), ['1', '2', '2', '3']);
    list.forget();
    await page('3', 20);
    assert.deepEqual(asked, ['3', '4']);
  });

  it('tells who asks for it that a page could not be read, and reads it again after that', async () => {
    await page(null);
    failing = new Error('disk');
    await assert.rejects(page('1'), /disk/);
    failing = null;
    await page('1');
    failing = new Error('disk');
    await page('2');
    await assert.rejects(page('3'), /disk/);
    failing = null;
    assert.equal(await page('3'), 'page 3');
  });
});

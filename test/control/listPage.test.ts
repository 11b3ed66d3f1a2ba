import assert from 'node:assert/strict';
import { PeerError } from '../../src/common/errors.js';
import { packPage, unpackPage } from '../../src/control/listPage.js';

describe('page of the list', () => {
  it('becomes objects at the client', () => {
    const rows = [
      ['x"\\\u2028', 'folder', 7, 3, 1000, 2, 2, -1, 1, 'a1'],
      ['', null, null, 4, 900, 1, 0, 0, 0, 'a2'],
    ];
    const authors = { '3': { nodeId: 'n3', name: 'ann' }, '4': { nodeId: 'n4', name: 'bob' } };
    const { text } = packPage(JSON.stringify(rows), authors, 'c');
    const page = unpackPage(JSON.parse(text));
    assert.equal(page.cursor, 'c');
    assert.deepEqual(page.shares, [
      {
        ...{ shareId: 'a1', name: 'x"\\\u2028', kind: 'folder', size: 7, createdAt: 1000 },
        ...{ authorId: 'n3', authorName: 'ann', k: 2, m: 2, spare: -1, superseded: true },
      },
      {
        ...{ shareId: 'a2', name: '', kind: 'file', size: 0, createdAt: 900 },
        ...{ authorId: 'n4', authorName: 'bob', k: 1, m: 0, spare: 0, superseded: false },
      },
    ]);
  });

  it('is refused when it is none', () => {
    for (const answer of [null, {}, { rows: 5, authors: {}, cursor: null }, { rows: '[]' }]) {
      assert.throws(
        () => unpackPage(answer),
        (error) => PeerError.is(error, 'protocol'),
      );
    }
    assert.throws(
      () => unpackPage({ rows: [{ a: 1 }], authors: {}, cursor: null }),
      (error) => PeerError.is(error, 'protocol'),
    );
  });
});

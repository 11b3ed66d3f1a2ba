import assert from 'node:assert/strict';
import fc from 'fast-check';
import { PeerError } from '../../src/common/errors.js';
import {
  groupTag,
  inviteLinkUrl,
  looksLikeLink,
  parseLink,
  shareLinkText,
  shareLinkUrl,
} from '../../src/common/links.js';

const groupId = '0123456789abcdef'.repeat(4);
const shareId = 'fedcba9876543210'.repeat(2);
/** Sound but for its check. */
const changed = '6r5xKPXBTrD-3LqYdlQyEP7cuph2VDIQpTZF';
const base = 'vscode://chunk-partitioner.chunk-partitioner';

function refuses(text: string): void {
  assert.throws(
    () => parseLink(text),
    (error) => PeerError.is(error, 'usage') && error.hint !== undefined,
    text,
  );
}

describe('links', () => {
  it('of a share are of these bytes for good', () => {
    assert.equal(groupTag(groupId), 'eabe7128f5c14eb0');
    assert.equal(
      shareLinkText(groupId, shareId),
      'chunk-partitioner://share/6r5xKPXBTrD-3LqYdlQyEP7cuph2VDIQpTZE',
    );
  });

  it('of a share come back from both forms, for any ids and any editor', () => {
    const hex = (length: number): fc.Arbitrary<string> =>
      fc
        .uint8Array({ minLength: length, maxLength: length })
        .map((bytes) => Buffer.from(bytes).toString('hex'));
    const scheme = fc.constantFrom('vscode', 'vscode-insiders', 'code-oss', 'cursor');
    fc.assert(
      fc.property(hex(32), hex(16), scheme, (group, share, editor) => {
        const expected = { kind: 'share', group: groupTag(group), shareId: share };
        assert.deepEqual(parseLink(shareLinkText(group, share)), expected);
        assert.deepEqual(parseLink(` ${shareLinkUrl(editor, group, share)}\n`), expected);
      }),
    );
  });

  it('tell nothing of the group’s id', () => {
    const url = shareLinkUrl('vscode', groupId, shareId);
    const bytes = Buffer.from(url.slice(-36), 'base64url').toString('hex');
    assert.ok(!bytes.includes(groupId.slice(0, 8)));
  });

  it('notice every changed character', () => {
    const text = shareLinkText(groupId, shareId);
    const start = text.length - 36;
    for (let at = start; at < text.length; at += 1) {
      const other = text[at] === 'A' ? 'B' : 'A';
      refuses(text.slice(0, at) + other + text.slice(at + 1));
    }
  });

  it('to an invite carry its code', () => {
    assert.deepEqual(parseLink(inviteLinkUrl('vscode', 'CP1-abc_-9')), {
      kind: 'join',
      code: 'CP1-abc_-9',
    });
  });

  it('that are malformed, overlong, or say things twice are refused in words', () => {
    const good = shareLinkUrl('vscode', groupId, shareId).split('=')[1] ?? '';
    for (const text of [
      '',
      'model.bin',
      'https://example.com/share?code=' + good,
      `vscode://other.extension/share?code=${good}`,
      `${base}/share`,
      `${base}/share?`,
      `${base}/share?code`,
      `${base}/share?code=`,
      `${base}/share?code=${good}&code=${good}`,
      `${base}/share?code=${good}&path=/etc/passwd`,
      `${base}/share?path=/etc/passwd&code=${good}`,
      `${base}/share?code=${good}#x`,
      `${base}/share?code=${good}=`,
      `${base}/share?code=${good}A`,
      `${base}/share?code=${good.slice(1)}`,
      `${base}/../share?code=${good}`,
      `${base}/run?code=${good}`,
      `${base}/join?code=${good}`,
      `${base}/join?code=CP1-`,
      `${base}/join?code=CP1-a b`,
      `${base}/join?code=CP1-${'a'.repeat(2045)}`,
      `${base}/share?code=${'a'.repeat(100_000)}`,
      `chunk-partitioner://share/${changed}`,
      `chunk-partitioner://share/../${good}`,
      `chunk-partitioner://get/${good}`,
    ])
      refuses(text);
  });

  it('are read or refused, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
        refuses(text);
        refuses(`${base}/share?${text}`);
        refuses(`${base}/${text}`);
      }),
    );
  });

  it('are told from names', () => {
    assert.ok(looksLikeLink(shareLinkText(groupId, shareId)));
    assert.ok(looksLikeLink(' vscode://x'));
    for (const name of ['model.bin', 'a:b', '0123456789abcdef']) assert.ok(!looksLikeLink(name));
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inviteLinkUrl, shareLinkText, shareLinkUrl } from '../../src/common/links.js';
import { filesBelow } from '../e2e/scan.js';
import { repository } from '../support/cliProcess.js';
import { TestGroup } from '../support/peers.js';

// What it comes to in the editor, `test/vscode/workbench/cases/15-hostile-link.test.ts` shows.
describe('fault 31: a hostile link neither writes nor opens anything', function () {
  this.timeout(120_000);
  let group: TestGroup;
  let here: string;
  let groupId: string;
  let shareId: string;

  before(async () => {
    group = await TestGroup.start(2);
    here = join(group.root, 'here');
    mkdirSync(here);
    const file = join(group.filesDir, 'report.txt');
    writeFileSync(file, 'quarterly');
    const [shared] = (await group.get(0).ok(['share', file])).events.filter(
      ({ event }) => event === 'shared',
    );
    ({ shareId } = shared?.['share'] as { shareId: string });
    const client = await group.get(1).client();
    groupId = (await client.request('status', null)).self?.groupId ?? '';
    await group.get(1).lists(shareId);
    assert.equal(shared?.['link'], shareLinkText(groupId, shareId));
  });
  after(() => group.dispose());

  const get = (link: string) => group.get(1).cli(['get', link], { cwd: here });

  it('that is malformed, overlong or ambiguous is refused in words', async () => {
    const good = shareLinkUrl('vscode', groupId, shareId);
    for (const link of [
      good.slice(0, -1),
      `${good}&code=${good.slice(-36)}`,
      `${good}&path=../../.bashrc`,
      `${good}#run`,
      good.replace('/share', '/../share'),
      good.replace('chunk-partitioner.chunk-partitioner', 'chunk-partitioner.other'),
      `chunk-partitioner://share/${'A'.repeat(36)}`,
      `chunk-partitioner://share/${'A'.repeat(100_000)}`,
      inviteLinkUrl('vscode', 'CP1-AAAA'),
    ]) {
      const { code, last } = await get(link);
      assert.equal(code, 2, link.slice(0, 200));
      assert.match(String(last['message']), /^This (link|is no link) /);
    }
    assert.deepEqual(filesBelow(here), []);
  });

  it('to another group, or to what is not there, leads to nothing', async () => {
    assert.equal((await get(shareLinkText('ab'.repeat(32), shareId))).code, 6);
    assert.equal((await get(shareLinkText(groupId, 'ab'.repeat(16)))).code, 3);
    assert.deepEqual(filesBelow(here), []);
  });

  it('to what is not there does not lead to a share of that name', async () => {
    const name = 'cd'.repeat(16);
    writeFileSync(join(group.filesDir, name), 'a trap');
    const { events } = await group.get(0).ok(['share', join(group.filesDir, name)]);
    const trap = events.find(({ event }) => event === 'shared')?.['share'] as { shareId: string };
    await group.get(1).lists(trap.shareId);
    assert.equal((await get(shareLinkText(groupId, name))).code, 3);
    assert.deepEqual(filesBelow(here), []);
  });

  it('that is sound brings what it names, to where it was asked for', async () => {
    assert.equal((await get(shareLinkUrl('vscode', groupId, shareId))).code, 0);
    assert.equal(readFileSync(join(here, 'report.txt'), 'utf8'), 'quarterly');
  });

  it('meets one handler in the editor', () => {
    const sources = filesBelow(join(repository, 'src')).filter((file) =>
      /registerUriHandler|implements vscode\.UriHandler/.test(readFileSync(file, 'utf8')),
    );
    assert.deepEqual(
      sources.map((file) => file.slice(repository.length + 1).replaceAll('\\', '/')).sort(),
      ['src/extension.ts', 'src/vscode/links/linkHandler.ts'],
    );
  });
});

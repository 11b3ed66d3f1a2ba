import assert from 'node:assert/strict';
import { join } from 'node:path';
import { summary } from '../support/cliProcess.js';
import { sha256File, writeRandomFile } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { Liar, type Ask } from './support/liar.js';
import { get } from './support/calls.js';

describe('fault 37: an author that dies on the way to “done” leaves nothing listed, or a file that can be fetched', () => {
  let group: TestGroup;
  let author: TestPeer;
  let others: readonly TestPeer[];
  /** A holder that keeps to the rules, and knows when to strike. */
  let witness: Liar;
  before(async () => {
    group = await TestGroup.start(3);
    author = group.get(0);
    others = group.peers.slice(1);
    witness = await Liar.join(group, 'witness');
  });
  afterEach(async () => {
    witness.beHonest();
    witness.dispose();
    if (!author.running) await author.serve();
    await group.meet();
  });
  after(() => group.dispose());

  /** Shares over all others, and kills the author when its first holder is asked for `step`. @returns what it printed */
  const shareUntil = async (step: Ask['t'] | 'done', name: string) => {
    const file = join(group.filesDir, name);
    await writeRandomFile(file, 2_000_000);
    await witness.visit(author);
    let killed: Promise<void> | undefined;
    witness.answer = async (ask, truth) => {
      if (ask.t === step) await (killed ??= author.kill());
      return truth();
    };
    // The witness is one of three holders: of two others and the author there would be one too few.
    const result = await author.cli(['share', file, '--redundancy', '2+1'], {
      onEvent: ({ event }) => {
        if (event === 'shared' && step === 'done') killed ??= author.kill();
      },
    });
    assert.ok(killed, summary(result));
    await killed;
    return { file, result };
  };
  const find = async (peer: TestPeer, name: string): Promise<string | null> => {
    const client = await peer.client();
    return await client.request('find', { share: name }).then(
      ({ shareId }) => shareId,
      () => null,
    );
  };
  /** Whether somebody lists it. Then all others come to do so, and can fetch it from each other. */
  const isThere = async (file: string, name: string): Promise<boolean> => {
    const [shareId] = (await Promise.all(others.map((peer) => find(peer, name)))).filter(
      (id) => id !== null,
    );
    if (shareId === undefined) return false;
    for (const peer of others) {
      await peer.lists(shareId);
      const target = join(group.root, `${name} at ${peer.name}`);
      await get(peer, shareId, target, { overwrite: true });
      assert.equal(await sha256File(target), await sha256File(file));
    }
    return true;
  };

  it('before the last receipt: nothing is listed, then or after it is back', async () => {
    const { file } = await shareUntil('seal', 'before receipts');
    assert.equal(await isThere(file, 'before receipts'), false);
    await author.serve();
    await group.meet();
    assert.equal(await find(author, 'before receipts'), null);
    assert.equal(await isThere(file, 'before receipts'), false);
  });

  it('while COMMIT is on its way: all list it and can fetch it, or nobody does', async () => {
    const { file } = await shareUntil('commit', 'at commit');
    await isThere(file, 'at commit');
    await author.serve();
    await group.meet();
    // Whatever had arrived by then, it is the same for the author.
    if (await isThere(file, 'at commit')) {
      const shareId = await find(group.get(1), 'at commit');
      await author.lists(shareId ?? assert.fail());
    } else assert.equal(await find(author, 'at commit'), null);
  });

  it('right after “done”: it can be fetched', async () => {
    const { file } = await shareUntil('done', 'just done');
    assert.equal(await isThere(file, 'just done'), true);
  });
});

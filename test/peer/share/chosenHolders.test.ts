import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'mocha';
import fc from 'fast-check';
import { checkShareId } from '../../../src/chunk/shareId.js';
import { fromHex, toHex } from '../../../src/common/bytes.js';
import { preferred, rankHolders } from '../../../src/peer/placement.js';
import { chooseHolders } from '../../../src/peer/share/chosenHolders.js';
import { rejects } from '../support/rejects.js';

const nodeIdOf = (name: string): string => createHash('sha256').update(name).digest('hex');
const author = nodeIdOf('author');
const group = {
  identity: { nodeId: author },
  membership: { groupId: nodeIdOf('group'), nameOf: (nodeId: string) => `<${nodeId.slice(0, 4)}>` },
};
const people = Array.from({ length: 8 }, (_, at) => nodeIdOf(`peer ${String(at)}`));

/** As every member ranks all peers for a share: nothing moves that lies with the first of them. */
const rank = (shareId: string): string[] => rankHolders(shareId, people);

describe('chosen holders', () => {
  it('are the ones that the id of the share leads everybody to', () => {
    fc.assert(
      fc.property(fc.subarray(people, { minLength: 1, maxLength: 4 }), (chosen) => {
        const choice = chooseHolders(group, chosen, { shards: 4, reachable: people, rank });
        const first = rank(toHex(choice.shareId)).slice(0, 4);
        assert.deepEqual(
          chosen.filter((nodeId) => !first.includes(nodeId)),
          [],
        );
        assert.ok(chosen.every((nodeId) => choice.isFirst({ nodeId })));
        assert.ok(
          checkShareId(
            choice.shareId,
            fromHex(group.membership.groupId),
            fromHex(author),
            choice.random,
          ),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('leave the id to chance when there are none', () => {
    const choice = chooseHolders(group, [], { shards: 4, reachable: people, rank });
    assert.ok(!people.some((nodeId) => choice.isFirst({ nodeId })));
    assert.deepEqual(choice.warnings, []);
  });

  it('are told when they are too few, or away', () => {
    const [a, b, c] = people as [string, string, string];
    const reachable = people.filter((nodeId) => nodeId !== c);
    const { warnings, isFirst } = chooseHolders(group, [a, b, c], { shards: 4, reachable, rank });
    assert.deepEqual(warnings, [
      `Chosen, and not to be reached now: <${c.slice(0, 4)}>.`,
      `It needs 4 holders and 2 of the chosen ones can be reached (<${a.slice(0, 4)}>, <${b.slice(0, 4)}>): others take the rest.`,
    ]);
    assert.ok(!isFirst({ nodeId: c }));
  });

  it('fail when none of them can be reached', async () => {
    const [a = ''] = people;
    const choice = { shards: 4, reachable: people.slice(1), rank };
    await rejects('unreachable', () => chooseHolders(group, [a], choice));
  });

  it('come first even where nobody would look for them, and that is said', () => {
    const [a = ''] = people;
    // The others promised to stay, and there are enough of them.
    const stays = (shareId: string): string[] =>
      preferred(
        shareId,
        author,
        people.map((nodeId) => ({ nodeId, stays: nodeId !== a })),
      );
    const choice = chooseHolders(group, [a], { shards: 4, reachable: people, rank: stays });
    assert.ok(choice.isFirst({ nodeId: a }));
    assert.match(choice.warnings.join(), /Upkeep may move parts/);
  });
});

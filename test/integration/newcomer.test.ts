import { afterEach, beforeEach, describe, it } from 'mocha';
import { Circle, distinctShards, until } from './support/circle.js';

describe('a group grows', function () {
  this.timeout(90_000);
  let circle: Circle;
  beforeEach(async () => {
    circle = await Circle.of(5);
  });
  afterEach(() => circle.dispose());

  it('moves to newcomers what belongs to them, and ends', async () => {
    const shares: string[] = [];
    for (let at = 0; at < 4; at++) shares.push(await circle.share(circle.get(0), 2_000, '2+2'));
    const newcomer = await circle.add();
    const quick = { everyMs: 100, patienceMs: 0, turnMs: 500 };
    for (const seat of circle.running) await seat.looksAfter(quick);
    const one = circle.get(1);
    await until(
      one.peer,
      async () => {
        const held = await Promise.all(shares.map((id) => newcomer.shardOf(id)));
        return held.some((shard) => shard !== undefined);
      },
      'the newcomer to hold something',
    );
    for (const shareId of shares) {
      // The newcomer asks, and may hear later than others who has let go of what.
      for (const seat of [one, newcomer]) {
        await circle.untilHeld(
          shareId,
          seat,
          (held) => held.length === 4 && distinctShards(held) === 4,
        );
      }
      await circle.assertWhole(shareId, newcomer);
    }
  });
});

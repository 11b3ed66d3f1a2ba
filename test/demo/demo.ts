/**
 * `npm run demo`: five real peers on this machine share a real file, two of them die, and the file comes
 * back on a machine that never had it. Leaves nothing behind. Exit code 1 when anything was not as told.
 */
import { copyFile, link, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { GetResult, ShareResult } from '../../src/control/contract.js';
import { runCli } from '../support/cliProcess.js';
import { sha256File } from '../support/files.js';
import { TestGroup, type TestPeer } from '../support/peers.js';
import { Story } from './story.js';

const story = new Story(process.stdout, process.env);

/** The verb as a user would type it, and what it prints. */
async function show(peer: TestPeer, ...args: readonly string[]): Promise<void> {
  story.command(
    `chunk-partitioner ${args.map((arg) => (arg.includes('/') ? basename(arg) : arg)).join(' ')}`,
    peer.name,
  );
  const { stdout, stderr, code } = await runCli([...args, '--data-dir', peer.dataDir], {
    unguarded: true,
    env: story.childEnvironment,
  });
  story.output(stdout + stderr);
  if (code !== 0) throw new Error(`it ended with exit code ${String(code)}`);
}

async function tell(group: TestGroup): Promise<void> {
  const [alice, bob, , , erin] = group.peers;
  if (!alice || !bob || !erin) throw new Error('five peers were to be started');
  story.done(
    `${group.peers.map((peer) => peer.name).join(', ')} are up, each a process of its own`,
  );
  story.say('They met over TLS on 127.0.0.1. Who has no invite gets nothing from them.');
  await show(alice, 'peers');

  const source = join(group.filesDir, 'big-file.bin');
  await link(process.execPath, source).catch(() => copyFile(process.execPath, source));
  const { size } = await stat(source);
  const wanted = await sha256File(source);
  story.chapter(2, `alice shares a file of ${story.size(size)}`);
  story.say(
    'It is the program that runs this demo: Node itself. Encrypted, cut into chunks of 512 bytes,',
  );
  story.say('and spread with spare pieces. Nobody but members can read what the holders store.');
  story.command('chunk-partitioner share big-file.bin', alice.name);
  const began = performance.now();
  const shared = await alice.ok(['share', source], {
    unguarded: true,
    timeoutMs: 300_000,
    onEvent: (event) => {
      if (event.event === 'progress')
        story.progress(Number(event['bytesDone']), Number(event['bytesTotal']));
    },
  });
  const result = (shared.last['shares'] as ShareResult[])[0];
  if (!result) throw new Error('nothing was shared');
  const { share } = result;
  story.done(
    `safe on ${String(share.holders.length)} peers in ${story.seconds(began)}: any ${String(share.spare)} of them may leave`,
  );

  story.chapter(3, 'Who holds which chunks?');
  await erin.lists(share.shareId);
  await show(erin, 'map', share.name);

  const victims = pickVictims(
    group,
    share.holders.map((holder) => holder.name),
    erin,
  );
  const names = victims.map((peer) => peer.name).join(' and ');
  story.chapter(4, `Disaster: ${names} die`);
  for (const victim of victims) {
    story.command(`kill -9 ${String(victim.pid)}`, victim.name);
    await victim.kill();
  }
  story.say(
    `No goodbye, no clean-up. ${names.includes('alice') ? 'alice, who shared it, is one of them. ' : ''}Three are left.`,
  );

  story.chapter(5, 'erin, who never had the file, gets it back');
  const target = join(group.root, 'back-again.bin');
  story.command('chunk-partitioner get big-file.bin -o back-again.bin', erin.name);
  const asked = performance.now();
  const got = await erin.ok(['get', share.shareId, '-o', target], {
    unguarded: true,
    timeoutMs: 300_000,
    onEvent: (event) => {
      if (event.event === 'progress')
        story.progress(Number(event['bytesDone']), Number(event['bytesTotal']));
    },
  });
  const { from } = got.last as unknown as GetResult;
  const parts = Object.entries(from).map(([name, bytes]) => `${story.size(bytes)} from ${name}`);
  story.done(`${story.size(size)} in ${story.seconds(asked)}: ${parts.join(', ')}`);

  const came = await sha256File(target);
  story.chapter(6, 'Is it the same, byte for byte?');
  story.say(`sha256 of what alice shared   ${wanted}`);
  story.say(`sha256 of what erin has now   ${came}`);
  if (came !== wanted) throw new Error('the two differ');
  story.done('the same. No cloud, no server, two of five machines dead.');
}

/** The author and one more holder: the worst pair, short of the one that is to get the file. */
function pickVictims(
  group: TestGroup,
  holders: readonly string[],
  getter: TestPeer,
): readonly TestPeer[] {
  const [author, ...others] = group.peers;
  const holder = others.find((peer) => peer !== getter && holders.includes(peer.name));
  if (!author || !holder) throw new Error('nobody is left to be killed');
  return [author, holder];
}

async function main(): Promise<void> {
  story.title('Chunk Partitioner: files between peers, without a cloud');
  story.chapter(1, 'Five machines form a group');
  const group = await TestGroup.start(5, { unguarded: true });
  let stopping: Promise<void> | undefined;
  const clean = (): Promise<void> => (stopping ??= group.dispose());
  process.once('SIGINT', () => {
    void clean().then(() => process.exit(130));
  });
  try {
    await tell(group);
  } finally {
    await clean();
  }
  story.say('');
  story.say(
    'All five are gone again, with everything they wrote. Next: npm run try, or README.md.',
  );
}

main().catch((error: unknown) => {
  story.fail(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});

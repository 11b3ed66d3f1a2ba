import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import path from 'node:path';
import { freePort } from '../bench.js';
import type { Processes } from '../measure/processes.js';
import { findProgram } from '../packages.js';
import { listening } from './listening.js';

/** Where sshd insists on an empty folder, when root starts it. */
const separationFolder = '/run/sshd';

/**
 * An SSH server at 127.0.0.1 with keys of its own in `folder`, which lets in who runs the bench, and nobody else.
 *
 * @returns `user@host`, and the command that reaches it, as rsync takes it
 */
export async function startSshServer(
  processes: Processes,
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly host: string; readonly shell: string }> {
  const inFolder = (name: string): string => path.join(folder, name);
  for (const name of ['hostKey', 'userKey']) {
    const args = ['-q', '-t', 'ed25519', '-N', '', '-f', inFolder(name)];
    await processes.start('keys', 'ssh-keygen', args).succeeds();
  }
  await writeFile(inFolder('allowed'), await readFile(inFolder('userKey.pub')));
  if (process.getuid?.() === 0) await mkdir(separationFolder, { recursive: true });
  const port = await freePort();
  const config = inFolder('sshd_config');
  await writeFile(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${inFolder('hostKey')}`,
      `AuthorizedKeysFile ${inFolder('allowed')}`,
      'PidFile none',
      'StrictModes no', // the folder lies below one that everybody may write to
      'UsePAM no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'UseDNS no',
      '',
    ].join('\n'),
  );
  // It starts itself anew for each connection, and wants to know from where.
  processes.start('receiver', findProgram('sshd') ?? 'sshd', ['-D', '-e', '-f', config]);
  await listening(port, signal);
  const options = [
    `-p ${port}`,
    '-F none',
    `-i ${inFolder('userKey')}`,
    '-o IdentitiesOnly=yes',
    '-o StrictHostKeyChecking=no',
    '-o UserKnownHostsFile=/dev/null',
    '-o LogLevel=ERROR',
  ];
  return { host: `${userInfo().username}@127.0.0.1`, shell: `ssh ${options.join(' ')}` };
}

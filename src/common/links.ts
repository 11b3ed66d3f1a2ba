/**
 * Links to shares and invites, as people hand them on. What one says is a claim by whoever made it: reading it checks its
 * form and opens nothing.
 */
import { createHash } from 'node:crypto';
import { PeerError } from './errors.js';

/** Publisher and name in package.json: what the editor finds the extension by. */
export const extensionId = 'chunk-partitioner.chunk-partitioner';

/** Names a share of a group. Neither is a secret: to read the share takes the key that only members have. */
export interface ShareLink {
  readonly kind: 'share';
  /** Tag of the group, see {@link groupTag}; 16 hexadecimal digits. */
  readonly group: string;
  /** 32 hexadecimal digits. */
  readonly shareId: string;
}

/** Carries an invite, which is a secret until it is used. */
export interface InviteLink {
  readonly kind: 'join';
  readonly code: string;
}

export type Link = ShareLink | InviteLink;

/** Longest text that is looked at, characters: an invite with eight long addresses, and what stands around it. */
const longest = 4096;
const tagBytes = 8;
const idBytes = 16;
const checkBytes = 3;

const plainForm = /^chunk-partitioner:\/\/share\/([^/]*)\/?$/;
const editorForm = /^[a-z][a-z0-9+.-]{0,63}:\/\/([^/?#]*)\/([^?#]*)\??([^#]*)(#.*)?$/;
/** Without padding: 27 bytes are 36 characters, and no two texts stand for the same bytes. */
const shareCodeForm = /^[\w-]{36}$/;
const inviteCodeForm = /^CP1-[\w-]{1,2044}$/;

/**
 * What a link calls a group. The id itself stays out of links: on a local network, whoever knows it recognises the
 * group's machines.
 */
export function groupTag(groupId: string): string {
  return sha256('chunk-partitioner/1/link-group\0', Buffer.from(groupId, 'hex'))
    .subarray(0, tagBytes)
    .toString('hex');
}

/** `chunk-partitioner://share/…`: for the terminal, and for wherever the editor's own links are not made clickable. */
export function shareLinkText(groupId: string, shareId: string): string {
  return `chunk-partitioner://share/${shareCode(groupId, shareId)}`;
}

/** `vscode://…`, with the scheme of the editor that runs. */
export function shareLinkUrl(scheme: string, groupId: string, shareId: string): string {
  return `${scheme}://${extensionId}/share?code=${shareCode(groupId, shareId)}`;
}

/** The same for an invite. Secret: show it once, never log it. */
export function inviteLinkUrl(scheme: string, code: string): string {
  return `${scheme}://${extensionId}/join?code=${code}`;
}

/** Whether a text is meant as a link, sound or not; a name of a share never is, since it has no slash. */
export function looksLikeLink(text: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text);
}

/** @throws PeerError `usage` for whatever `shareLinkText`, `shareLinkUrl` and `inviteLinkUrl` do not make */
export function parseLink(text: string): Link {
  if (text.length > longest) throw refused('This link is too long.');
  const link = text.trim();
  const plain = plainForm.exec(link);
  if (plain !== null) return shareOf(plain[1] ?? '');
  const [, authority, path, query, fragment] = editorForm.exec(link) ?? [];
  if (authority?.toLowerCase() !== extensionId || path === undefined) {
    throw refused('This is no link of Chunk Partitioner.');
  }
  if (fragment !== undefined) throw refused('This link says more than it should.');
  const code = onlyCode(query ?? '');
  switch (path.replace(/\/$/, '')) {
    case 'share':
      return shareOf(code);
    case 'join':
      if (!inviteCodeForm.test(code)) throw refused('This link has no whole invite code.');
      return { kind: 'join', code };
    default:
      throw refused('This link asks for something that does not exist here.');
  }
}

function shareCode(groupId: string, shareId: string): string {
  const said = Buffer.from(groupTag(groupId) + shareId, 'hex');
  return Buffer.concat([said, checkOf(said)]).toString('base64url');
}

function shareOf(code: string): ShareLink {
  if (!shareCodeForm.test(code)) throw refused('This link is not whole.');
  const bytes = Buffer.from(code, 'base64url');
  const said = bytes.subarray(0, tagBytes + idBytes);
  if (!checkOf(said).equals(bytes.subarray(said.byteLength))) {
    throw refused('This link was changed on its way: its check does not fit.');
  }
  return {
    kind: 'share',
    group: said.subarray(0, tagBytes).toString('hex'),
    shareId: said.subarray(tagBytes).toString('hex'),
  };
}

/** The one parameter that a link has. */
function onlyCode(query: string): string {
  const parameters = query.split('&').map((part) => part.split('='));
  const [first, ...more] = parameters;
  if (more.some(([name]) => name === first?.[0])) {
    throw refused('This link says the same thing twice.');
  }
  if (first?.[0] !== 'code' || first.length !== 2 || more.length > 0) {
    throw refused('This link says something else than it should.');
  }
  return first[1] ?? '';
}

function checkOf(said: Uint8Array): Buffer {
  return sha256('chunk-partitioner/1/link\0', said).subarray(0, checkBytes);
}

function sha256(domain: string, data: Uint8Array): Buffer {
  return createHash('sha256').update(domain).update(data).digest();
}

function refused(message: string): PeerError {
  return new PeerError('usage', message, {
    hint: 'Copy the link again, from its beginning to its end, or ask for a new one.',
  });
}

import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { EntryInfo } from '../../control/contract.js';
import { errorWords, LocalError } from '../errorWords.js';
import { formatBytes } from '../format.js';
import { groupOfShare } from '../groups/groupOfShare.js';
import type { Groups } from '../groups/groups.js';
import { sharedScheme } from '../ids.js';
import type { PeerSession } from '../peerSession.js';
import { noticeText, visibleText } from '../visibleText.js';
import { entriesIn, readWhole } from './readShared.js';
import { resolveShared, type Resolved } from './resolveShared.js';
import { fileName, type SharedFile } from './sharedFile.js';
import { isPlainName, nameInUri, placeOf, sharedUri } from './sharedUri.js';

/** Largest file that is opened as a whole, bytes: what is larger, the editor hides from extensions anyway. */
export const openLimit = 50_000_000;

/** How long what was read ahead waits for the editor to ask for it, milliseconds. */
const readAheadMs = 15_000;

/** Longest wait for what needs no content, milliseconds. */
const lookMs = 30_000;

/**
 * Shared files and folders as read-only files of the editor, at the addresses of {@link sharedUri}. A share never changes:
 * a new version is another share. What is deleted is not found any more. An address names no group: a share is in one, and
 * is looked for in those of this machine.
 */
export class SharedFileSystem implements vscode.FileSystemProvider, Disposable {
  readonly #ended = new AbortController();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  /** One file that is about to be opened. */
  #ahead: { readonly key: string; readonly bytes: Uint8Array } | undefined;
  #forget: NodeJS.Timeout | undefined;

  constructor(private readonly groups: Groups) {}

  /** Registers the scheme with the editor, which shows that nothing can be written there. */
  register(): Disposable {
    return vscode.workspace.registerFileSystemProvider(sharedScheme, this, {
      isCaseSensitive: true,
      isReadonly: new vscode.MarkdownString(
        vscode.l10n.t('This is the file as it was shared. To change it, download it.'),
      ),
    });
  }

  /**
   * Reads a file before the editor asks for it, so that it can be waited for with progress, and cancelled.
   *
   * @param onProgress told how many bytes there are
   * @throws {PeerError} `limit` when it is too large to be opened
   */
  async readAhead(
    session: PeerSession,
    file: SharedFile,
    signal: AbortSignal,
    onProgress: (bytes: number) => void,
  ): Promise<Uint8Array> {
    requireOpenable(visibleText(fileName(file)), file.size);
    const client = await session.client();
    const whole = AbortSignal.any([signal, this.#ended.signal]);
    const bytes = await readWhole(client, file, whole, onProgress);
    this.#ahead = { key: sharedUri(file.share, file.entry).toString(), bytes };
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => {
      this.#ahead = undefined;
    }, readAheadMs);
    return bytes;
  }

  /** What an address leads to, and the session with the peer of its group. @throws {PeerError} */
  async resolve(
    uri: vscode.Uri,
  ): Promise<{ readonly found: Resolved; readonly session: PeerSession }> {
    const place = placeOf(uri);
    if (place === undefined) {
      throw new LocalError('not-found', vscode.l10n.t('There is no such shared file.'));
    }
    // A folder that is not trusted may name such an address by itself: it does not make this machine a peer.
    const { groups } = this;
    const isStarted = groups.all.some(({ session }) => session.attached !== undefined);
    if (!vscode.workspace.isTrusted && !isStarted) {
      throw new LocalError('closed', vscode.l10n.t('The peer of this machine is not running.'));
    }
    const { session } = await groupOfShare(groups, place.shareId, vscode.workspace.isTrusted);
    return { found: await resolveShared(await session.client(), place, this.#deadline()), session };
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return this.#answer(uri, async () => statOf((await this.resolve(uri)).found));
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.#answer(uri, async () => {
      const { found, session } = await this.resolve(uri);
      if (found.kind === 'above') {
        const { name, kind } = found.share;
        return [[nameInUri(name), typeOf(kind === 'folder' ? 'dir' : 'file')]];
      }
      if (found.kind !== 'folder') throw vscode.FileSystemError.FileNotADirectory(uri);
      const entries = await entriesIn(await session.client(), found.folder, this.#deadline());
      return entries.flatMap(({ path, kind }): [string, vscode.FileType][] => {
        const name = path.slice(path.lastIndexOf('/') + 1);
        return isPlainName(name) ? [[name, typeOf(kind)]] : [];
      });
    });
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#answer(uri, async () => {
      const ahead = this.#ahead;
      if (ahead?.key === uri.toString()) return ahead.bytes;
      const { found, session } = await this.resolve(uri);
      if (found.kind === 'folder' || found.kind === 'above') {
        throw vscode.FileSystemError.FileIsADirectory(uri);
      }
      if (found.kind === 'link') {
        throw vscode.FileSystemError.Unavailable(
          vscode.l10n.t(
            'This is a link in a shared folder. It can be followed once the folder is downloaded.',
          ),
        );
      }
      requireOpenable(visibleText(fileName(found.file)), found.file.size);
      return await readWhole(await session.client(), found.file, this.#ended.signal);
    });
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    clearTimeout(this.#forget);
    this.#ahead = undefined;
    this.#ended.abort();
    this.#changed.dispose();
  }

  /** The errors of the peer as those of a file system. */
  async #answer<T>(uri: vscode.Uri, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof vscode.FileSystemError) throw error;
      throw fileSystemError(PeerError.from(error), uri);
    }
  }

  #deadline(): AbortSignal {
    return AbortSignal.any([this.#ended.signal, AbortSignal.timeout(lookMs)]);
  }
}

/** Refuses what is too large to be opened as a whole. @param name safe to show @throws {PeerError} `limit` */
export function requireOpenable(name: string, size: number): void {
  if (size <= openLimit) return;
  throw new LocalError(
    'limit',
    vscode.l10n.t(
      '{0} has {1}; files up to {2} are opened as a whole.',
      name,
      formatBytes(size),
      formatBytes(openLimit),
    ),
    { hint: vscode.l10n.t('Peek into it, which fetches only what is looked at, or download it.') },
  );
}

function typeOf(kind: EntryInfo['kind']): vscode.FileType {
  if (kind === 'dir') return vscode.FileType.Directory;
  if (kind === 'file') return vscode.FileType.File;
  // To the editor a link is what it leads to; nobody here knows what that is.
  return vscode.FileType.SymbolicLink | vscode.FileType.File;
}

function statOf(found: Resolved): vscode.FileStat {
  const permissions = vscode.FilePermission.Readonly;
  switch (found.kind) {
    case 'file': {
      const { share, size, mtimeMs } = found.file;
      return { type: typeOf('file'), ctime: share.createdAt, mtime: mtimeMs, size, permissions };
    }
    case 'folder': {
      const ctime = found.folder.share.createdAt;
      return { type: typeOf('dir'), ctime, mtime: found.mtimeMs, size: 0, permissions };
    }
    case 'link': {
      const ctime = found.share.createdAt;
      return { type: typeOf('symlink'), ctime, mtime: found.mtimeMs, size: 0, permissions };
    }
    case 'above': {
      const { createdAt } = found.share;
      return { type: typeOf('dir'), ctime: createdAt, mtime: createdAt, size: 0, permissions };
    }
  }
}

function fileSystemError(error: PeerError, uri: vscode.Uri): vscode.FileSystemError {
  const words = noticeText(errorWords(error).join(' '));
  switch (error.code) {
    case 'not-found':
      return vscode.FileSystemError.FileNotFound(uri);
    case 'not-a-file':
      return vscode.FileSystemError.FileIsADirectory(uri);
    case 'not-trusted':
      return vscode.FileSystemError.NoPermissions(words);
    default:
      return vscode.FileSystemError.Unavailable(words);
  }
}

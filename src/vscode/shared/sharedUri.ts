import * as vscode from 'vscode';
import { sharedScheme } from '../ids.js';

/** A shared file or folder as an address names it. */
export interface SharedPlace {
  /** 32 digits. What is read goes by this alone; the names behind it are for people. */
  readonly shareId: string;
  /** Names between the slashes: of the share, then down to an entry. Empty for the place above the share. */
  readonly names: readonly string[];
}

/** The address of a share, or of an entry (a path with slashes) of a folder. */
export function sharedUri(
  share: { readonly shareId: string; readonly name: string },
  entry: string | null = null,
): vscode.Uri {
  const name = nameInUri(share.name);
  const path = entry === null || entry === '' ? `/${name}` : `/${name}/${entry}`;
  return vscode.Uri.from({ scheme: sharedScheme, authority: share.shareId, path });
}

/** What an address names; undefined when it cannot be one of a shared file. */
export function placeOf({ scheme, authority, path }: vscode.Uri): SharedPlace | undefined {
  if (scheme !== sharedScheme || !/^[0-9a-f]{32}$/.test(authority)) return undefined;
  const names = path.split('/').filter((name) => name !== '');
  return names.every(isPlainName) ? { shareId: authority, names } : undefined;
}

/** Whether a name stays one step of a path, wherever it is put. Others are not shown and not opened. */
export function isPlainName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\\\p{Cc}]/u.test(name);
}

/**
 * The name of a share as a step of a path. Peers refuse names that are none; what comes through nevertheless, or cannot be
 * seen, is replaced, and is found by its id.
 */
export function nameInUri(name: string): string {
  const plain = name.replace(/[/\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return isPlainName(plain) ? plain : '\ufffd';
}

import * as vscode from 'vscode';
import type { ControlClient } from '../../control/contract.js';
import { pickSharedFile } from '../shared/pickSharedFile.js';
import type { SharedFile } from '../shared/sharedFile.js';
import { localArgument, localFileFor } from './localFile.js';
import { sharedVersionOf } from './sharedVersionOf.js';

export interface Pair {
  readonly file: SharedFile;
  readonly local: vscode.Uri;
}

/**
 * What a command is to compare. From the Explorer, an editor's tab or the palette: that file, and the newest shared version
 * of it. From a row of the Files view: that file, and the one of its name here. Undefined when the user leaves a pick.
 *
 * @throws {PeerError}
 */
export async function pairToCompare(
  client: ControlClient,
  argument: unknown,
  title: string,
): Promise<Pair | undefined> {
  const isRow = argument !== undefined && !(argument instanceof vscode.Uri);
  const local = isRow ? undefined : localArgument(argument);
  if (local !== undefined) {
    const file = await sharedVersionOf(client, local);
    return file && { file, local };
  }
  const file = await pickSharedFile(client, argument, title);
  const here = file && (await localFileFor(file));
  return file && here && { file, local: here };
}

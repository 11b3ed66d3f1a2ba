import * as vscode from 'vscode';
import { viewIds } from '../ids.js';
import type { Command } from './command.js';
import { requireGroup } from './requireGroup.js';

/** Tries to reach every known peer now. */
export const connectPeers: Command = async ({ session }) => {
  const client = await requireGroup(session);
  await vscode.window.withProgress({ location: { viewId: viewIds.peers } }, () =>
    client.request('connect', null, AbortSignal.timeout(60_000)),
  );
  await session.refresh();
};

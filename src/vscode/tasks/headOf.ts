import * as vscode from 'vscode';
import { LocalError } from '../errorWords.js';

/** What is used of the API of the editor's own git extension. */
interface GitApi {
  getRepository(uri: vscode.Uri): { state?: { HEAD?: { commit?: unknown } } } | null;
}

/** The commit that is checked out in a folder, hex. @throws {PeerError} `not-found` where the editor knows none */
export async function headOf(folder: string): Promise<string> {
  const git = vscode.extensions.getExtension<{ getAPI(version: 1): GitApi }>('vscode.git');
  const exports = await git?.activate();
  const repository = exports?.getAPI(1).getRepository(vscode.Uri.file(folder));
  const commit = repository?.state?.HEAD?.commit;
  if (typeof commit === 'string') return commit;
  throw new LocalError(
    'not-found',
    vscode.l10n.t('The editor knows no commit that is checked out in this folder.'),
  );
}

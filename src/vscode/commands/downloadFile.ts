import * as vscode from 'vscode';
import type { GetResult, ShareInfo } from '../../control/contract.js';
import { PeerError } from '../../common/errors.js';
import { isTaken } from '../../common/targetPath.js';
import { askFile, askFolder, localPath } from '../downloads/askTarget.js';
import { askIfExists } from '../downloads/askIfExists.js';
import { planDownloads, type Plan } from '../downloads/plan.js';
import { tellDownloaded, type Outcome } from '../downloads/tellDownloaded.js';
import { ifExists } from '../settings.js';
import { cancellable, runWithProgress, type Step } from '../transferProgress.js';
import { isRow } from '../views/rows.js';
import { noticeText } from '../visibleText.js';
import type { Command, CommandContext } from './command.js';
import { pickShare } from './pickShare.js';
import { requireGroup } from './requireGroup.js';

/**
 * Fetches files and folders of the group, from rows of the Files view or from a pick, to where the user says. What is to
 * happen to files that exist is settled before the first of them moves.
 */
export const downloadFile: Command = async (context, chosen, more) => {
  const client = await requireGroup(context.session);
  const rows = Array.isArray(more) ? more.filter((row) => isRow(row, 'file')) : [];
  const only =
    rows.length > 1 ? undefined : await pickShare(client, chosen, vscode.l10n.t('Download a File'));
  const shares = only === undefined ? rows.map(({ share }) => share) : [only];
  if (shares.length === 0) return;
  const plan = await makePlan(shares, more);
  if (plan !== undefined) await download(context, plan);
};

async function makePlan(shares: readonly ShareInfo[], target: unknown): Promise<Plan | undefined> {
  const policy = ifExists();
  const [share] = shares;
  if (share === undefined) return undefined;
  if (target instanceof vscode.Uri) {
    return planDownloads([{ share, path: localPath(target) }], policy, askIfExists);
  }
  if (shares.length > 1 || share.kind === 'folder' || policy !== 'ask') {
    const wanted = await askFolder(shares);
    return wanted && planDownloads(wanted, policy, askIfExists);
  }
  const uri = await askFile(share);
  if (uri === undefined) return undefined;
  const path = localPath(uri);
  // Where the dialog showed an existing file, it has asked about replacing it.
  const overwrite = await isTaken(path, 'file');
  return { downloads: [{ share, path, overwrite, acceptSame: false }], skipped: [] };
}

/** All that was planned; what fails does not keep the rest from coming. */
async function download({ session, log }: CommandContext, plan: Plan): Promise<void> {
  const done: GetResult[] = [];
  const failed: Outcome['failed'][number][] = [];
  const steps = plan.downloads.map((planned): Step => {
    const { share, path, overwrite, acceptSame } = planned;
    return {
      label: noticeText(share.name),
      run: async (client, transferId, signal) => {
        const params = { transferId, share: share.shareId, path, overwrite, acceptSame };
        try {
          done.push(
            await cancellable(client, transferId, signal, () => client.request('get', params)),
          );
        } catch (thrown) {
          const error = PeerError.from(thrown);
          if (error.code === 'cancelled' || steps.length === 1) throw error;
          log.warn(`${share.shareId} was not downloaded`, error);
          failed.push({ planned, error });
        }
      },
    };
  });
  const title =
    steps.length === 1
      ? vscode.l10n.t('Downloading')
      : vscode.l10n.t('Downloading {0} items', steps.length);
  try {
    if (steps.length > 0) await runWithProgress(session, title, steps);
  } finally {
    const { skipped } = plan;
    if (done.length + failed.length + skipped.length > 0) {
      void tellDownloaded({ done, skipped, failed });
    }
  }
}

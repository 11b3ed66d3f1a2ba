import * as vscode from 'vscode';

/** What runs shorter is not worth a notification, milliseconds. */
const quietFor = 2_000;

/** How much of something is done, 0 to 1. */
export type OnShare = (done: number) => void;

/**
 * Runs something; when it takes long, with a notification that shows how far it is, and lets the user cancel it.
 *
 * @throws what `run` throws
 */
export async function withSlowProgress<T>(
  title: string,
  run: (signal: AbortSignal, onShare: OnShare) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let done = 0;
  let show: OnShare = () => undefined;
  const work = run(abort.signal, (share) => {
    done = share;
    show(share);
  });
  const timer = setTimeout(() => {
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, async (progress, token) => {
      let shown = 0;
      show = (share) => {
        const percent = Math.floor(share * 100);
        if (percent <= shown) return;
        progress.report({ increment: percent - shown, message: `${String(percent)}%` });
        shown = percent;
      };
      show(done);
      const cancelling = token.onCancellationRequested(() => {
        abort.abort();
      });
      await work.catch(() => undefined); // whoever called hears of it
      cancelling.dispose();
    });
  }, quietFor);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type { ControlClient, TransferInfo } from '../control/contract.js';
import { PeerError } from '../common/errors.js';
import { percent } from './format.js';
import type { PeerSession } from './peerSession.js';
import { liveFigures } from './views/transferItem.js';

/** What runs shorter is not worth a notification; the Transfers view shows it all the same. */
const quietFor = 2_000;

/** One transfer at a time of a batch that the user sees as one. */
export interface Step {
  /** Names the file in the notification. */
  readonly label: string;
  run(client: ControlClient, transferId: string, signal: AbortSignal): Promise<void>;
}

/**
 * Runs transfers one after the other under one progress notification with percent and Cancel.
 *
 * @throws {PeerError} of the first step that fails; `cancelled` when the user cancels
 */
export async function runWithProgress(
  session: PeerSession,
  title: string,
  steps: readonly Step[],
): Promise<void> {
  const client = await session.client();
  const batch = new Batch(session, client, steps);
  const work = batch.run();
  const early = await Promise.race([
    work.then(
      () => true,
      () => true,
    ),
    new Promise<false>((resolve) => {
      const timer = setTimeout(() => {
        resolve(false);
      }, quietFor);
      void work
        .catch(() => undefined)
        .finally(() => {
          clearTimeout(timer);
        });
    }),
  ]);
  if (early) return work;
  const location = vscode.ProgressLocation.Notification;
  await vscode.window.withProgress({ location, title, cancellable: true }, (progress, token) => {
    const cancelling = token.onCancellationRequested(() => {
      batch.cancel();
    });
    batch.report(progress);
    return work.finally(() => {
      cancelling.dispose();
    });
  });
}

class Batch {
  readonly #abort = new AbortController();
  #step = 0;
  #transferId = '';
  /** Of the step that runs, as the peer told it last: what stands still tells nothing more. */
  #transfer: TransferInfo | undefined;
  #show: () => void = () => undefined;

  constructor(
    private readonly session: PeerSession,
    private readonly client: ControlClient,
    private readonly steps: readonly Step[],
  ) {}

  async run(): Promise<void> {
    const watching = this.session.onDidTransfer((transfer) => {
      if (transfer.transferId !== this.#transferId) return;
      this.#transfer = transfer;
      this.#show();
    });
    try {
      for (const [index, step] of this.steps.entries()) {
        if (this.#abort.signal.aborted) throw new PeerError('cancelled', 'Cancelled.');
        this.#step = index;
        this.#transferId = randomUUID();
        this.#transfer = undefined;
        await step.run(this.client, this.#transferId, this.#abort.signal);
      }
    } finally {
      watching.dispose();
    }
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Shows how far it is, from now on. */
  report(progress: vscode.Progress<{ message?: string; increment?: number }>): void {
    let shown = 0;
    this.#show = () => {
      const transfer = this.#transfer;
      const done = transfer === undefined ? 0 : percent(transfer.bytesDone, transfer.bytesTotal);
      const figures = transfer === undefined ? [] : liveFigures(transfer);
      const label = this.steps[this.#step]?.label ?? '';
      const whole = ((this.#step + done / 100) / this.steps.length) * 100;
      progress.report({
        message: [label, ...figures].join(' · '),
        increment: Math.max(0, whole - shown),
      });
      shown = Math.max(shown, whole);
    };
    this.#show();
  }
}

/**
 * Runs one request of a transfer; when the signal fires the peer is told to cancel it, and the answer is
 * awaited, so that nothing goes on behind the user's back.
 */
export async function cancellable<T>(
  client: ControlClient,
  transferId: string,
  signal: AbortSignal,
  request: () => Promise<T>,
): Promise<T> {
  const cancel = (): void => {
    client.request('cancel', { transferId }, AbortSignal.timeout(10_000)).catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await request();
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

import type { TransferInfo } from '../../control/contract.js';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { Emitter } from '../../common/events.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import type { PeerSession } from '../peerSession.js';

/** Most ended transfers that are remembered here; the peer keeps its own list. */
const mostKept = 500;

/** All transfers of the attached peer, whichever window or terminal started them. */
export class TransferLog implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #transfers = new Map<string, TransferInfo>();
  readonly #proved = new Map<string, number>();
  readonly #changed = this.#parts.add(new Emitter<TransferInfo | undefined>());
  /** One transfer moved, or, undefined, the list is another one. */
  readonly onDidChange = this.#changed.event;

  constructor(
    private readonly session: PeerSession,
    private readonly log: Logger,
  ) {
    this.#parts.add(
      session.onDidTransfer((transfer) => {
        this.#update(transfer);
      }),
    );
    this.#parts.add(
      session.onDidChangeState((state) => {
        if (state === 'running') void this.reload();
        else this.#reset([]);
      }),
    );
  }

  /** Newest first. */
  get all(): readonly TransferInfo[] {
    return [...this.#transfers.values()].sort((a, b) => b.startedAt - a.startedAt);
  }

  get(transferId: string): TransferInfo | undefined {
    return this.#transfers.get(transferId);
  }

  /** When a share was last downloaded by this machine and its hash found right. */
  provedAt(shareId: string): number | undefined {
    return this.#proved.get(shareId);
  }

  async reload(): Promise<void> {
    const client = this.session.attached;
    if (client === undefined) return;
    try {
      const { transfers } = await client.request('transfers', null, AbortSignal.timeout(10_000));
      this.#reset(transfers);
    } catch (error) {
      this.log.debug(`Could not read the transfers: ${PeerError.from(error).message}`);
    }
  }

  dispose(): void {
    this.#parts.dispose();
  }

  #reset(transfers: readonly TransferInfo[]): void {
    this.#transfers.clear();
    for (const transfer of transfers.slice(-mostKept)) this.#keep(transfer);
    this.#changed.fire(undefined);
  }

  #update(transfer: TransferInfo): void {
    const before = this.#transfers.get(transfer.transferId);
    this.#keep(transfer);
    const oldest = this.#transfers.keys().next().value;
    if (this.#transfers.size > mostKept && oldest !== undefined) this.#transfers.delete(oldest);
    this.#changed.fire(before?.state === transfer.state ? transfer : undefined);
  }

  #keep(transfer: TransferInfo): void {
    this.#transfers.set(transfer.transferId, transfer);
    if (transfer.kind === 'get' && transfer.state === 'done' && transfer.shareId !== null) {
      this.#proved.set(transfer.shareId, transfer.endedAt ?? Date.now());
    }
  }
}

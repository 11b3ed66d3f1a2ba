import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import type { ControlEvents } from '../../control/contract.js';
import type { PeerSession } from '../peerSession.js';
import { Throttle } from '../throttle.js';

/** Has the editor read a whole tree again, now and then at most. */
export class Redraw implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new vscode.EventEmitter<undefined>());
  readonly #throttle = this.#parts.add(
    new Throttle(() => {
      this.#changed.fire(undefined);
    }),
  );
  /** What the tree's provider gives out as `onDidChangeTreeData`. */
  readonly event = this.#changed.event;

  request(): void {
    this.#throttle.request();
  }

  /** Calls `refresh` when the state of the session changes, or something that `concerns` the tree. */
  follow(
    session: PeerSession,
    refresh: () => void,
    concerns: (change: ControlEvents['changed']) => boolean = () => true,
  ): void {
    this.#parts.add(session.onDidChangeState(refresh));
    this.#parts.add(
      session.onDidChange((change) => {
        if (concerns(change)) refresh();
      }),
    );
  }

  dispose(): void {
    this.#parts.dispose();
  }
}

import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../common/disposable.js';
import { PeerError } from '../../common/errors.js';
import type { Logger } from '../../common/logger.js';
import { Throttle } from '../throttle.js';

/** Where one level of a tree comes from. */
export interface TreeSource<R extends object> {
  /** Reads all rows. @throws {PeerError} */
  readonly load: () => Promise<readonly R[]>;
  /** Tells rows apart, however they change. */
  readonly key: (row: R) => string;
  /** Everything that is seen of a row, as text: another one is another look. */
  readonly look: (row: R) => string;
  readonly isVisible: () => boolean;
  readonly log: Logger;
}

interface Drawn<R> {
  readonly row: R;
  look: string;
}

/**
 * One level of a tree, read again now and then at most. Rows stay the same objects as long as their keys do, and the
 * editor draws again only those that look different: a selection, a menu that is open and a screen reader stay where they
 * are. When reading fails the tree is empty and the log says why: the state of the session tells the user.
 */
export class LiveTree<R extends object> implements Disposable {
  readonly #parts = new DisposableStore();
  readonly #changed = this.#parts.add(new vscode.EventEmitter<R[] | undefined>());
  readonly event = this.#changed.event;
  readonly #throttle = this.#parts.add(
    new Throttle(() => {
      void this.#refresh();
    }),
  );
  #drawn = new Map<string, Drawn<R>>();
  /** Rows that were read for an editor that is about to ask for them. */
  #ready: R[] | undefined;
  #busy = false;
  #again = false;

  constructor(private readonly source: TreeSource<R>) {}

  /** Something may have changed. */
  request(): void {
    this.#ready = undefined;
    this.#throttle.request();
  }

  /** The rows, for the editor. */
  async rows(): Promise<R[]> {
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready !== undefined) return ready;
    this.#take(await this.#load());
    return this.all;
  }

  /** As they were read last. */
  get all(): R[] {
    return [...this.#drawn.values()].map(({ row }) => row);
  }

  dispose(): void {
    this.#parts.dispose();
  }

  async #refresh(): Promise<void> {
    // Nobody looks: the editor asks when somebody does.
    if (!this.source.isVisible()) {
      this.#ready = undefined;
      this.#changed.fire(undefined);
      return;
    }
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    try {
      const changed = this.#take(await this.#load());
      if (changed === undefined) this.#ready = this.all;
      if (changed === undefined || changed.length > 0) this.#changed.fire(changed);
    } finally {
      this.#busy = false;
      if (this.#again) this.request();
      this.#again = false;
    }
  }

  async #load(): Promise<readonly R[]> {
    try {
      return await this.source.load();
    } catch (error) {
      this.source.log.debug(`A view could not be read: ${PeerError.from(error).message}`);
      return [];
    }
  }

  /** @returns rows that look different; undefined when there are others, or in another order */
  #take(fresh: readonly R[]): R[] | undefined {
    const { key, look } = this.source;
    const before = [...this.#drawn.keys()];
    const changed: R[] = [];
    const drawn = new Map<string, Drawn<R>>();
    for (const row of fresh) {
      const id = key(row);
      const known = this.#drawn.get(id);
      const now = look(row);
      if (known === undefined) {
        drawn.set(id, { row, look: now });
        continue;
      }
      Object.assign(known.row, row);
      if (known.look !== now) changed.push(known.row);
      known.look = now;
      drawn.set(id, known);
    }
    this.#drawn = drawn;
    const same =
      before.length === drawn.size && [...drawn.keys()].every((id, at) => id === before[at]);
    return same ? changed : undefined;
  }
}

import { toDisposable, type Disposable } from '../../common/disposable.js';
import { Emitter } from '../../common/events.js';
import type { Group } from './group.js';

export interface GroupsDependencies {
  /** The data directories that the settings name now, each once, the first group's first. */
  readonly directories: () => readonly [string, ...string[]];
  readonly open: (directory: string) => Group;
}

/** The groups of this machine: the first, and those beside it. Follows the settings; knows nothing of the editor. */
export class Groups implements Disposable {
  readonly #changed = new Emitter<void>();
  /** The list is another one. */
  readonly onDidChange = this.#changed.event;
  #all: readonly [Group, ...Group[]];

  constructor(private readonly deps: GroupsDependencies) {
    this.#all = mapAll(deps.directories(), (directory) => deps.open(directory));
  }

  get all(): readonly [Group, ...Group[]] {
    return this.#all;
  }

  get first(): Group {
    return this.#all[0];
  }

  /** Undefined where there are several. */
  get only(): Group | undefined {
    return this.#all.length === 1 ? this.first : undefined;
  }

  find(directory: string): Group | undefined {
    return this.#all.find((group) => group.directory === directory);
  }

  /** Runs for each group that is there, and for each that comes; what it returns is disposed of when that one goes. */
  each(start: (group: Group) => Disposable): Disposable {
    const running = new Map<Group, Disposable>();
    const update = (): void => {
      for (const [group, part] of running) {
        if (this.#all.includes(group)) continue;
        running.delete(group);
        part.dispose();
      }
      for (const group of this.#all) {
        if (!running.has(group)) running.set(group, start(group));
      }
    };
    update();
    const following = this.onDidChange(update);
    return toDisposable(() => {
      following.dispose();
      for (const part of running.values()) part.dispose();
    });
  }

  /** Attaches those that nobody has asked for yet. */
  wake(): void {
    for (const { session } of this.#all) session.wake();
  }

  /** Turns to the directories that the settings name now. A group that comes is attached where one that was there is. */
  follow(): void {
    const before = this.#all;
    const all = mapAll(
      this.deps.directories(),
      (directory) => this.find(directory) ?? this.deps.open(directory),
    );
    if (all.length === before.length && all.every((group, at) => group === before[at])) return;
    const isAwake = before.some(
      ({ session: { state } }) => state !== 'idle' && state !== 'stopped',
    );
    this.#all = all;
    this.#changed.fire();
    for (const group of before) {
      if (!all.includes(group)) group.dispose();
    }
    if (isAwake) this.wake();
  }

  dispose(): void {
    this.#changed.dispose();
    for (const group of this.#all) group.dispose();
  }
}

function mapAll<T, U>([first, ...more]: readonly [T, ...T[]], map: (one: T) => U): [U, ...U[]] {
  return [map(first), ...more.map(map)];
}

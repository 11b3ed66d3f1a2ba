import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
} from 'node:fs';
import { PeerError } from '../../common/errors.js';

/** Not on Windows, where folders cannot be opened. */
const { O_DIRECTORY, O_NOFOLLOW } = constants as {
  readonly O_DIRECTORY?: number;
  readonly O_NOFOLLOW?: number;
};

/**
 * A folder that this process makes and writes into, for its user alone. Whoever may write to the folder above could put a
 * link in its place, so that what is written by its name would land elsewhere.
 */
export class OwnFolder {
  readonly #handle: number | undefined;
  readonly #id: string;
  /** Permissions that a folder has by default: what the umask leaves. */
  readonly allowed: number;
  #isRemoved = false;

  /** @throws system errors; it must not exist */
  constructor(private readonly at: string) {
    mkdirSync(at, 0o777);
    if (O_DIRECTORY !== undefined && O_NOFOLLOW !== undefined) {
      this.#handle = openSync(at, constants.O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    }
    const made = this.#handle === undefined ? lstatSync(at) : fstatSync(this.#handle);
    this.allowed = made.mode & 0o777;
    this.#id = idOf(made);
    this.setMode(0o700);
  }

  setMode(mode: number): void {
    if (this.#handle !== undefined) fchmodSync(this.#handle, mode);
  }

  /** For paths in it: on Linux the folder itself, whatever has its name meanwhile. @throws PeerError `disk` */
  get path(): string {
    if (this.#handle !== undefined && process.platform === 'linux') {
      return `/proc/${process.pid}/fd/${this.#handle}`;
    }
    this.check();
    return this.at;
  }

  /** @throws PeerError `disk` when something else has its name */
  check(): void {
    if (this.#isInPlace()) return;
    throw new PeerError('disk', 'The folder that is written to was moved away or replaced.', {
      hint: 'Choose a folder that nobody else can write to.',
    });
  }

  /** Removes it with all that is in it, where it still has its name. Idempotent. */
  remove(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    if (this.#isInPlace()) rmSync(this.at, { recursive: true, force: true });
    if (this.#handle !== undefined) closeSync(this.#handle);
  }

  #isInPlace(): boolean {
    const there = lstatSync(this.at, { throwIfNoEntry: false });
    return there !== undefined && idOf(there) === this.#id;
  }
}

function idOf({ dev, ino }: { readonly dev: number; readonly ino: number }): string {
  return `${dev} ${ino}`;
}

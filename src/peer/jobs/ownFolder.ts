import {
  closeSync,
  constants,
  fchmodSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { PeerError } from '../../common/errors.js';
import { probeBeside } from './dress.js';
import { identityAt, identityOf, isSame, type FileIdentity } from './fileIdentity.js';

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
  readonly identity: FileIdentity;
  #isClosed = false;

  private constructor(
    private readonly at: string,
    /** Permissions that a folder has by default: what the umask leaves. */
    readonly allowed: number,
  ) {
    if (O_DIRECTORY !== undefined && O_NOFOLLOW !== undefined) {
      this.#handle = openSync(at, constants.O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    }
    const own = this.#handle === undefined ? identityAt(at) : identityOf(this.#handle);
    if (own === null) throw replaced();
    this.identity = own;
    this.setMode(0o700);
  }

  /** @throws system errors; it must not exist */
  static make(at: string): OwnFolder {
    return new OwnFolder(at, makeFolder(at));
  }

  /** One that an earlier run has made. @throws system errors */
  static open(at: string): OwnFolder {
    // It has other permissions by now than it was made with: a folder beside it tells.
    const probe = probeBeside(at);
    rmSync(probe, { recursive: true, force: true });
    const allowed = makeFolder(probe);
    rmdirSync(probe);
    return new OwnFolder(at, allowed);
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
    if (!this.#isInPlace()) throw replaced();
  }

  /** Lets go of it, and removes it with all that is in it, where it still has its name, unless it is kept. Idempotent. */
  close(keep: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!keep && this.#isInPlace()) rmSync(this.at, { recursive: true, force: true });
    if (this.#handle !== undefined) closeSync(this.#handle);
  }

  #isInPlace(): boolean {
    const there = identityAt(this.at);
    return there !== null && isSame(there, this.identity);
  }
}

/** @returns its permissions */
function makeFolder(at: string): number {
  mkdirSync(at, 0o777);
  return lstatSync(at).mode & 0o777;
}

function replaced(): PeerError {
  return new PeerError('disk', 'The folder that is written to was moved away or replaced.', {
    hint: 'Choose a folder that nobody else can write to.',
  });
}

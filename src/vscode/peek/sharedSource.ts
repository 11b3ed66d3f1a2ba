import type { PeerSession } from '../peerSession.js';
import { readRange } from '../shared/readShared.js';
import type { SharedFile } from '../shared/sharedFile.js';
import type { RangeSource } from './rangeSource.js';

/** A shared file to peek into; counts what that costs. */
export class SharedSource implements RangeSource {
  #fetched = 0;

  constructor(
    private readonly session: PeerSession,
    private readonly file: SharedFile,
  ) {}

  get size(): number {
    return this.file.size;
  }

  /** Bytes of pieces that holders have sent for it. */
  get fetched(): number {
    return this.#fetched;
  }

  async read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array> {
    // Attached anew where the peer was restarted meanwhile.
    const client = await this.session.client();
    const { bytes, fetched } = await readRange(client, this.file, { offset, length }, signal);
    this.#fetched += fetched;
    return bytes;
  }
}

/** What a peek reads from: a file of any size, in parts. */
export interface RangeSource {
  /** Bytes of the file. */
  readonly size: number;
  /**
   * Bytes from `offset` on: as many as asked for, fewer only at the end of the file. Verified.
   *
   * @throws {PeerError}
   */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
}

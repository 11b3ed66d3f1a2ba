import type { PeerInfo, ChunkRun, ShareInfo, TransferInfo } from '../../control/contract.js';

/** What the trees are made of. Commands get these as their first argument. */
export interface PeerRow {
  readonly type: 'peer';
  readonly peer: PeerInfo;
}

export interface FileRow {
  readonly type: 'file';
  readonly share: ShareInfo;
}

export interface RunRow {
  readonly type: 'run';
  readonly share: ShareInfo;
  readonly run: ChunkRun;
  /** Chunks of the whole share. */
  readonly chunks: number;
}

export interface MoreRow {
  readonly type: 'more';
}

export interface TransferRow {
  readonly type: 'transfer';
  readonly transfer: TransferInfo;
}

export type FilesRow = FileRow | RunRow | MoreRow;

/** Whether an argument of a command is a row of the given type; arguments can come from anywhere. */
export function isRow<T extends (PeerRow | FilesRow | TransferRow)['type']>(
  value: unknown,
  type: T,
): value is Extract<PeerRow | FilesRow | TransferRow, { type: T }> {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === type;
}

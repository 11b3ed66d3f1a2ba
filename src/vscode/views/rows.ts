import type { PeerInfo, ChunkRun, ShareInfo, TransferInfo } from '../../control/contract.js';
import type { Group } from '../groups/group.js';

/** What every row of the trees has. Commands get these as their first argument. */
interface Row {
  /** The group that it is of. */
  readonly group: Group;
}

/** The level above all others, where this machine is in several groups. */
export interface GroupRow extends Row {
  readonly type: 'group';
}

export interface PeerRow extends Row {
  readonly type: 'peer';
  readonly peer: PeerInfo;
}

export interface FileRow extends Row {
  readonly type: 'file';
  readonly share: ShareInfo;
}

export interface RunRow extends Row {
  readonly type: 'run';
  readonly share: ShareInfo;
  readonly run: ChunkRun;
  /** Chunks of the whole share. */
  readonly chunks: number;
}

/** What several files have in common, when they are grouped. */
export interface SectionRow extends Row {
  readonly type: 'section';
  /** Tells it apart from the others of its group. */
  readonly key: string;
  /** As it is shown. */
  readonly title: string;
  /** Name of a theme icon. */
  readonly icon: string;
  readonly files: readonly FileRow[];
}

export interface MoreRow extends Row {
  readonly type: 'more';
}

export interface TransferRow extends Row {
  readonly type: 'transfer';
  readonly transfer: TransferInfo;
}

export type FilesRow = FileRow | SectionRow | RunRow | MoreRow;

export type AnyRow = GroupRow | PeerRow | FilesRow | TransferRow;

/** Whether an argument of a command is a row of the given type; arguments can come from anywhere. */
export function isRow<T extends AnyRow['type']>(
  value: unknown,
  type: T,
): value is Extract<AnyRow, { type: T }> {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === type;
}

export function groupRow(group: Group): GroupRow {
  return { type: 'group', group };
}

/** What the editor tells rows of one tree apart by: two groups may know the same peers and shares. */
export function rowId({ directory }: Group, key: string): string {
  return `${directory}|${key}`;
}

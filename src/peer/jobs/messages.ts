/** What the main thread and a transfer worker say to each other. Pieces lie in shared memory and are not copied. */
import type { Geometry } from '../../chunk/geometry.js';
import type { GitState } from '../../chunk/tree.js';
import type { ErrorInfo } from '../../common/errors.js';
import type { SegmentRun, Written } from './targetSink.js';

/** Everything a worker must know to read, seal and encode a file or folder. */
export interface ShareJobInput {
  readonly kind: 'share';
  readonly path: string;
  readonly name: string;
  /** Whether `.gitignore` files are honoured. */
  readonly ignore: boolean;
  /** Whether files that look like secrets are meant to be shared. */
  readonly allowSecrets: boolean;
  /** What is checked out where it lies; null where nothing is. */
  readonly git: GitState | null;
  readonly shareId: Uint8Array;
  readonly contentKey: Uint8Array;
  readonly k: number;
  readonly m: number;
  /** Where the seals of segments are kept, and may be from an earlier run; null for nowhere. */
  readonly journal: string | null;
}

export interface GetJobInput {
  readonly kind: 'get';
  readonly shareId: Uint8Array;
  readonly geometry: Geometry;
  readonly contentKey: Uint8Array;
  /** Where the file or folder is written until it is verified. */
  readonly temporaryPath: string;
  /** Where the seals of segments are kept; null for nowhere. */
  readonly journal: string | null;
  /** Goes on with what an earlier run has written, as far as the journal tells, instead of beginning. */
  readonly resume: boolean;
  readonly path: string;
  readonly overwrite: boolean;
  /** Of a folder: what lies there already is the result where it is all that is wanted, by every SHA-256. */
  readonly acceptSame: boolean;
  readonly treeOffset: number;
  readonly treeLength: number;
  readonly treeDigest: Uint8Array;
  /** Null when the share is a single file. */
  readonly folder: FolderPart | null;
}

/** What a get worker has to know of a folder before anything is fetched. */
export interface FolderPart {
  /** The end of the stream, from `tailStart` on, where a segment starts: the last bytes of the files, and the tree. */
  readonly tail: Uint8Array;
  readonly tailStart: number;
  /** Paths of entries; null for all. */
  readonly wanted: readonly string[] | null;
}

export type JobInput = ShareJobInput | GetJobInput;

/** To a worker that is free: its next transfer. */
export interface JobMessage {
  readonly type: 'job';
  readonly input: JobInput;
}

/** To a share worker: another segment may be produced, in the memory of this number, which nobody reads any more. */
export interface MoreMessage {
  readonly type: 'more';
  readonly slot: number;
}

/** To a get worker: k or more pieces of a segment, by shard. */
export interface PiecesMessage {
  readonly type: 'pieces';
  readonly segment: number;
  readonly pieces: readonly (readonly [shard: number, piece: Uint8Array])[];
}

/** To a get worker that has something to read again, or nothing to fetch: go on. */
export interface BeginMessage {
  readonly type: 'begin';
}

/** To either: give up; leave nothing behind, unless it is to be gone on with. */
export interface StopMessage {
  readonly type: 'stop';
  readonly keep: boolean;
}

export type ToWorker = MoreMessage | PiecesMessage | BeginMessage | StopMessage;

/** Entries of a folder that are not shared, some of them by their paths. */
export interface LeftOut {
  readonly count: number;
  readonly some: readonly string[];
}

/** From a share worker: the file or folder is measured. */
export interface OpenedMessage {
  readonly type: 'opened';
  readonly geometry: Geometry;
  readonly kind: 'file' | 'folder';
  readonly entries: number;
  /** Bytes of all files. */
  readonly size: number;
  readonly treeOffset: number;
  readonly treeLength: number;
  readonly leftOut: {
    /** By `.gitignore`; a folder counts as one. */
    readonly ignored: number;
    /** Links that lead out of the folder. */
    readonly links: LeftOut;
    /** Sockets, devices and the like. */
    readonly special: LeftOut;
  };
}

/** From a share worker: the pieces of one segment, one for each shard (one in all when k is 1). */
export interface EncodedMessage {
  readonly type: 'encoded';
  readonly segment: number;
  /** Whose memory the pieces lie in, until `more` names it again. */
  readonly slot: number;
  readonly pieces: readonly Uint8Array[];
  /** SHA-256 of each of these. */
  readonly hashes: readonly Uint8Array[];
  /** Bytes of the file that are behind it now. */
  readonly done: number;
}

/** From a share worker: all segments were produced, and no file has changed meanwhile. */
export interface SharedMessage {
  readonly type: 'shared';
  readonly roots: readonly Uint8Array[];
  /** Of the file; of no meaning for a folder. */
  readonly sha256: Uint8Array;
  readonly treeDigest: Uint8Array;
}

/** From a get worker, of a folder, or when it goes on with something: the tree was checked, and this is to be fetched. */
export interface PlannedMessage {
  readonly type: 'planned';
  readonly runs: readonly SegmentRun[];
  /** Segments that should be there already: they will be read again, and be `written`, or `missing`. */
  readonly kept: readonly number[];
  /** Bytes of files. */
  readonly total: number;
}

/** From a get worker: a segment that was kept is not what it was, and is to be fetched after all. */
export interface MissingMessage {
  readonly type: 'missing';
  readonly segment: number;
}

/** From a get worker: a segment was verified by its tag and written. */
export interface WrittenMessage {
  readonly type: 'written';
  readonly segment: number;
  /** Bytes of files that are verified in order. */
  readonly done: number;
}

/** From a get worker: a segment does not open. */
export interface RejectedMessage {
  readonly type: 'rejected';
  readonly segment: number;
  /** Shards whose chunks fail their own headers or checksums. */
  readonly bad: readonly number[];
  /** SHA-256 of each piece, to be held against the signed roots. */
  readonly hashes: readonly (readonly [shard: number, hash: Uint8Array])[];
}

/** From a get worker: everything is verified, on disk, and under its final name. */
export interface FinishedMessage extends Written {
  readonly type: 'finished';
}

export interface FailedMessage {
  readonly type: 'failed';
  readonly error: ErrorInfo;
}

/** From a worker whose transfer was done, behind the last message of it: it takes another one. */
export interface FreeMessage {
  readonly type: 'free';
}

/** Of the transfer that it runs. */
export type FromWorker =
  | OpenedMessage
  | EncodedMessage
  | SharedMessage
  | PlannedMessage
  | MissingMessage
  | WrittenMessage
  | RejectedMessage
  | FinishedMessage
  | FailedMessage;

export type OutOfWorker = FromWorker | FreeMessage;

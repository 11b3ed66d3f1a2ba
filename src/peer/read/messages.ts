/** What the main thread and the reading thread say to each other: calls and answers, by number. */
import type { Geometry } from '../../chunk/geometry.js';
import type { GitState } from '../../chunk/tree.js';
import type { ErrorInfo } from '../../common/errors.js';

export interface ShareKey {
  readonly shareId: Uint8Array;
  readonly geometry: Geometry;
  readonly contentKey: Uint8Array;
}

export interface OpenedSegment {
  /** Null when the segment does not open. */
  readonly plaintext: Uint8Array | null;
  /** SHA-256 of each piece, to be held against the signed roots. */
  readonly hashes: readonly (readonly [shard: number, hash: Uint8Array])[];
}

export interface RebuiltPiece {
  readonly piece: Uint8Array;
  /** SHA-256 of each piece that it was made of, to be held against the signed roots. */
  readonly hashes: readonly (readonly [shard: number, hash: Uint8Array])[];
}

/** An entry of a tree as plain data. */
export interface EntryFacts {
  readonly kind: 'file' | 'dir' | 'symlink';
  readonly path: string;
  /** Of a file; 0 of others. */
  readonly size: number;
  readonly mode: number;
  readonly mtimeMs: number;
  /** Of a file, hex; empty of others. */
  readonly sha256: string;
  /** Of a link; empty of others. */
  readonly target: string;
}

export interface EntryPlace extends EntryFacts {
  /** Where a file starts in the stream. */
  readonly start: number;
}

/** What to list of a tree. */
export interface TreePage {
  /** A path: only that entry, and what is below it. Empty for all. */
  readonly under: string;
  /** Only what lies in `under` itself, folders included that nothing but an entry in them tells of. */
  readonly direct: boolean;
  /** Position in the tree. */
  readonly from: number;
  readonly limit: number;
}

/** Calls by name. Trees go by the hex id of their share; null says that the thread has it no more. */
export interface ReadCalls {
  /** Opens a segment of k pieces, and hashes these. */
  open: {
    params: {
      readonly share: ShareKey;
      readonly segment: number;
      readonly pieces: readonly (readonly [shard: number, piece: Uint8Array])[];
    };
    result: OpenedSegment;
  };
  /** Makes the piece of another shard of k pieces, or takes it over when it is among them; hashes these. No key. */
  rebuild: {
    params: {
      readonly share: Omit<ShareKey, 'contentKey'>;
      readonly segment: number;
      readonly pieces: readonly (readonly [shard: number, piece: Uint8Array])[];
      readonly shard: number;
    };
    result: RebuiltPiece;
  };
  /** Checks and keeps a tree. @throws integrity, protocol, limit */
  keep: {
    params: {
      readonly share: string;
      readonly bytes: Uint8Array;
      readonly digest: Uint8Array;
      /** Bytes of all files. */
      readonly total: number;
    };
    result: null;
  };
  forget: { params: { readonly share: string }; result: null };
  entry: {
    params: { readonly share: string; readonly path: string };
    /** `undefined` when the share has no such entry. */
    result: EntryPlace | undefined | null;
  };
  /** Entries from the position `from` on, all or those below a folder. */
  list: {
    params: { readonly share: string } & TreePage;
    result: {
      readonly entries: readonly EntryFacts[];
      readonly next: number | null;
      readonly git: GitState | null;
    } | null;
  };
}

export type ReadMethod = keyof ReadCalls;

export interface CallMessage {
  readonly id: number;
  readonly method: ReadMethod;
  readonly params: unknown;
}

/** Null asks the thread to end. */
export type ToReader = CallMessage | null;

export type FromReader =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: ErrorInfo };

/** To share a file or folder. */
import type { ShareInfo } from './shares.js';

/** `auto`, `copies:N` (N ≥ 1) or `K+M` (K ≥ 1, K+M ≤ 255). */
export type Redundancy = string;

/** Most peers that one share can name as its holders: as many as it can have shards. */
export const maxChosenHolders = 255;

export interface ShareParams {
  /** Chosen by the client, unique: progress and cancel refer to it. */
  readonly transferId: string;
  /** Absolute path of a file or folder. */
  readonly path: string;
  readonly redundancy?: Redundancy;
  /**
   * Node ids of other members who are to take its shards before anybody else, each once, at most
   * {@link maxChosenHolders}. How many shards there are they do not change: where they are too few, others take the
   * rest, and a warning says so.
   */
  readonly holders?: readonly string[];
  /** Whether `.gitignore` files in a folder are honoured; they are unless this says false. */
  readonly ignore?: boolean;
  /** Whether files that look like secrets are meant; `secrets` with `details` `{count, names}` unless this says so. */
  readonly allowSecrets?: boolean;
}

export interface ShareResult {
  /** Null outside of a repository, and where git is not there or does not answer in time. */
  readonly git: GitInfo | null;
  readonly share: ShareInfo;
  /** Holders that were chosen and could not confirm, by name: the share is safe, with less spare. */
  readonly missing: readonly string[];
  /** Things the user should know, in words: too few peers, … */
  readonly warnings: readonly string[];
  /** Entries of a folder that `.gitignore` left out; a folder in it counts as one. */
  readonly ignored: number;
}

/** What was checked out where something was shared: the author’s word. Show the branch and the folder escaped. */
export interface GitInfo {
  /** Hex, 40 or 64 digits. */
  readonly commit: string;
  /** Null when no branch was checked out. */
  readonly branch: string | null;
  /** Whether tracked files of the repository differed from the commit. */
  readonly dirty: boolean;
  /** The folder of the repository in which it lay, by '/'; empty at the top, null where that is not told. Show it escaped. */
  readonly folder: string | null;
}

import type { VersionRow } from '../../store/store.js';

/** Which versions of a file its author keeps. */
export interface VersionPolicy {
  /** At most so many, the newest among them. */
  readonly versions: number;
  /** An older one so many days after a newer one took its place. */
  readonly versionDays: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/**
 * The versions that are to go, of all of one file, newest first as the store orders them. Never the newest, and never one
 * that no other names as its predecessor: of a fork, nobody said which side is to go.
 */
export function surplusVersions(
  versions: readonly VersionRow[],
  policy: VersionPolicy,
  now: number,
): VersionRow[] {
  return versions.filter(
    ({ replacedAt }, index) =>
      index > 0 &&
      replacedAt !== null &&
      (index >= policy.versions || now - replacedAt >= policy.versionDays * dayMs),
  );
}

/** Names of the environment variables by which a runner and the suite in the host agree. */
export const suiteEnvironment = {
  /** File that the suite writes its results to. */
  results: 'CHUNK_PARTITIONER_TEST_RESULTS',
  /** Invite code of a group of four peers. */
  invite: 'CHUNK_PARTITIONER_TEST_INVITE',
  /** Invite code of a group of two others. */
  secondInvite: 'CHUNK_PARTITIONER_TEST_SECOND_INVITE',
  /** Throw-away folder for files and data directories. */
  scratch: 'CHUNK_PARTITIONER_TEST_SCRATCH',
} as const;

/** In the folder that is open: fetches what the second group has. */
export const fetchTask = {
  ...{ label: 'fetch', type: 'chunk-partitioner', action: 'fetch' },
  ...{ share: 'of group 1.bin', path: 'fetched.bin' },
} as const;

export interface SuiteResults {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly error: string }[];
  /** Whether there is nothing to come. */
  readonly ended: boolean;
}

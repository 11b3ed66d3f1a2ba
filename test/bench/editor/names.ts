/** What the runner prepares and the suite in the host finds, by name in the throw-away folder. */
export const benchNames = {
  large: 'one gibibyte.bin',
  fetched: 'fetched.bin',
  /** Data directory of the editor's peer. */
  data: 'data',
  /** Data directory with a filled catalog. */
  catalog: 'catalog',
} as const;

export const largeSize = 2 ** 30;

/** Shared by another peer; most of it is a hole. */
export const peekFile = { name: 'four gibibytes.log', size: 2 ** 32 } as const;

/** Files in the tree that is opened, and the shares that make them: some are newer versions of others. */
export const treeFiles = 10_000;
export const treeShares = 10_204;

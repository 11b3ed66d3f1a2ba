import path from 'node:path';

/** Most groups beside the first: each is a process of its own, and a row on every first level. */
export const mostFurther = 8;

/** An entry of the setting that does not count. */
export interface Refused {
  /** From 0 on; undefined where the setting is no list. */
  readonly entry: number | undefined;
  readonly why: 'no-list' | 'no-text' | 'not-absolute' | 'double' | 'too-many';
}

export interface GroupDirectories {
  /** Absolute, each once; the first group's comes first. */
  readonly directories: readonly [string, ...string[]];
  readonly refused: readonly Refused[];
}

/**
 * The data directories of this machine's groups.
 *
 * @param further what stands in the setting, which may be anything
 */
export function groupDirectories(first: string, further: unknown): GroupDirectories {
  const directories: [string, ...string[]] = [path.resolve(first)];
  if (!Array.isArray(further)) {
    return { directories, refused: [{ entry: undefined, why: 'no-list' }] };
  }
  const refused: Refused[] = [];
  for (const [entry, value] of further.entries()) {
    const directory = typeof value === 'string' ? value.trim() : undefined;
    const why = reasonAgainst(directory, directories);
    if (why !== undefined) refused.push({ entry, why });
    else if (directory !== undefined) directories.push(path.resolve(directory));
  }
  return { directories, refused };
}

function reasonAgainst(
  directory: string | undefined,
  known: readonly string[],
): Refused['why'] | undefined {
  if (directory === undefined) return 'no-text';
  if (!path.isAbsolute(directory)) return 'not-absolute';
  if (known.includes(path.resolve(directory))) return 'double';
  return known.length > mostFurther ? 'too-many' : undefined;
}

/** The first of `FIRST-2`, `FIRST-3`, … that is not taken. */
export async function freeDirectory(
  first: string,
  isTaken: (directory: string) => Promise<boolean>,
): Promise<string> {
  for (let number = 2; ; number += 1) {
    const directory = `${first}-${String(number)}`;
    if (!(await isTaken(directory))) return directory;
  }
}

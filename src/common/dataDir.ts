import envPaths from 'env-paths';

/** The data directory of this user by the platform's convention; `--data-dir` and a setting override it. */
export function defaultDataDir(): string {
  return envPaths('chunk-partitioner', { suffix: '' }).data;
}

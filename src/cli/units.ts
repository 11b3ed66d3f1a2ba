const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `0 B`, `496 B`, `1.05 MB`, `315 MB`: decimal units, three digits. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  const text = digits === 0 ? value.toFixed(0) : value.toFixed(digits).replace(/\.?0+$/, '');
  return `${text} ${units[unit] ?? 'B'}`;
}

/** `12,345`: the same in every locale, so that output can be compared. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}

/** `just now`, `5 m ago`, `2 h ago`, `3 d ago`; times in the future are `just now`. */
export function formatAge(then: number, now: number): string {
  const seconds = (now - then) / 1000;
  if (seconds < 60) return 'just now';
  return `${formatDuration(seconds)} ago`;
}

/** `42 s`, `5 m`, `2 h`, `3 d`, of seconds. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${String(Math.ceil(seconds))} s`;
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} m`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3600))} h`;
  return `${String(Math.floor(seconds / 86_400))} d`;
}

/** Whole percent, 100 only when all is done. An empty file is done at once. */
export function percent(done: number, total: number): number {
  if (total <= 0) return 100;
  return Math.min(done >= total ? 100 : 99, Math.floor((done / total) * 100));
}

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `30m`, `1h`, `7d` as milliseconds; null when it is not a duration, or below 1 s or above 30 d. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,6})\s?([smhd])$/.exec(text.trim());
  const unit = unitMs[match?.[2] ?? ''];
  if (match?.[1] === undefined || unit === undefined) return null;
  const ms = Number(match[1]) * unit;
  return ms >= 1000 && ms <= 30 * 86_400_000 ? ms : null;
}

/** `5, 7–9` of sorted or unsorted numbers. */
export function formatRuns(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const value of sorted) {
    const run = runs.at(-1);
    if (run && value <= run[1] + 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([first, last]) => formatRun(first, last)).join(', ');
}

/** `5` or `7–9`. */
export function formatRun(first: number, last: number): string {
  return first === last ? formatCount(first) : `${formatCount(first)}–${formatCount(last)}`;
}

import { PeerError } from '../common/errors.js';

/** Longest name of a file or folder, bytes of UTF-8. */
export const MAX_NAME_BYTES = 255;

const reserved = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i;
/** Control characters, line separators, unpaired surrogates, and what turns the direction of text. */
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Why a name cannot be stored safely on every platform, as the end of a sentence; null when it can. */
export function entryNameProblem(name: string): string | null {
  if (name === '') return 'is empty';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `is longer than ${MAX_NAME_BYTES} bytes`;
  if (name === '.' || name === '..') return 'means a folder';
  if (/[/\\]/.test(name)) return 'contains a path separator';
  if (name.includes(':')) return 'contains a colon';
  if (unprintable.test(name)) return 'contains control or direction characters';
  if (/[. ]$/.test(name)) return 'ends with a dot or a space';
  if (reserved.test(name)) return 'is reserved on Windows';
  return null;
}

/** One component of a path: any script, spaces inside. @throws PeerError `usage` for what no peer accepts */
export function validateEntryName(name: string): void {
  const problem = entryNameProblem(name);
  if (problem === null) return;
  throw new PeerError('usage', `The name ${JSON.stringify(name)} ${problem}.`, {
    hint: 'Rename it, then share it again.',
  });
}

/** The same for all that a file system may take for one: Unicode form and case do not count. */
export function foldName(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC');
}

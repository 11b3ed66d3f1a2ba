import { InvalidArgumentError, Option } from 'commander';
import { PeerError } from '../common/errors.js';
import { parseLimit } from '../common/byteSize.js';
import { parseDuration } from './units.js';

/** `--listen HOST:PORT`; what it says is checked by the peer. */
export function listenOption(): Option {
  return new Option(
    '--listen <host:port>',
    'address to listen on, port 0 for any that is free; kept for later runs (0.0.0.0:0)',
  );
}

/** `--valid 1h`, in milliseconds. */
export function validOption(): Option {
  return new Option(
    '--valid <time>',
    'how long the code can be used: 90s, 30m, 1h, 7d (24h)',
  ).argParser((text) => {
    const ms = parseDuration(text);
    if (ms === null) throw new InvalidArgumentError('Give a time from 1s to 30d, like 30m or 1h.');
    return ms;
  });
}

/** `--redundancy auto|copies:N|K+M`. */
export function redundancyOption(): Option {
  return new Option(
    '--redundancy <how>',
    'auto, copies:N (N whole copies), or K+M (any K of K+M pieces give the file back)',
  ).argParser((text) => {
    if (!isRedundancy(text)) {
      throw new InvalidArgumentError(
        'Give auto, copies:N with N from 1, or K+M with K from 1 and K+M up to 255.',
      );
    }
    return text;
  });
}

export function isRedundancy(text: string): boolean {
  if (text === 'auto') return true;
  const copies = /^copies:(\d{1,3})$/.exec(text);
  if (copies) return Number(copies[1]) >= 1 && Number(copies[1]) <= 255;
  const code = /^(\d{1,3})\+(\d{1,3})$/.exec(text);
  return code !== null && Number(code[1]) >= 1 && Number(code[1]) + Number(code[2]) <= 255;
}

/** `--version N|ID`. */
export function versionOption(): Option {
  return new Option(
    '--version <which>',
    'another version: 1 is the one before the newest, 2 the one before that, or an id',
  );
}

/** What `get` does where something lies already. */
export const ifExistsChoices = ['fail', 'resume', 'rename', 'overwrite', 'skip'] as const;
export type IfExists = (typeof ifExistsChoices)[number];

/** `--if-exists rename`. */
export function ifExistsOption(): Option {
  return new Option(
    '--if-exists <how>',
    'where something lies already: fail, resume (take it where it is the same), rename, overwrite, skip',
  ).choices(ifExistsChoices);
}

/** `--lend 10GiB`: bytes, null for `unlimited`; in an object, since commander takes null for no value. */
export function lendOption(): Option {
  return new Option(
    '--lend <size>',
    'how much of the disk others may take: 500MB, 10GiB, unlimited; kept for later runs',
  ).argParser((text) => {
    const bytes = parseLimit(text);
    if (bytes !== undefined) return { bytes };
    throw new InvalidArgumentError('Give a size such as 10GiB, or unlimited.');
  });
}

/** `--keep-versions 5`, `--keep-days 30`: a whole number, `least` or more. */
export function countOption(flags: string, description: string, least: number): Option {
  return new Option(flags, description).argParser((text) => {
    const count = /^\d{1,6}$/.test(text) ? Number(text) : -1;
    if (count < least)
      throw new InvalidArgumentError(`Give a whole number from ${String(least)} on.`);
    return count;
  });
}

/** `--entry PATH`, as often as wanted. */
export function entryOption(description: string): Option {
  return repeatable(new Option('--entry <path>', description));
}

/** `--to PEER`, as often as wanted. */
export function toOption(): Option {
  return repeatable(new Option('--to <peer>', 'who is to hold it before others, by name or id'));
}

function repeatable(option: Option): Option {
  return option.argParser((value: string, before: readonly string[] | undefined) => [
    ...(before ?? []),
    value,
  ]);
}

/** A path in a share as its tree has it: what a shell completes may begin with `./` and end with a slash. */
export function entryPath(text: string): string {
  const path = text.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  if (path !== '') return path;
  throw new PeerError('usage', `“${text}” names nothing in a folder.`, {
    hint: 'See what is in it with “chunk-partitioner ls NAME”.',
  });
}

/** A part of a file: `first` and `last` byte, or the last `suffix` bytes. */
export type ByteRange =
  { readonly first: number; readonly last: number } | { readonly suffix: number };

/** `--range A-B`, `A-`, `-N`, as in HTTP: both ends count. */
export function rangeOption(): Option {
  return new Option(
    '--range <bytes>',
    'A-B (first and last byte, from 0), A- (from A on), or -N (the last N)',
  ).argParser(parseRange);
}

export function parseRange(text: string): ByteRange {
  const match = /^(\d*)-(\d*)$/.exec(text.trim());
  const [first, last] = [match?.[1] ?? '', match?.[2] ?? ''].map((digits) =>
    digits === '' ? null : Number(digits),
  );
  const sound = [first, last].every((value) => value == null || Number.isSafeInteger(value));
  if (sound && first != null && (last == null || last >= first)) {
    return { first, last: last ?? Number.MAX_SAFE_INTEGER };
  }
  if (sound && first == null && last != null) return { suffix: last };
  throw new InvalidArgumentError('Give A-B with B not below A, A-, or -N.');
}

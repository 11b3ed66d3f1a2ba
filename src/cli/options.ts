import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './units.js';

/** `--listen HOST:PORT`; what it says is checked by the peer. */
export function listenOption(): Option {
  return new Option('--listen <host:port>', 'address to listen on; port 0 lets the system choose');
}

/** `--valid 1h`, in milliseconds. */
export function validOption(): Option {
  return new Option('--valid <time>', 'how long the code can be used: 90s, 30m, 1h, 7d').argParser(
    (text) => {
      const ms = parseDuration(text);
      if (ms === null)
        throw new InvalidArgumentError('Give a time from 1s to 30d, like 30m or 1h.');
      return ms;
    },
  );
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

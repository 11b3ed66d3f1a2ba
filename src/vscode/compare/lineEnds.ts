/** How the lines of a text end: `none` for a text of one line. */
export type LineEnds = 'LF' | 'CRLF' | 'mixed' | 'none';

const newline = 0x0a;
const carriageReturn = 0x0d;

export function lineEndsOf(bytes: Uint8Array): LineEnds {
  let withReturn = 0;
  let without = 0;
  for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) {
    if (bytes[at - 1] === carriageReturn) withReturn += 1;
    else without += 1;
    if (withReturn > 0 && without > 0) return 'mixed';
  }
  if (withReturn > 0) return 'CRLF';
  return without > 0 ? 'LF' : 'none';
}

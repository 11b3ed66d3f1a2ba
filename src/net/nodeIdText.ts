import { PeerError } from '../common/errors.js';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Base32 characters of 32 bytes: 52, in four parts with a check character after each, in groups of 7. */
const partLength = 13;
const parts = 4;

/**
 * A node id for people: base32 (RFC 4648 alphabet) in eight groups of seven, where every fourteenth character
 * checks the thirteen before it (Luhn mod 32), so that a wrong character is noticed.
 *
 * @param nodeId 64 hexadecimal digits
 */
export function formatNodeId(nodeId: string): string {
  const plain = toBase32(nodeId);
  let text = '';
  for (let part = 0; part < parts; part += 1) {
    const characters = plain.slice(part * partLength, (part + 1) * partLength);
    text += characters + checkCharacter(characters);
  }
  return (text.match(/.{7}/g) ?? []).join('-');
}

/**
 * Reads what {@link formatNodeId} wrote, in either case, with any spaces and dashes, and with the digits that
 * base32 leaves out for the letters that look like them.
 *
 * @returns 64 hexadecimal digits. @throws {PeerError} `usage`
 */
export function parseNodeId(text: string): string {
  const characters = text
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replaceAll('0', 'O')
    .replaceAll('1', 'I')
    .replaceAll('8', 'B');
  if (!/^[A-Z2-7]{56}$/.test(characters)) throw mistyped();
  let plain = '';
  for (let part = 0; part < parts; part += 1) {
    const start = part * (partLength + 1);
    const checked = characters.slice(start, start + partLength);
    if (characters[start + partLength] !== checkCharacter(checked)) throw mistyped();
    plain += checked;
  }
  const nodeId = fromBase32(plain);
  // The last character has four bits to spare; only zeros there, so that an id has one text.
  if (toBase32(nodeId) !== plain) throw mistyped();
  return nodeId;
}

function mistyped(): PeerError {
  return new PeerError('usage', 'This is not the id of a peer.', {
    hint: 'Compare it with the original: eight groups of seven characters.',
  });
}

function checkCharacter(text: string): string {
  let sum = 0;
  let factor = 1;
  for (const character of text) {
    const product = factor * alphabet.indexOf(character);
    sum += Math.floor(product / 32) + (product % 32);
    factor = factor === 1 ? 2 : 1;
  }
  return alphabet.charAt((32 - (sum % 32)) % 32);
}

function toBase32(hex: string): string {
  let value = BigInt(`0x${hex}`) << 4n;
  let text = '';
  for (let at = 0; at < parts * partLength; at += 1) {
    text = alphabet.charAt(Number(value & 31n)) + text;
    value >>= 5n;
  }
  return text;
}

function fromBase32(text: string): string {
  let value = 0n;
  for (const character of text) value = (value << 5n) | BigInt(alphabet.indexOf(character));
  return (value >> 4n).toString(16).padStart(64, '0');
}

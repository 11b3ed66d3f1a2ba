/**
 * Systematic Reed-Solomon over GF(2^8), polynomial 0x11d: the Vandermonde matrix of n rows and k columns
 * times the inverse of its top. Any k rows of it can be inverted. Arithmetic on matrices only; the bytes
 * of pieces are worked on by the kernel.
 */
import { PeerError } from '../common/errors.js';

/** Rows of k coefficients each, one after the other. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly cells: Uint8Array;
}

const polynomial = 0x11d;
const { exp, log } = powers();

/** n × k: the identity, then one row for each parity shard. */
export function codingMatrix(k: number, n: number): Matrix {
  const vandermonde: Matrix = { rows: n, columns: k, cells: new Uint8Array(n * k) };
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < k; column++) {
      vandermonde.cells[row * k + column] = power(row, column);
    }
  }
  const top = pickRows(
    vandermonde,
    Array.from({ length: k }, (_, row) => row),
  );
  return product(vandermonde, inverse(top));
}

/**
 * The rows that make `wanted` shards out of `given` ones (k different shard numbers, in the order in which
 * their pieces are presented).
 */
export function recoveryRows(
  coding: Matrix,
  given: readonly number[],
  wanted: readonly number[],
): Matrix {
  return product(pickRows(coding, wanted), inverse(pickRows(coding, given)));
}

export function pickRows({ columns, cells }: Matrix, rows: readonly number[]): Matrix {
  const picked = new Uint8Array(rows.length * columns);
  rows.forEach((row, index) => {
    picked.set(cells.subarray(row * columns, (row + 1) * columns), index * columns);
  });
  return { rows: rows.length, columns, cells: picked };
}

/**
 * What the kernel multiplies by: for each coefficient, in the order of the matrix, its products with 0 to 15
 * and with 16 times these, 32 bytes.
 */
export function nibbleTables({ cells }: Matrix): Uint8Array {
  const tables = new Uint8Array(cells.length * 32);
  cells.forEach((coefficient, index) => {
    for (let nibble = 0; nibble < 16; nibble++) {
      tables[index * 32 + nibble] = times(coefficient, nibble);
      tables[index * 32 + 16 + nibble] = times(coefficient, nibble << 4);
    }
  });
  return tables;
}

function product(a: Matrix, b: Matrix): Matrix {
  const cells = new Uint8Array(a.rows * b.columns);
  for (let row = 0; row < a.rows; row++) {
    for (let inner = 0; inner < a.columns; inner++) {
      const factor = a.cells[row * a.columns + inner] ?? 0;
      addScaled(cells, row * b.columns, b.cells, inner * b.columns, b.columns, factor);
    }
  }
  return { rows: a.rows, columns: b.columns, cells };
}

/** Gauss-Jordan on the matrix with the identity beside it. */
function inverse({ rows: size, cells }: Matrix): Matrix {
  const width = 2 * size;
  const work = new Uint8Array(size * width);
  for (let row = 0; row < size; row++) {
    work.set(cells.subarray(row * size, (row + 1) * size), row * width);
    work[row * width + size + row] = 1;
  }
  for (let column = 0; column < size; column++) {
    let pivot = column;
    while (pivot < size && work[pivot * width + column] === 0) pivot++;
    if (pivot === size) throw new PeerError('internal', 'A matrix of shards cannot be inverted.');
    if (pivot !== column) swapRows(work, width, pivot, column);
    const scale = reciprocal(work[column * width + column] ?? 0);
    for (let at = column * width; at < (column + 1) * width; at++) {
      work[at] = times(work[at] ?? 0, scale);
    }
    for (let row = 0; row < size; row++) {
      if (row === column) continue;
      const factor = work[row * width + column] ?? 0;
      addScaled(work, row * width, work, column * width, width, factor);
    }
  }
  const inverted = new Uint8Array(size * size);
  for (let row = 0; row < size; row++) {
    inverted.set(work.subarray(row * width + size, (row + 1) * width), row * size);
  }
  return { rows: size, columns: size, cells: inverted };
}

function addScaled(
  target: Uint8Array,
  targetAt: number,
  source: Uint8Array,
  sourceAt: number,
  length: number,
  factor: number,
): void {
  if (factor === 0) return;
  for (let index = 0; index < length; index++) {
    const sum = (target[targetAt + index] ?? 0) ^ times(factor, source[sourceAt + index] ?? 0);
    target[targetAt + index] = sum;
  }
}

function swapRows(cells: Uint8Array, width: number, a: number, b: number): void {
  const kept = cells.slice(a * width, (a + 1) * width);
  cells.copyWithin(a * width, b * width, (b + 1) * width);
  cells.set(kept, b * width);
}

function times(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return exp[((log[a] ?? 0) + (log[b] ?? 0)) % 255] ?? 0;
}

function reciprocal(a: number): number {
  return exp[(255 - (log[a] ?? 0)) % 255] ?? 0;
}

function power(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (base === 0) return 0;
  return exp[((log[base] ?? 0) * exponent) % 255] ?? 0;
}

/** Powers of 2, and their logarithms. */
function powers(): { readonly exp: Uint8Array; readonly log: Uint8Array } {
  const exponents = new Uint8Array(255);
  const logarithms = new Uint8Array(256);
  let value = 1;
  for (let exponent = 0; exponent < 255; exponent++) {
    exponents[exponent] = value;
    logarithms[value] = exponent;
    value <<= 1;
    if (value > 255) value ^= polynomial;
  }
  return { exp: exponents, log: logarithms };
}

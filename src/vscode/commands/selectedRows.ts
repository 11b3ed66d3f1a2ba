import { isRow, type AnyRow } from '../views/rows.js';

/**
 * The rows a command is about: the one it was called on, or all that are selected when that is one of them. Arguments come
 * from anywhere: what is no such row is left out.
 */
export function selectedRows<T extends AnyRow['type']>(
  [one, many]: readonly unknown[],
  type: T,
): readonly Extract<AnyRow, { type: T }>[] {
  const isWanted = (value: unknown): value is Extract<AnyRow, { type: T }> => isRow(value, type);
  if (Array.isArray(many) && many.includes(one)) return many.filter(isWanted);
  return isWanted(one) ? [one] : [];
}

/** One shard of one share, as a key of maps and sets. */
export function shardKey({
  shareId,
  shard,
}: {
  readonly shareId: string;
  readonly shard: number;
}): string {
  return `${shareId} ${String(shard)}`;
}

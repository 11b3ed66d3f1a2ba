/** Hears what becomes of the pieces of one share while it is sent or fetched. Called for each piece, so it is quick. */
export interface PieceWatch {
  /** It is on its way between this peer and a holder. */
  moves(holderId: string, shard: number, segment: number): void;
  /** It is not, or not any more. */
  rests(holderId: string, shard: number, segment: number): void;
  /** The holder has acknowledged it. */
  stored(holderId: string, shard: number, segment: number): void;
  /** It was part of a segment that opened here. */
  proved(holderId: string, shard: number, segment: number): void;
  /** What the holder gave is not what was signed. */
  wrong(holderId: string, shard: number, segment: number): void;
}

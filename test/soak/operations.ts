/** What a run of the soak test does, as data: peers and files by number, so that a seed says all of it. */

/** Something that happens in the middle of a transfer. */
export interface Interrupt {
  /** A peer is killed, the one that transfers is cut off from all others, or its user cancels. */
  readonly how: 'kill' | 'cut' | 'cancel';
  /** Who is killed; else the one that transfers. */
  readonly who: number;
  /** When: after this part of the bytes that the transfer needs, 0 to 1. */
  readonly at: number;
}

export type Operation =
  | {
      readonly kind: 'share';
      readonly peer: number;
      readonly file: number;
      /** One that the same peer used before makes a new version. */
      readonly name: string;
      readonly size: number;
      readonly interrupt?: Interrupt;
    }
  | {
      readonly kind: 'get';
      readonly peer: number;
      readonly file: number;
      readonly interrupt?: Interrupt;
    }
  /** Several get one file at the same time. */
  | { readonly kind: 'crowd'; readonly peers: readonly number[]; readonly file: number }
  | {
      readonly kind: 'read';
      readonly peer: number;
      readonly file: number;
      readonly offset: number;
      readonly length: number;
    }
  | { readonly kind: 'delete'; readonly peer: number; readonly file: number }
  | { readonly kind: 'verify'; readonly peer: number; readonly file: number }
  /** Of one file, or of all. */
  | { readonly kind: 'repair'; readonly peer: number; readonly file: number | null }
  | { readonly kind: 'kill'; readonly peer: number }
  | { readonly kind: 'stop'; readonly peer: number }
  | { readonly kind: 'start'; readonly peer: number }
  /** These peers are cut off from all others; among themselves they talk. */
  | { readonly kind: 'cut'; readonly peers: readonly number[] }
  | { readonly kind: 'heal' }
  /** One peer keeps its connections and says nothing, while another gets a file. */
  | {
      readonly kind: 'freeze';
      readonly peer: number;
      readonly getter: number;
      readonly file: number;
    }
  /** Nothing passes between these and the others, and nobody is told, while one gets a file. */
  | {
      readonly kind: 'stall';
      readonly peers: readonly number[];
      readonly getter: number;
      readonly file: number;
    }
  /** Of the sound shards of a file, the one of this number (counted round) is spoilt, where enough are left. */
  | {
      readonly kind: 'damage';
      readonly file: number;
      readonly pick: number;
      readonly how: 'flip' | 'cut off' | 'remove';
    }
  | { readonly kind: 'fill'; readonly peer: number }
  | { readonly kind: 'empty'; readonly peer: number }
  | { readonly kind: 'join' }
  /** It brings its shards to others, is switched off and on, and takes part again. */
  | { readonly kind: 'leave'; readonly peer: number }
  /** It is killed, and its disk with it; the founder says so. */
  | { readonly kind: 'lose'; readonly peer: number; readonly how: 'lost' | 'remove' }
  /** Everything is healed and started, and all that must be true then is looked at. */
  | { readonly kind: 'check' };

export type OperationKind = Operation['kind'];

/** One line for people. */
export function operationText({ kind, ...facts }: Operation): string {
  const text = Object.entries(facts).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [kind, ...text].join(' ');
}

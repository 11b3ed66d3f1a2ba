/** Transfers as they are kept for the next start: plain JSON, in the state of the data directory. */
import * as z from 'zod';

const hex = z.string().regex(/^([0-9a-f]{2})*$/);

/** A share that is under way: what has to stay the same for its pieces to. */
const shareDraft = z.object({
  shareId: hex,
  random: hex,
  /** The content key is made of it and of this peer's own: by itself it opens nothing. */
  keySeed: hex,
  geometry: z.object({
    k: z.int(),
    m: z.int(),
    q: z.int(),
    segments: z.int(),
    lastQ: z.int(),
  }),
  /** Node ids by shard. */
  holders: z.array(hex),
  /** What was checked out when it began: it is in the bytes that are shared. */
  git: z
    .object({
      commit: z.string(),
      branch: z.string().nullable(),
      dirty: z.boolean(),
      folder: z.string().nullable().default(null),
    })
    .nullable()
    .default(null),
  /** What was signed: a share has one manifest, whoever has got it by now. */
  sealed: z
    .object({
      manifest: hex,
      receipts: z.array(z.object({ holder: hex, bytes: hex })),
      ignored: z.int(),
    })
    .nullable(),
});

/** A download that is under way. */
const getDraft = z.object({
  /** Where it is written until all is verified. */
  temporaryPath: z.string(),
});

/** The journal is a file name in the folder of transfers. */
const common = {
  name: z.string(),
  paused: z.boolean(),
  journal: z.string().regex(/^[\w-]+\.seals$/),
};
const taskSchema = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('share'),
    path: z.string(),
    redundancy: z.string(),
    /** Node ids of those who were chosen; tasks of earlier versions name none. */
    holders: z.array(hex).default([]),
    ignore: z.boolean(),
    allowSecrets: z.boolean().default(false),
    draft: shareDraft.nullable(),
  }),
  z.object({
    ...common,
    kind: z.literal('get'),
    shareId: z.string(),
    path: z.string(),
    overwrite: z.boolean(),
    /** Absent in tasks of earlier versions. */
    acceptSame: z.boolean().default(false),
    entries: z.array(z.string()).nullable(),
    draft: getDraft.nullable(),
  }),
]);

export type ShareDraft = z.infer<typeof shareDraft>;
export type GetDraft = z.infer<typeof getDraft>;
export type TransferTask = z.infer<typeof taskSchema>;
export type TaskOf<K extends TransferTask['kind']> = Extract<TransferTask, { kind: K }>;
export type DraftOf<K extends TransferTask['kind']> = NonNullable<TaskOf<K>['draft']>;

export function encodeTask(task: TransferTask): string {
  return JSON.stringify(task);
}

/** Null for what another version has put there. */
export function decodeTask(text: string): TransferTask | null {
  try {
    return taskSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Whether two ask for the same: the later one can go on with what the earlier one has left. What may happen to a file that
 * is there is no part of that; the later one says.
 */
export function asksTheSame(a: TransferTask, b: TransferTask): boolean {
  const asked = ({ paused: _p, journal: _j, draft: _d, ...rest }: TransferTask): string =>
    JSON.stringify(
      Object.entries(rest)
        .filter(([name]) => name !== 'overwrite' && name !== 'acceptSame')
        .sort(([x], [y]) => (x < y ? -1 : 1)),
    );
  return asked(a) === asked(b);
}

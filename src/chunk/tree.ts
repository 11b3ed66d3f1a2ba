/**
 * The entries of a share: a sequence of CBOR items, a header and then one item an entry, so that it can
 * be written and read entry by entry. Files lie in the stream in the order of their entries.
 */
import * as z from 'zod';
import { PeerError } from '../common/errors.js';
import { bytesWhere } from '../common/schema.js';
import { decodeFirstCbor, encodeCbor } from './cbor.js';
import { PathCheck } from './pathCheck.js';

export const MAX_TREE_ENTRIES = 2 ** 20;
/** Longest encoded tree, bytes. */
export const MAX_TREE_BYTES = 2 ** 28;
/** Longest path, and target of a link, bytes of UTF-8. */
export const MAX_PATH_BYTES = 4096;
const maxItemBytes = 16 * 1024;

interface EntryBase {
  /** Relative, components joined by '/'. The one entry of a single file is its name. */
  readonly path: string;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  /** Milliseconds since 1970, whole; negative before. */
  readonly mtimeMs: number;
}

export interface FileEntry extends EntryBase {
  readonly kind: 'file';
  readonly size: number;
  /** As `sha256sum` prints it, 32 bytes. */
  readonly sha256: Uint8Array;
}

export interface DirEntry extends EntryBase {
  readonly kind: 'dir';
}

export interface SymlinkEntry extends EntryBase {
  readonly kind: 'symlink';
  /** Relative, and within the share. */
  readonly target: string;
}

export type TreeEntry = FileEntry | DirEntry | SymlinkEntry;

export interface GitState {
  /** Hexadecimal. */
  readonly commit: string;
  /** Null when no branch is checked out. */
  readonly branch: string | null;
  /** Whether tracked files of the repository differed from the commit. */
  readonly dirty: boolean;
  /**
   * The folder of the repository in which the share lay, components joined by '/': empty at the top, and of the repository
   * itself. Null in trees of version 1, which do not say.
   */
  readonly folder: string | null;
}

export interface Tree {
  readonly git: GitState | null;
  readonly entries: readonly TreeEntry[];
}

const path = z.string().refine((text) => Buffer.byteLength(text) <= MAX_PATH_BYTES);

const gitFields = {
  commit: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
  branch: z.string().min(1).max(1024).nullable(),
  dirty: z.boolean(),
};
const folder = path.refine((text) => text.isWellFormed());

const entryCount = z.int().min(1).max(MAX_TREE_ENTRIES);
const headerSchema = z.discriminatedUnion('v', [
  z.strictObject({
    v: z.literal(1),
    entries: entryCount,
    git: z.strictObject(gitFields).nullable(),
  }),
  z.strictObject({
    v: z.literal(2),
    entries: entryCount,
    git: z.strictObject({ ...gitFields, folder }),
  }),
]);

/** Whether the header of a tree takes it. */
export function isGitState(state: GitState): boolean {
  return headerSchema.safeParse(toHeader(1, state)).success;
}

const common = {
  path,
  mode: z.int().min(0).max(0o7777),
  mtime: z.int(),
};

const entrySchema = z.discriminatedUnion('t', [
  z.strictObject({
    t: z.literal('file'),
    ...common,
    size: z.int().min(0),
    sha: bytesWhere((length) => length === 32, 'not a SHA-256'),
  }),
  z.strictObject({ t: z.literal('dir'), ...common }),
  z.strictObject({ t: z.literal('symlink'), ...common, target: path }),
]);

/** @throws PeerError `usage` for a name or path that is refused, `limit` when there is too much */
export function encodeTree(tree: Tree): Uint8Array {
  return new Uint8Array(Buffer.concat([...encodeTreeItems(tree)]));
}

/** The items of an encoded tree, one by one. Throws as above, at the entry in question. */
export function* encodeTreeItems({ git, entries }: Tree): Generator<Uint8Array> {
  if (entries.length < 1 || entries.length > MAX_TREE_ENTRIES) {
    throw new PeerError('limit', `A share holds 1 to ${MAX_TREE_ENTRIES} entries.`);
  }
  const check = new PathCheck('usage');
  let size = 0;
  const item = (value: unknown, schema: z.ZodType): Uint8Array => {
    const result = schema.safeParse(value);
    if (!result.success) {
      throw new PeerError('limit', 'An entry of a share is out of range.', { cause: result.error });
    }
    const bytes = encodeCbor(value);
    size += bytes.byteLength;
    if (size > MAX_TREE_BYTES)
      throw new PeerError('limit', 'The entries of a share take too much.');
    return bytes;
  };
  yield item(toHeader(entries.length, git), headerSchema);
  for (const entry of entries) {
    check.add(entry);
    yield item(toWire(entry), entrySchema);
  }
}

/** Where the digest lies in the item of a file: keys are in canonical order, and `t` and `sha` come first. */
const digestInItem = 14;

/**
 * The tree of files that are yet to be read: its length is final at once, since digests are of one length, and
 * each is put in its place when it is known.
 */
export class TreeDraft {
  readonly bytes: Uint8Array;
  /** By entry. */
  readonly #items: Float64Array;

  /** The digests of `entries` are not looked at. @throws PeerError as {@link encodeTree} */
  constructor(private readonly tree: Tree) {
    const items = [...encodeTreeItems(tree)];
    this.bytes = new Uint8Array(Buffer.concat(items));
    let at = 0;
    this.#items = Float64Array.from(items.slice(0, -1), (item) => (at += item.byteLength));
  }

  /** @param entry position of a file in the entries */
  setDigest(entry: number, sha256: Uint8Array): void {
    const at = this.#items[entry];
    if (at === undefined || this.tree.entries[entry]?.kind !== 'file') {
      throw new PeerError('internal', 'Only files have a digest.');
    }
    this.bytes.set(sha256.subarray(0, 32), at + digestInItem);
  }
}

/** @throws PeerError `protocol` for anything that `encodeTree` does not write, `limit` */
export function decodeTree(bytes: Uint8Array): Tree {
  if (bytes.byteLength > MAX_TREE_BYTES) throw new PeerError('limit', 'A tree is too large.');
  const header = decodeFirstCbor(bytes, headerSchema, maxItemBytes);
  const check = new PathCheck('protocol');
  const entries: TreeEntry[] = [];
  let at = header.size;
  for (let left = header.value.entries; left > 0; left--) {
    const { value, size } = decodeFirstCbor(bytes.subarray(at), entrySchema, maxItemBytes);
    at += size;
    const entry = fromWire(value);
    check.add(entry);
    entries.push(entry);
  }
  if (at !== bytes.byteLength)
    throw new PeerError('protocol', 'A tree is followed by other bytes.');
  return { git: fromHeader(header.value), entries };
}

/** Version 2 where there is more to say than version 1 takes: what is outside of repositories is read by all. */
function toHeader(entries: number, git: GitState | null): z.infer<typeof headerSchema> {
  if (git === null) return { v: 1, entries, git };
  const { folder, ...rest } = git;
  return folder === null
    ? { v: 1, entries, git: rest }
    : { v: 2, entries, git: { ...rest, folder } };
}

function fromHeader(header: z.infer<typeof headerSchema>): GitState | null {
  if (header.git === null) return null;
  return header.v === 1 ? { ...header.git, folder: null } : header.git;
}

function toWire(entry: TreeEntry): z.infer<typeof entrySchema> {
  const base = { path: entry.path, mode: entry.mode, mtime: entry.mtimeMs };
  switch (entry.kind) {
    case 'file':
      return { t: 'file', ...base, size: entry.size, sha: entry.sha256 };
    case 'dir':
      return { t: 'dir', ...base };
    case 'symlink':
      return { t: 'symlink', ...base, target: entry.target };
  }
}

function fromWire(item: z.infer<typeof entrySchema>): TreeEntry {
  const base = { path: item.path, mode: item.mode, mtimeMs: item.mtime };
  switch (item.t) {
    case 'file':
      return { kind: 'file', ...base, size: item.size, sha256: item.sha };
    case 'dir':
      return { kind: 'dir', ...base };
    case 'symlink':
      return { kind: 'symlink', ...base, target: item.target };
  }
}

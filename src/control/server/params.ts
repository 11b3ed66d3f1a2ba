/** Parameters of the control channel, checked: a client of another version may send anything. */
import path from 'node:path';
import * as z from 'zod';
import { PeerError } from '../../common/errors.js';
import { roles } from '../../protocol/records.js';
import {
  maxChosenHolders,
  maxReadBytes,
  mostGridColumns,
  type ControlMethod,
  type ControlRequests,
} from '../contract.js';

const id = z.string().min(1).max(128);
const shareText = z.string().min(1).max(512);
const absolute = z
  .string()
  .min(1)
  .max(4096)
  .refine((file) => path.isAbsolute(file), 'not an absolute path');
const duration = z
  .int()
  .min(0)
  .max(366 * 86_400_000);
const entryPath = z.string().min(1).max(4096);
const address = z.string().min(1).max(262);
const label = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text), 'control characters');
const nodeId = z.string().regex(/^[0-9a-f]{64}$/);
const none = z
  .null()
  .optional()
  .transform(() => null);

const schemas = {
  status: none,
  configure: z.object({
    peers: z.array(address).max(256).optional(),
    listen: address.optional(),
    stays: z.boolean().optional(),
    lend: z.number().int().min(0).nullable().optional(),
    versions: z.number().int().min(1).max(1_000_000).optional(),
    versionDays: z.number().int().min(0).max(1_000_000).optional(),
    upkeep: z
      .object({
        everyMs: duration.min(100),
        patienceMs: duration,
        turnMs: duration,
        graceMs: duration,
        graceOthersMs: duration,
        bytesPerSecond: z
          .int()
          .min(1024)
          .max(2 ** 40),
        scrubMs: duration.min(1000),
      })
      .partial()
      .optional(),
    discovery: z.boolean().optional(),
  }),
  createGroup: z.object({ name: label, groupName: label }),
  join: z.object({ code: z.string().min(1).max(4096), name: label }),
  invite: z.object({
    validForMs: z
      .number()
      .int()
      .min(1_000)
      .max(30 * 86_400_000)
      .optional(),
    role: z.enum(roles).optional(),
  }),
  findPeer: z.object({ peer: z.string().trim().min(1).max(128) }),
  remove: z.object({ nodeId }),
  lost: z.object({ nodeId }),
  peers: none,
  connect: none,
  diagnose: none,
  shares: z.object({
    cursor: z.string().max(256).nullable(),
    limit: z.number().int().min(1).max(1000),
    name: z.string().min(1).max(255).optional(),
  }),
  list: z.object({
    order: z.enum(['newest', 'name']).optional(),
    prefix: z.string().min(1).max(255).optional(),
    versions: z.boolean().optional(),
    cursor: z.string().max(256).nullable(),
    limit: z.number().int().min(1).max(5000),
  }),
  find: z.object({ share: shareText, version: z.string().min(1).max(32).optional() }),
  versions: z.object({ share: shareText }),
  sharesOf: z.object({ path: absolute }),
  map: z.object({ share: shareText }),
  grid: z
    .object({
      share: shareText.optional(),
      transferId: id.optional(),
      columns: z.number().int().min(1).max(mostGridColumns),
    })
    .refine(
      ({ share, transferId }) => (share === undefined) !== (transferId === undefined),
      'names either a share or a transfer',
    ),
  risk: none,
  outlook: z.object({ nodeId, limit: z.number().int().min(0).max(1000) }),
  share: z.object({
    transferId: id,
    path: absolute,
    redundancy: z.string().max(32).optional(),
    holders: z
      .array(nodeId)
      .min(1)
      .max(maxChosenHolders)
      .refine((ids) => new Set(ids).size === ids.length, 'the same peer twice')
      .optional(),
    ignore: z.boolean().optional(),
    allowSecrets: z.boolean().optional(),
  }),
  get: z.object({
    transferId: id,
    share: shareText,
    path: absolute,
    overwrite: z.boolean().optional(),
    acceptSame: z.boolean().optional(),
    entries: z.array(entryPath).min(1).max(1000).optional(),
  }),
  entries: z.object({
    share: shareText,
    under: entryPath.optional(),
    direct: z.boolean().optional(),
    cursor: z.number().int().min(0).nullable(),
    limit: z.number().int().min(1).max(5000),
  }),
  read: z.object({
    share: shareText,
    entry: entryPath.optional(),
    offset: z.number().int().min(0),
    length: z.number().int().min(0).max(maxReadBytes),
  }),
  verify: z.object({ transferId: id, share: shareText }),
  verifyAll: z.object({ transferId: id }),
  delete: z.object({ share: shareText, versions: z.boolean().optional() }),
  repair: z.object({
    transferId: id,
    share: shareText.optional(),
    now: z.boolean().optional(),
  }),
  leave: z.object({ transferId: id, force: z.boolean().optional() }),
  rejoin: none,
  transfers: none,
  cancel: z.object({ transferId: id }),
  pause: z.object({ transferId: id }),
  resume: z.object({ transferId: id }),
  clearTransfers: none,
  shutdown: none,
} satisfies Record<ControlMethod, z.ZodType>;

export const controlMethods = Object.keys(schemas) as readonly ControlMethod[];

/** @throws {PeerError} `usage` */
export function readParams<M extends ControlMethod>(
  method: M,
  params: unknown,
): ControlRequests[M]['params'] {
  const parsed = schemas[method].safeParse(params);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new PeerError(
      'usage',
      `“${method}” was called wrongly: ${where} ${issue?.message ?? ''}`.trim(),
    );
  }
  return parsed.data as ControlRequests[M]['params'];
}

import * as z from 'zod';
import { Emitter } from '../common/events.js';
import { usualGrace } from './repair/grace.js';
import { usualScrubMs } from './repair/scrub.js';
import type { StateStore } from '../store/store.js';

/** How this peer looks after shards; times are milliseconds. */
const upkeepSchema = z.object({
  /** How often it looks whether something is to be done. */
  everyMs: z.int().min(100).default(60_000),
  /** How long a shard has to be missing before it is made anew, and how long each further holder waits for its turn. */
  patienceMs: z.int().min(0).default(60_000),
  turnMs: z
    .int()
    .min(0)
    .default(15 * 60_000),
  /** How long a holder may be away that promised to stay, and any other. */
  graceMs: z.int().min(0).default(usualGrace.staysMs),
  graceOthersMs: z.int().min(0).default(usualGrace.othersMs),
  /** What nobody waits for moves no more than this. */
  bytesPerSecond: z
    .int()
    .min(1024)
    .default(16 << 20),
  /** For looking once at everything that is stored. */
  scrubMs: z.int().min(1000).default(usualScrubMs),
});
export type UpkeepSettings = z.infer<typeof upkeepSchema>;

const schema = z.object({
  peers: z.array(z.string()).max(256).default([]),
  listen: z.string().default('0.0.0.0:0'),
  stays: z.boolean().default(false),
  /** Bytes that others may take of the disk; null for as many as it has. */
  lend: z.int().min(0).nullable().default(null),
  /** Versions of a file that this peer shared, the newest among them. */
  versions: z.int().min(1).default(5),
  /** Days that an older one is kept after a newer one took its place. */
  versionDays: z.int().min(0).default(30),
  /** It has given its shards to others, and takes no more. */
  leaving: z.boolean().default(false),
  upkeep: upkeepSchema.default(upkeepSchema.parse({})),
  discovery: z.boolean().default(true),
});
export type SettingValues = z.infer<typeof schema>;

const key = 'settings';

/** What the user decided for this data directory; survives restarts. */
export class Settings {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;

  private constructor(
    private readonly state: StateStore,
    private values: SettingValues,
  ) {}

  static async load(state: StateStore): Promise<Settings> {
    const text = await state.getSetting(key);
    const parsed = schema.safeParse(text === null ? {} : JSON.parse(text));
    return new Settings(state, parsed.data ?? schema.parse({}));
  }

  get current(): SettingValues {
    return this.values;
  }

  async change(changes: Partial<SettingValues>): Promise<void> {
    this.values = schema.parse({ ...this.values, ...changes });
    await this.state.setSetting(key, JSON.stringify(this.values));
    this.#changed.fire();
  }
}

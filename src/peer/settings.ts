import * as z from 'zod';
import { Emitter } from '../common/events.js';
import type { StateStore } from '../store/store.js';

const schema = z.object({
  peers: z.array(z.string()).max(256).default([]),
  listen: z.string().default('0.0.0.0:0'),
  stays: z.boolean().default(false),
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

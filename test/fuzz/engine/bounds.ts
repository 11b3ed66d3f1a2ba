import type { Bounds } from './runInput.js';

/** For one input of at most some 64 KiB: what takes more lets a small message cost a lot. */
export const decoderBounds: Bounds = { ms: 200, bytes: 8 << 20, timesInput: 400 };

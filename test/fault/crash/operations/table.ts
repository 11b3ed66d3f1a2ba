import type { Operation } from '../operation.js';
import { deletions } from './deletion.js';
import { downloads } from './download.js';
import { pauses } from './pause.js';
import { repairs } from './repair.js';
import { rosterChanges } from './roster.js';
import { uploads } from './upload.js';

export const operations: readonly Operation[] = [
  ...uploads,
  ...downloads,
  ...pauses,
  ...repairs,
  ...rosterChanges,
  ...deletions,
];

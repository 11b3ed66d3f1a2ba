import type { FuzzTarget } from '../target.js';
import { addresses } from './addresses.js';
import { chunkCbor } from './chunkCbor.js';
import { controlAnswers } from './controlAnswers.js';
import { controlParams } from './controlParams.js';
import { entryNames } from './entryNames.js';
import { epochKeys } from './epochKeys.js';
import { frames } from './frames.js';
import { geometry } from './geometry.js';
import { ignoreRules } from './ignoreRules.js';
import { invite } from './invite.js';
import { manifest } from './manifest.js';
import { notes } from './notes.js';
import { ownFiles } from './ownFiles.js';
import { receipt } from './receipt.js';
import { recoveryLog } from './recoveryLog.js';
import { requests } from './requests.js';
import { responses } from './responses.js';
import { rosterRecords } from './rosterRecords.js';
import { sealedInfo } from './sealedInfo.js';
import { segment } from './segment.js';
import { signed } from './signed.js';
import { commitFile, prologue } from './storeFiles.js';
import { tree } from './tree.js';
import { wireCbor } from './wireCbor.js';

/** Everything that reads what others wrote. */
export const targets: readonly FuzzTarget[] = [
  ...[frames, requests, responses, notes, wireCbor, rosterRecords],
  ...[chunkCbor, signed, manifest, receipt, sealedInfo, tree, entryNames, geometry, segment],
  ...[prologue, commitFile, recoveryLog, ownFiles],
  ...[invite, addresses, epochKeys, ignoreRules],
  ...[controlParams, controlAnswers],
];

import type { Verb } from '../verb.js';
import { cancelVerb } from './cancel.js';
import { catVerb } from './cat.js';
import { doctorVerb } from './doctor.js';
import { getVerb } from './get.js';
import { initVerb } from './init.js';
import { inviteVerb } from './invite.js';
import { joinVerb } from './join.js';
import { leaveVerb } from './leave.js';
import { lostVerb } from './lost.js';
import { lsVerb } from './ls.js';
import { mapVerb } from './map.js';
import { pauseVerb } from './pause.js';
import { peersVerb } from './peers.js';
import { removeVerb } from './remove.js';
import { repairVerb } from './repair.js';
import { resumeVerb } from './resume.js';
import { rmVerb } from './rm.js';
import { serveVerb } from './serve.js';
import { shareVerb } from './share.js';
import { statusVerb } from './status.js';
import { transfersVerb } from './transfers.js';
import { uninstalledVerb } from './uninstalled.js';
import { verifyVerb } from './verify.js';

/** Every verb, in the order of the help. */
export const verbs: readonly Verb[] = [
  initVerb,
  joinVerb,
  inviteVerb,
  serveVerb,
  peersVerb,
  shareVerb,
  lsVerb,
  mapVerb,
  getVerb,
  catVerb,
  verifyVerb,
  transfersVerb,
  pauseVerb,
  resumeVerb,
  cancelVerb,
  rmVerb,
  repairVerb,
  leaveVerb,
  lostVerb,
  removeVerb,
  statusVerb,
  doctorVerb,
  uninstalledVerb,
];

import { actOnTransfer } from '../actOnTransfer.js';
import type { Verb } from '../verb.js';

export const resumeVerb: Verb = {
  syntax: 'resume <transfer>',
  summary: 'go on with a share or download that is paused, or failed with something to show for it',
  help: '<transfer> is an id of “transfers”, or the start of one. Nothing is sent or fetched twice.',
  run: (context, [transfer = '']) => actOnTransfer(context, 'resume', transfer),
};

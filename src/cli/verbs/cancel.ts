import { actOnTransfer } from '../actOnTransfer.js';
import type { Verb } from '../verb.js';

export const cancelVerb: Verb = {
  syntax: 'cancel <transfer>',
  summary: 'end a transfer and leave nothing of it behind',
  help: '<transfer> is an id of “transfers”, or the start of one. Also one that is paused, or could be resumed.',
  run: (context, [transfer = '']) => actOnTransfer(context, 'cancel', transfer),
};

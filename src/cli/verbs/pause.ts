import { actOnTransfer } from '../actOnTransfer.js';
import type { Verb } from '../verb.js';

export const pauseVerb: Verb = {
  syntax: 'pause <transfer>',
  summary: 'stop a share or download until it is resumed',
  help: '<transfer> is an id of “transfers”, or the start of one. It stays so over a restart of the peer, and whoever started it goes on waiting.',
  run: (context, [transfer = '']) => actOnTransfer(context, 'pause', transfer),
};

import { exitCodes } from '../exitCodes.js';
import { doctorText } from '../doctorText.js';
import { withPeer, type Verb } from '../verb.js';

export const doctorVerb: Verb = {
  syntax: 'doctor',
  summary: 'say what is wrong with the connections, address by address, both ways',
  help: 'Tries every address of every member now, and has those that are there dial back.\nExits with 1 when something is wrong.',
  run: (context) =>
    withPeer(context, async (client) => {
      const { output, deps } = context;
      const diagnosis = await client.request('diagnose', null, deps.signal);
      output.result(diagnosis, doctorText(diagnosis, output.colors));
      const isWrong = diagnosis.findings.some(({ level }) => level === 'problem');
      return isWrong ? exitCodes.other : exitCodes.ok;
    }),
};

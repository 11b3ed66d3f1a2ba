import { copyInvite, newInvite } from '../links/newInvite.js';
import type { Command } from './command.js';

/** Makes a one-time invite and copies it as a link. */
export const copyInviteLink: Command = async ({ session }) => {
  await copyInvite((await newInvite(session)).link);
};

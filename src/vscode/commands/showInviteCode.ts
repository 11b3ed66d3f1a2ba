import { newInvite } from '../links/newInvite.js';
import { showInvitePicture } from '../links/invitePicture.js';
import type { Command } from './command.js';

/** Makes a one-time invite and shows it as a QR code. */
export const showInviteCode: Command = async ({ session }) => {
  await showInvitePicture(await newInvite(session));
};

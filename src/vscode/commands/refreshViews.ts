import type { MachineCommand } from './command.js';

/** Reads everything again. */
export const refreshViews: MachineCommand = async ({ groups, views }) => {
  const isAttached = groups.all.some(({ session }) => session.attached !== undefined);
  if (!isAttached) await Promise.all(groups.all.map(({ session }) => session.client()));
  await views.refresh();
};

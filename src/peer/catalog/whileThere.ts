import { deletedShare, type Catalog } from './catalog.js';

/** Ends a task about a share when that is deleted. @throws PeerError `not-found` then, and what the task throws */
export async function whileThere<T>(
  catalog: Catalog,
  shareId: string,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deleted = new AbortController();
  const subscription = catalog.onDidDelete((id) => {
    if (id === shareId) deleted.abort();
  });
  try {
    return await task(AbortSignal.any([signal, deleted.signal]));
  } catch (error) {
    // Holders may have heard of it first, and have no such share any more.
    if (signal.aborted || !(await catalog.isDeleted(shareId))) throw error;
    throw deletedShare(shareId);
  } finally {
    subscription.dispose();
  }
}

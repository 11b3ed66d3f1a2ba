/** The group, and who may come into it. */

/** `storage`: holds pieces and reads nothing. An `admin` also says who belongs to the group. */
export type Role = 'storage' | 'member' | 'admin';

export interface SelfInfo {
  readonly nodeId: string;
  /** Grouped base32 with check characters, for people. */
  readonly nodeIdText: string;
  readonly name: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly admin: boolean;
  readonly role: Role;
  /** In words, why it is no member any more; null while it is one. What lies here stays. */
  readonly removed: string | null;
}

export interface InviteResult {
  /** Secret: show it once, never log it. */
  readonly code: string;
  readonly expiresAt: number;
  readonly addresses: readonly string[];
  /** Of whoever uses it. A peer that is older than its client may not know the one that was asked for. */
  readonly role: Role;
}

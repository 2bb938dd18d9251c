import type { Requester, Target } from '../../calls/call.ts';
import type { Person } from '../../directory/directory.ts';
import type { RefusalWords } from '../../permissions/refusal.ts';

type Identified = Requester & { objectId: string };

/** The port to the rules of who may call whom, how often and when. */
export interface CallPermissions {
  /**
   * Whether somebody is a member of the organisation, or `permissions.guests` names them.
   *
   * @param otherwise tells where the directory does not; null if that does not know either
   * @throws NotPermitted
   */
  checkMember(asker: Requester, otherwise: () => Promise<boolean | null>): Promise<void>;
  /** Whether every member may call: of those who are known, only guests are refused before anybody is looked up. */
  isOpenToMembers(): boolean;
  /** Whether `permissions.guests` names somebody by object id, of whatever tenant. */
  namesGuest(objectId: string): boolean;
  /** @throws NotPermitted, by all that is known before the call is placed */
  mayWish(asker: Requester, target: Target): Promise<void>;
  /** @throws NotPermitted, by what only the database knows too */
  mayCall(asker: Requester, target: Target): Promise<void>;
  /**
   * Whether this person may call anybody at all, and so may look people up.
   *
   * @param callee as the asker named them; null if it is about nobody in particular
   * @throws NotPermitted
   */
  checkAsker(asker: Requester, callee: string | null): Promise<void>;
  /** Why this call would be refused now; null if it would not. */
  whyNot(asker: Requester, target: Target): Promise<RefusalWords | null>;
  /** Those of these people whom the asker may know of. */
  visibleTo(asker: Requester, people: readonly Person[]): Promise<Person[]>;
  /** `stop calling me`. @returns false if it was so already */
  stopCalls(asker: Identified): Promise<boolean>;
  /** `allow calls`. @returns false if it was so already */
  allowCalls(asker: Identified): Promise<boolean>;
}

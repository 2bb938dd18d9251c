import type { Requester, Target } from '../../calls/call.ts';
import type { Person } from '../../directory/directory.ts';
import type { RefusalWords } from '../../permissions/refusal.ts';

type Identified = Requester & { objectId: string };

/** The port to the rules on who may call whom, how often and when. */
export interface CallPermissions {
  /**
   * Checks that the asker is a member of the organisation, or that `permissions.guests` names them.
   *
   * @param otherwise is asked if the directory does not know; null if it does not know either
   * @throws NotPermitted
   */
  checkMember(asker: Requester, otherwise: () => Promise<boolean | null>): Promise<void>;
  /** Whether every member may call. Then, among known askers, only guests are refused before a lookup. */
  isOpenToMembers(): boolean;
  /** Whether `permissions.guests` names this object id, in any tenant. */
  namesGuest(objectId: string): boolean;
  /** Checks everything that is known before the call is placed. @throws NotPermitted */
  mayWish(asker: Requester, target: Target): Promise<void>;
  /** Also checks what only the database knows. @throws NotPermitted */
  mayCall(asker: Requester, target: Target): Promise<void>;
  /**
   * Checks that the asker may call anybody at all, and so may look people up.
   *
   * @param callee as the asker named them; null if the request names nobody
   * @throws NotPermitted
   */
  checkAsker(asker: Requester, callee: string | null): Promise<void>;
  /** Why this call would be refused now; null if it would be allowed. */
  whyNot(asker: Requester, target: Target): Promise<RefusalWords | null>;
  /** Filters these people to those whom the asker may see. */
  visibleTo(asker: Requester, people: readonly Person[]): Promise<Person[]>;
  /** `stop calling me`. @returns false if calls were already stopped */
  stopCalls(asker: Identified): Promise<boolean>;
  /** `allow calls`. @returns false if calls were already allowed */
  allowCalls(asker: Identified): Promise<boolean>;
}

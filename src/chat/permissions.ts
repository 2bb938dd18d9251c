import type { Requester, Target } from '../calls/call.ts';
import type { Person } from '../directory/directory.ts';
import type { RefusalWords } from '../permissions/refusal.ts';

type Identified = Requester & { objectId: string };

/** The port to the rules of who may call whom, how often and when. */
export interface CallPermissions {
  /** @throws NotPermitted */
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

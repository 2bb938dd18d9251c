import type { Cause, Disposition } from '../calls/call.ts';
import { bare, carries, mayCarry, type LineOf, type WordsOf } from '../calls/timelineCatalogue.ts';
import type { Actor, Severity, SkipReason, Way } from './escalation.ts';

type Person = { name: string };
/** The call is at the person's mobile, not in Teams. */
type Phone = { mobile?: true };
/** Who did it, and how. */
type Act = Person & { way: Actor['way']; note?: string };
/** Those of the service; null where it gave none. */
type ResultCodes = { code: number | null; subCode: number | null };

/** Why somebody did not get an escalation's card. */
export type NotDelivered =
  /** The app is not installed for them, and TEAMS_APP_ID is not set. */
  | 'appNotInstalled'
  /** Graph refuses the installation: a permission is missing, or a policy of the tenant forbids it. */
  | 'installNotPermitted'
  | 'installFailed'
  /** Blocked by the person, or by a channel's moderators. */
  | 'blocked'
  /** An administrator has blocked the app for the tenant or for this person. */
  | 'disabledByAdmin'
  /** The app is not in the channel; or it is installed for the person, but Teams says otherwise. */
  | 'notInConversation'
  /** The channel does not exist. */
  | 'notFound'
  /** The tenant's chats are in another cloud. */
  | 'wrongServiceUrl'
  /** The service URL of the tenant's chats is unknown. */
  | 'noServiceUrl'
  | 'failed';

/**
 * Every type of entry that the timeline of an escalation can have, with its data. Steps and rounds count from 1. The words
 * for people are in texts/, the table for operators is in docs/escalations.md.
 */
export const escalationEntries = {
  // It begins, and begins again.
  opened: carries<{ by: string; summary: string }>(),
  joined: bare,
  startedAgain: bare,
  worse: carries<{ from: Severity; to: Severity }>(),
  // Whom it calls.
  skipped: carries<Person & { reason: SkipReason }>(),
  /** They are called, but not in this way. */
  withoutWay: carries<Person & { way: Way; reason: SkipReason }>(),
  remembered: carries<Person>(),
  optOutOverruled: carries<Person>(),
  nobodyInStep: carries<{ step: number }>(),
  notFoundOut: carries<{ step: number }>(),
  calling: carries<Person & Phone & { step: number; round: number; try: number }>(),
  callEnded: carries<Person & Phone & { disposition: Disposition; cause: Cause } & ResultCodes>(),
  passedOn: carries<Act>(),
  /** Somebody keyed in a wrong PIN on this person's phone. */
  pinWrong: carries<Person>(),
  /** The last one that a call allows. `locked`: the keys of this person's phones do not acknowledge any more. */
  pinRefused: carries<Person & { locked: boolean }>(),
  // Why it waits.
  pausing: carries<{ seconds: number }>(),
  repeating: carries<{ round: number }>(),
  bundling: carries<{ seconds: number }>(),
  quietHours: carries<Person>(),
  halted: carries<{ by: string }>(),
  resumed: carries<{ by: string }>(),
  // How it ends.
  acknowledged: carries<Act>(),
  acknowledgeTimeout: carries<Person>(),
  /** `seconds` since it was acknowledged, if it closed by itself. */
  resolved: carries<Act & { seconds?: number }>(),
  cancelled: carries<Act>(),
  testOver: bare,
  /** With data if nobody was called at all. */
  exhausted: mayCarry<{ called?: false }>(),
  told: carries<Person>(),
  notTold: carries<Person>(),
  // Its cards and webhooks.
  appInstalled: carries<Person>(),
  /** Without a name it is the channel's card. */
  cardNotDelivered: carries<Partial<Person> & { reason: NotDelivered }>(),
  webhookGivenUp: carries<{ host: string; event: string }>(),
  // The alerts that it stands for.
  alertsJoined: carries<{ added: number; firing: number }>(),
  alertsResolved: carries<{ firing: number }>(),
  alertAcknowledged: carries<Person & { by: string }>(),
  notCovered: carries<{ count: number }>(),
  overAlready: carries<Person>(),
};

export type EscalationNoteType = keyof typeof escalationEntries;

/** An entry without its time. */
export type EscalationNote = LineOf<typeof escalationEntries>;

/** `at` is ISO 8601, UTC. */
export type EscalationEntry = EscalationNote & { at: string };

/** Words for each type of entry. */
export type EscalationNoteWords = WordsOf<typeof escalationEntries>;

/** An act of a person, or of Ringdown, as the timeline shows it. */
export function actOf({ name, way }: Actor, note?: string): Act {
  return note ? { name, way, note } : { name, way };
}

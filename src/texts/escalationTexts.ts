import type { Severity, SkipReason } from '../escalations/escalation.ts';

/** A status as people read it. */
export interface StatusWords {
  text: string;
  /** Colour of an Adaptive Card's TextBlock. */
  color: 'good' | 'warning' | 'attention' | 'default';
}

/** What goes on in an escalation that is open, as people see it. */
export type Stage = 'findingOut' | 'calling' | 'talking' | 'pausing' | 'waiting' | 'held';

/** Why somebody was not shown the card of an escalation. */
export type NotDelivered =
  /** The app is not installed for them, and TEAMS_APP_ID is not set. */
  | 'appNotInstalled'
  /** Graph does not let us install it: the permission is missing, or a policy of the tenant is against it. */
  | 'installNotPermitted'
  | 'installFailed'
  /** The person has, or in a channel its moderators. */
  | 'blocked'
  /** An administrator has blocked the app for the tenant or for this person. */
  | 'disabledByAdmin'
  /** The app is not in that channel; or it is there for somebody, and Teams says that it is not. */
  | 'notInConversation'
  /** There is no such channel. */
  | 'notFound'
  /** The tenant's chats are in another cloud. */
  | 'wrongServiceUrl'
  /** It is not known where the tenant's chats are. */
  | 'noServiceUrl'
  | 'failed';

/** What people read of escalations in chats and on cards. */
export interface EscalationChatTexts {
  stage: Record<Stage, StatusWords>;
  severity: Record<Severity, string>;
  notDelivered: Record<NotDelivered, string>;
  card: EscalationCardTexts;

  /** Said with the card. */
  nobodyCanBeCalled: (skipped: readonly { name: string; reason: SkipReason }[]) => string;
  testSummary: (policy: string) => string;
  noSuchPolicy: (policy: string, known: readonly string[]) => string;
  policyAmongPeople: (policy: string) => string;
  whichPolicy: (known: readonly string[]) => string;
  escalateIncomplete: (missing: 'message' | 'targets' | 'person' | 'policy' | 'until') => string;
  /** Several people fit a name: with what tells them apart. */
  severalFit: (query: string, people: readonly string[]) => string;
  /** Nothing that could be acknowledged or resolved concerns the asker. */
  nothingToAcknowledge: () => string;
  nothingToResolve: () => string;
  whichToAcknowledge: () => string;
  whichToResolve: () => string;
  /** The only alert that can be meant has been neither shown nor spoken to the asker. */
  unseenToAcknowledge: () => string;
  unseenToResolve: () => string;
  /** Calls and alerts of one's own. */
  whichToStop: () => string;
  acknowledged: (summary: string) => string;
  resolved: (summary: string) => string;
  stopped: (summary: string) => string;
  /** Alerts were added that they had not been shown. */
  doneInPart: (summary: string) => string;
  passedOn: (summary: string) => string;
  /** Somebody else was first. */
  alreadyAcknowledged: (by: string) => string;
  youHaveIt: () => string;
  alreadyResolved: (by: string) => string;
  alreadyCancelled: (by: string) => string;
  /** A button that does not fit any more. */
  tooLate: () => string;
  notYetOpen: () => string;
  notCalledNow: () => string;
  nobodyCalledNow: () => string;
  mayNot: () => string;
  /** Whoever the chat service does not vouch for. */
  anonymousMayNot: () => string;
  rightsUnknown: () => string;

  onCall: (policy: string) => string;
  onCallStep: (step: { step: number; people: readonly string[] }) => string;
  onCallUntil: (who: { name: string; until: string }) => string;
  nobodyInStep: (step: number) => string;
  covering: (who: { name: string; until: string }) => string;
  covered: (what: { policy: string; until: string; instead: string | null }) => string;
  notCoverable: (policy: string) => string;
  coverUntilWhen: () => string;
  coverNotUnderstood: (words: string) => string;
  coverInThePast: (until: string) => string;
  coverTooLong: (days: number) => string;
  coverNeedsTeams: () => string;

  /** Above the lines of calls and escalations that run. */
  runs: (count: number) => string;
  statusEscalation: (escalation: {
    summary: string;
    state: string;
    seconds: number;
    test: boolean;
  }) => string;
}

export interface EscalationCardTexts {
  alert: (severity: string) => string;
  test: string;
  policy: (policy: string) => string;
  startedBy: (name: string) => string;
  noSpeech: string;
  /** `time` is put in by the reader's own client. */
  since: (time: string) => string;
  at: (time: string) => string;
  goesOnAt: (time: string) => string;
  resolveBy: (time: string) => string;
  step: (where: { step: number; of: number; round: number }) => string;
  findingOut: string;
  calling: (names: readonly string[]) => string;
  talking: (names: readonly string[]) => string;
  pausing: string;
  waiting: string;
  held: string;
  next: (name: string) => string;
  exhausted: string;
  /** The same, when there was nobody who could be called. */
  exhaustedUncalled: string;
  acknowledged: (by: string) => string;
  resolved: (by: string) => string;
  cancelled: (by: string) => string;
  /** Why the reader has this card. */
  youAreCalled: (why: { policy: string | null; step: number; startedBy: string }) => string;
  youWereCalled: (why: { policy: string | null; step: number; startedBy: string }) => string;
  youAreTold: (policy: string | null) => string;
  /** Where another message has taken its place. */
  continued: (time: string) => string;
  continuedInShort: string;
  ladder: string;
  nobodyCalledYet: string;
  earlier: (count: number) => string;
  answeredNotAcknowledged: string;
  noLongerNeeded: string;
  /** Their call was ended for the next one. */
  passedOn: string;
  details: string;
  links: string;
  history: string;
  acknowledge: string;
  cantTake: string;
  callNext: string;
  resolve: string;
  stop: string;
  showDetails: string;
  /** The whole card in a sentence. */
  text: (what: { summary: string; state: string; test: boolean }) => string;
  calleeText: (what: { summary: string; test: boolean }) => string;
}

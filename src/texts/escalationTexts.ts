import type { Severity, SkipReason } from '../escalations/escalation.ts';

/** A status for people. */
export interface StatusWords {
  text: string;
  /** Colour of an Adaptive Card's TextBlock. */
  color: 'good' | 'warning' | 'attention' | 'default';
}

/** What is going on in an open escalation. */
export type Stage = 'findingOut' | 'calling' | 'talking' | 'pausing' | 'waiting' | 'paused';

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

/** What people read about escalations in chats and on cards. */
export interface EscalationChatTexts {
  stage: Record<Stage, StatusWords>;
  severity: Record<Severity, string>;
  notDelivered: Record<NotDelivered, string>;
  card: EscalationCardTexts;

  /** Sent with the card. */
  nobodyCanBeCalled: (skipped: readonly { name: string; reason: SkipReason }[]) => string;
  testSummary: (policy: string) => string;
  noSuchPolicy: (policy: string, known: readonly string[]) => string;
  policyAmongPeople: (policy: string) => string;
  whichPolicy: (known: readonly string[]) => string;
  escalateIncomplete: (missing: 'message' | 'targets' | 'person' | 'policy' | 'until') => string;
  /** Several people match a name. `people` contains what tells them apart. */
  severalFit: (query: string, people: readonly string[]) => string;
  /** The asker has nothing to acknowledge or resolve. */
  nothingToAcknowledge: () => string;
  nothingToResolve: () => string;
  whichToAcknowledge: () => string;
  whichToResolve: () => string;
  /** The only possible alert was neither shown nor spoken to the asker. */
  unseenToAcknowledge: () => string;
  unseenToResolve: () => string;
  /** Among the asker's own calls and alerts. */
  whichToStop: () => string;
  acknowledged: (summary: string) => string;
  resolved: (summary: string) => string;
  stopped: (summary: string) => string;
  /** Alerts were added that the asker was not shown. */
  doneInPart: (summary: string) => string;
  passedOn: (summary: string) => string;
  /** Somebody else was faster. */
  alreadyAcknowledged: (by: string) => string;
  youHaveIt: () => string;
  alreadyResolved: (by: string) => string;
  alreadyCancelled: (by: string) => string;
  /** To a stale button. */
  tooLate: () => string;
  notYetOpen: () => string;
  notCalledNow: () => string;
  nobodyCalledNow: () => string;
  mayNot: () => string;
  /** To people without an identity. */
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

  /** Above the list of running calls and escalations. */
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
  /** The reader's client fills in `time`. */
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
  paused: string;
  next: (name: string) => string;
  exhausted: string;
  /** The same if nobody could be called. */
  exhaustedUncalled: string;
  acknowledged: (by: string) => string;
  resolved: (by: string) => string;
  cancelled: (by: string) => string;
  /** Why the reader has this card. */
  youAreCalled: (why: { policy: string | null; step: number; startedBy: string }) => string;
  youWereCalled: (why: { policy: string | null; step: number; startedBy: string }) => string;
  youAreTold: (policy: string | null) => string;
  /** On a message that another one has replaced. */
  continued: (time: string) => string;
  continuedInShort: string;
  ladder: string;
  nobodyCalledYet: string;
  earlier: (count: number) => string;
  answeredNotAcknowledged: string;
  noLongerNeeded: string;
  /** Their call was ended to call the next person. */
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
  /** The whole card in one sentence. */
  text: (what: { summary: string; state: string; test: boolean }) => string;
  calleeText: (what: { summary: string; test: boolean }) => string;
}

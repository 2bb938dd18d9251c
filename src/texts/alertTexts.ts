import type { EscalationNoteWords } from '../escalations/timeline.ts';

/** What people read about alerts on calls and cards. */
export interface AlertTexts {
  /** Stands for alerts that the sender did not list. */
  unlisted: (what: { count: number; name: string }) => string;
  /** Stands for several alerts, on the card and on the phone. `first` is the most severe. */
  several: (what: { firing: number; resolved: number; first: string }) => string;
  /** The query of this Grafana rule returned no data. */
  noData: (what: { name: string }) => string;
  /** The query of this Grafana rule failed. */
  queryFailed: (what: { name: string }) => string;
  /** Amounts as the sender writes them, with currency. `of` is the budget, or the threshold that was passed. */
  budget: (what: { name: string; spent: string; of: string; isForecast: boolean }) => string;
  /** One line for each alert; `severity` is one of our four words. */
  listed: (alerts: readonly { summary: string; severity: string }[], more: number) => string[];
  /** A heartbeat did not come in time. */
  silent: (what: { name: string; everySeconds: number }) => string;
  silentDetails: (what: { lastAt: string | null }) => string;
  /** Lines that alerts and webhooks add to an escalation's timeline. */
  timeline: Pick<
    EscalationNoteWords,
    | 'alertsJoined'
    | 'alertsResolved'
    | 'alertAcknowledged'
    | 'bundling'
    | 'notCovered'
    | 'overAlready'
    | 'worse'
    | 'webhookGivenUp'
  >;
}

/** What operators are told, because nobody else would notice it. */
export type Notice =
  | { kind: 'intakeRejected'; sender: string; code: string; detail: string }
  /** A request to the alert intake had no valid key, or its address does not exist. */
  | { kind: 'intakeOfStrangers' }
  | { kind: 'intakeFailed'; sender: string }
  | { kind: 'policyMissing'; sender: string; policy: string }
  | { kind: 'exhausted'; policy: string; summary: string; id: string }
  /** `why`: a disposition or a skip reason. */
  | { kind: 'unreachable'; policy: string; name: string; why: string }
  | { kind: 'webhookFailing'; host: string; problem: string }
  | { kind: 'webhookGivenUp'; host: string; event: string; id: string }
  | { kind: 'paused' | 'resumed'; by: string }
  /** A name in ringdown.yaml does not work. `where`: places in the file; `why`: a skip reason. */
  | { kind: 'notInDirectory'; where: string; name: string; why: string }
  /** Open escalations use something that was removed from ringdown.yaml. */
  | { kind: 'gone'; what: GoneFromFile; name: string; escalations: number }
  /** A new ringdown.yaml was rejected. */
  | { kind: 'fileRefused'; faults: number }
  /** A background job keeps failing. */
  | { kind: 'jobStuck'; job: string; minutes: number };

export type GoneFromFile = 'policy' | 'rotation' | 'voiceApp' | 'apiKey' | 'integration' | 'heartbeat';

export interface OperatorTexts {
  /** The lines of one message for all these notices. */
  message: (notices: readonly { notice: Notice; count: number }[], more: number) => string[];
  pause: PauseTexts;
}

/** Pausing all calls, in chats. */
interface PauseTexts {
  paused: () => string;
  resumed: () => string;
  notPaused: () => string;
  /** Calls are already paused. `since` is hours and minutes. */
  isPaused: (pause: { by: string | null; since: string | null }) => string;
  /** `operators` are names from ringdown.yaml. */
  mayNot: (operators: readonly string[]) => string;
  rightUnknown: () => string;
}

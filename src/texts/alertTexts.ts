import type { TimelineEntry } from '../calls/call.ts';

/** What people read of alerts: that of one call or card for many, and what operators are told. */
export interface AlertTexts {
  /** Stands for alerts that the sender did not list. */
  unlisted: (what: { count: number; name: string }) => string;
  /** Stands for several alerts, on the card and on the phone. `first` is the most severe. */
  several: (what: { firing: number; resolved: number; first: string }) => string;
  /** Grafana's rule of that name asked, and no data came: neither good nor bad is known. */
  noData: (what: { name: string }) => string;
  /** Grafana's rule of that name could not ask. */
  queryFailed: (what: { name: string }) => string;
  /** Amounts as the sender writes them, currency included; `of` is the budget, or the threshold that was passed. */
  budget: (what: { name: string; spent: string; of: string; isForecast: boolean }) => string;
  /** A line for each; `severity` in our four words. */
  listed: (alerts: readonly { summary: string; severity: string }[], more: number) => string[];
  /** A heartbeat did not come in time. */
  silent: (what: { name: string; everySeconds: number }) => string;
  silentDetails: (what: { lastAt: string | null }) => string;
  /** Lines of an escalation's timeline that alerts and webhooks add. */
  timeline: Record<string, (data: NonNullable<TimelineEntry['data']>) => string>;
}

/** What would otherwise go unheard. */
export type Notice =
  | { kind: 'intakeRejected'; sender: string; code: string; detail: string }
  /** Something was sent to where alerts are taken, without a right key or to where nothing is. */
  | { kind: 'intakeOfStrangers' }
  | { kind: 'intakeFailed'; sender: string }
  | { kind: 'policyMissing'; sender: string; policy: string }
  | { kind: 'exhausted'; policy: string; summary: string; id: string }
  /** `why`: a disposition, or why somebody is skipped. */
  | { kind: 'unreachable'; policy: string; name: string; why: string }
  | { kind: 'webhookFailing'; host: string; problem: string }
  | { kind: 'webhookGivenUp'; host: string; event: string; id: string }
  | { kind: 'paused' | 'resumed'; by: string }
  /** ringdown.yaml names somebody wrongly. `where` are places in it; `why`: why somebody is skipped. */
  | { kind: 'notInDirectory'; where: string; name: string; why: string }
  /** ringdown.yaml no longer has what open escalations use. */
  | { kind: 'gone'; what: GoneFromFile; name: string; escalations: number }
  /** A new ringdown.yaml was not taken. */
  | { kind: 'fileRefused'; faults: number }
  /** Work that is tried again and again, and fails. */
  | { kind: 'jobStuck'; job: string; minutes: number };

export type GoneFromFile = 'policy' | 'rotation' | 'voiceApp' | 'apiKey' | 'integration' | 'heartbeat';

export interface OperatorTexts {
  /** The lines of one message for all that came together. */
  message: (notices: readonly { notice: Notice; count: number }[], more: number) => string[];
  pause: PauseTexts;
}

/** The operator's stop, in chats. */
interface PauseTexts {
  paused: () => string;
  resumed: () => string;
  notPaused: () => string;
  /** It holds already. `since` as hours and minutes. */
  isPaused: (pause: { by: string | null; since: string | null }) => string;
  /** `operators` as ringdown.yaml names them. */
  mayNot: (operators: readonly string[]) => string;
  rightUnknown: () => string;
}

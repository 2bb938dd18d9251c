/**
 * What the console's endpoints answer and its pages show: types only, shared by both. Times are ISO 8601 in UTC,
 * unless a field says otherwise. Sentences (`text`, `say`, `reason`) are in the reader's language, ready to show.
 */
import type { Disposition } from '../calls/call.ts';
import type { EscalationStatus, Severity } from '../escalations/escalation.ts';

/** How a browser signs in. Open to everybody; holds no secret. */
export type SignIn =
  /** Anonymous mode on loopback: readers choose who they are. */
  | { mode: 'choose'; people: PersonRef[] }
  | { mode: 'entra'; clientId: string; authority: string; scope: string };

export interface PersonRef {
  /** Entra object id. */
  id: string;
  name: string;
}

/** Who reads, and what they may do. */
export interface Me {
  person: PersonRef;
  /** Sees the calls and escalations of everybody: `permissions.console.readers` or `operators`. */
  seesAll: boolean;
  /** May pause and resume, and send webhooks again: operators. */
  operates: boolean;
  /** The language that the person chose in chat, else null. */
  language: string | null;
  /** Of ringdown.yaml, for readers whose own zone is unknown. */
  timeZone: string;
}

export type CallState = 'queued' | 'dialing' | 'connected' | 'ended';

export interface CallRow {
  id: string;
  state: CallState;
  /** Null until it has ended. */
  disposition: Disposition | null;
  /** The state or the end in words. */
  text: string;
  callee: string;
  caller: string;
  escalationId: string | null;
  policy: string | null;
  createdAt: string;
  connectedAt: string | null;
  endedAt: string | null;
  code: number | null;
  subCode: number | null;
}

export interface Line {
  at: string;
  text: string;
  /** Its type in the timeline of the API, for icons. */
  type: string;
}

/** A timeline line of an escalation; `call` if it is about one. */
export interface CallLine extends Line {
  call?: { id: string; callee: string };
}

export interface CallDetail extends CallRow {
  /** What is said, or why it was placed; null if it was not kept. */
  message: string | null;
  /** What the result code means and what to do; null without a code. */
  advice: string | null;
  timeline: Line[];
  /** What Microsoft's support asks for. Null while unknown, and for readers who do not see all. */
  ids: { callConnectionId: string | null; serverCallId: string | null; correlationId: string | null } | null;
  /** The link back to Teams; null if there is none. */
  teamsLink: string | null;
  may: { hangUp: boolean };
}

export type EscalationAct = 'acknowledge' | 'cantTake' | 'callNext' | 'resolve' | 'stop';

/** A person of a step, as the ladder stands now. */
export interface RungRow {
  name: string;
  /** `next`: their turn comes later in this step. */
  state: 'next' | 'calling' | 'dialing' | 'talking' | 'done' | 'skipped';
  text: string;
  callId: string | null;
}

export interface StepRow {
  /** 1 for the first. */
  number: number;
  state: 'done' | 'now' | 'later';
  /** Whom the policy names, in words, for steps that have not begun. */
  targets: string[];
  /** Known only for the current step and those before. */
  people: RungRow[];
}

export interface EscalationRow {
  id: string;
  status: EscalationStatus;
  /** The state in words: "Calling Adele Vance", "Acknowledged by Alex Wilber". */
  text: string;
  policy: string | null;
  summary: string;
  severity: Severity;
  test: boolean;
  startedBy: string;
  createdAt: string;
  endedAt: string | null;
  acknowledgedBy: { name: string; at: string } | null;
  /** The ladder, from the first step. */
  steps: StepRow[];
  round: number;
  /** How often the whole ladder runs. */
  rounds: number;
  /** When something is due next without anybody's act; null if nothing is. */
  nextAt: string | null;
  revision: number;
  may: EscalationAct[];
}

export interface EscalationDetail extends EscalationRow {
  details: string | null;
  links: { text: string; href: string }[];
  alerts: {
    summary: string;
    severity: Severity;
    status: 'firing' | 'resolved' | 'closed';
    openedAt: string;
    endedAt: string | null;
    times: number;
  }[];
  calls: CallRow[];
  timeline: CallLine[];
}

/** The page Now. */
export interface Now {
  /** Null if calls are not paused. */
  paused: { since: string | null; by: string | null } | null;
  /** Open ones, those that nobody acknowledged in the last 24 hours, and acknowledged ones; the most urgent first. */
  escalations: EscalationRow[];
  /** Running calls, without those of the escalations above. */
  calls: CallRow[];
  /** Calls that ended in the last hour, the newest first, at most 50. */
  recent: CallRow[];
}

export type ActAnswer = { say: string; done: boolean };

/** The page History: newest first. */
export interface HistoryPage<Item = CallRow> {
  items: Item[];
  /** Null if there is no more. */
  nextCursor: string | null;
  /** The search stopped here, before the page was full: it goes on from `nextCursor`. */
  searchedTo: string | null;
}

/** A person on the duty calendar, as ringdown.yaml names them if the directory does not know them. */
export interface DutyPerson {
  name: string;
  /** The reader. */
  me: boolean;
}
export type PastEscalation = Pick<
  EscalationRow,
  | 'id'
  | 'status'
  | 'text'
  | 'policy'
  | 'summary'
  | 'severity'
  | 'test'
  | 'startedBy'
  | 'createdAt'
  | 'endedAt'
  | 'acknowledgedBy'
>;

/** One span on the duty calendar. */
export interface DutySpan {
  from: string;
  to: string;
  /** `fallback`: a person or group in place of shifts. `gap`: nobody would be called. */
  kind: 'rotation' | 'cover' | 'shift' | 'fallback' | 'gap';
  people: DutyPerson[];
  /** Who else should be on duty but cannot be called, and why; for a gap, why nobody is. In words. */
  notes: string[];
  /** Somebody hands over to somebody else as it begins. */
  handOver: boolean;
  cover: {
    id: string;
    /** Of the whole cover, which a hand-over or another cover may cut. */
    from: string;
    until: string;
    /** Who would be on duty; null if nobody would. */
    instead: string | null;
    /** The reader may end it. */
    mayEnd: boolean;
  } | null;
}

export interface DutyRow {
  /** The policy. */
  policy: string;
  /** The name of the rotation; null for Shifts of a team. */
  rotation: string | null;
  /** The step that it stands in, from 1. */
  step: number;
  /** A cover of this policy counts here. */
  canCover: boolean;
  /** Who is on duty now, and until when, if that is known. */
  now: { people: DutyPerson[]; until: string | null };
  spans: DutySpan[];
  /** Why the plan is not complete, in words. */
  note: string | null;
}

export interface Duty {
  from: string;
  to: string;
  /** Whether the reader may take over. */
  mayCover: boolean;
  /** A cover ends at most this many days from now. */
  longestCoverDays: number;
  /** Of ringdown.yaml. */
  timeZone: string;
  rows: DutyRow[];
}

/** One of the reader's links to calendars. Its address is not known any more. */
export interface CalendarLinkRow {
  id: string;
  createdAt: string;
  /** When a calendar last got an answer; null if none has. */
  fetchedAt: string | null;
}

export interface CalendarLinkRows {
  /** The newest first. */
  links: CalendarLinkRow[];
}

/** A new link to calendars. */
export interface NewCalendar {
  /** The address of the reader's own duties. */
  person: string;
  rotations: { name: string; url: string }[];
  /** That an older link ended. */
  say: string | null;
}

/** The page Policies. */
export interface Policies {
  policies: PolicyRow[];
}

export interface PolicyRow {
  name: string;
  /** Whom it would call first now, in their order: at most five people of its first step that has any. */
  first: string[];
  /** How many people more that step has. */
  more: number;
  /** Whether that step calls everybody at once. */
  atOnce: boolean;
  steps: number;
  /** How many of its escalations are open; null for readers who do not see all. */
  open: number | null;
}

export type PresenceStatus =
  'available' | 'away' | 'busy' | 'doNotDisturb' | 'outOfOffice' | 'offline' | 'unknown';

export interface DryRunPerson {
  name: string;
  /** When they are called in the first round: seconds after the alert. */
  rings: number[];
  isSkipped: boolean;
  /** Why they are skipped, or called although they opted out; else null. */
  note: string | null;
  /** Null if it cannot be read. */
  presence: PresenceStatus | null;
}

export interface DryRunStep {
  /** 1 for the first. */
  number: number;
  mode: 'sequence' | 'parallel';
  /** When it begins in the first round: seconds after the alert. Null if it never does. */
  startsAfter: number | null;
  ringSeconds: number;
  tries: number;
  /** The pause before the next step. */
  pauseSeconds: number;
  /** Those who are called, in their order, then those who are skipped. */
  people: DryRunPerson[];
  /** Nobody can be called in this step; the directory does not answer. */
  notes: string[];
}

/** What a policy would do if an alert arrived now and nobody answered. */
export interface PolicyDetail {
  name: string;
  severity: Severity;
  /** BCP 47. */
  language: string;
  /** When the alert would arrive: seconds count from here. */
  at: string;
  steps: DryRunStep[];
  /** When the second and later rounds begin: seconds after the alert. */
  repeatsAfter: number[];
  /** When nobody is left to call: seconds after the alert. Null if that is too far ahead. */
  overAfter: number | null;
  /** Why not everybody is called at once: the pause, quiet hours. */
  holds: string[];
  /** Who is told if nobody acknowledges, and whether it calls again after an acknowledgement. */
  afterwards: string[];
}

/** As the doctor says it: a `fault` does not work, a `note` works with limits. */
export interface HealthFinding {
  level: 'ok' | 'fault' | 'note' | 'skipped';
  area: string;
  /** The name in docs/operations.md; null if all is well. */
  name: string | null;
  /** English, like the doctor. */
  what: string;
  fix: string | null;
}

export interface WebhookDelivery {
  id: string;
  type: string;
  escalationId: string;
  status: 'waiting' | 'delivered' | 'givenUp';
  attempts: number;
  createdAt: string;
  /** When it was delivered or given up. */
  endedAt: string | null;
  /** When it is sent next. */
  nextAt: string | null;
  /** Of the last attempt. */
  problem: string | null;
}

export interface HealthWebhook {
  /** Its place in ringdown.yaml, from 1. */
  entry: number;
  /** Its origin only: its path and query may hold secrets. */
  origin: string;
  /** Null: all of them. */
  events: string[] | null;
  waiting: number;
  /** The newest first. */
  deliveries: WebhookDelivery[];
}

/** The page Health. */
export interface Health {
  findings: HealthFinding[];
  /** Null until the doctor has run in this process. */
  checkedAt: string | null;
  /** Null if calls are not paused. */
  paused: { since: string | null; by: string | null } | null;
  /** How many processes serve this installation. */
  replicas: number;
  heartbeats: {
    name: string;
    policy: string;
    everySeconds: number;
    lastAt: string | null;
    dueAt: string;
    silent: boolean;
  }[];
  webhooks: HealthWebhook[];
  integrations: {
    name: string;
    kind: string;
    policy: string;
    /** Among the newest requests of all senders. */
    lastAt: string | null;
    failed: number;
  }[];
  /** What operators were told in the last days, the newest first. */
  notices: { at: string; text: string; count: number }[];
}

/** `already`: it waits to be sent, or somebody has sent it again in the meantime. */
export interface SentAgain {
  state: 'sending' | 'already';
}

/** The charts. Weeks begin on Monday in the reader's zone, and are named by it: `2026-11-30`. Tests do not count. */
export interface Charts {
  /** All weeks, also those in which nothing happened. */
  weeks: string[];
  /**
   * Median and 90th percentile of the seconds from start to acknowledgement. Null for readers who do not see all. The
   * policy is null for escalations whose steps came with the request.
   */
  acknowledgeTimes:
    | {
        week: string;
        policy: string | null;
        count: number;
        medianSeconds: number;
        p90Seconds: number;
      }[]
    | null;
  /** Null for readers who do not see all. */
  dispositions: { week: string; disposition: Disposition; count: number }[] | null;
  /**
   * Nights (22 to 7 in the zone of ringdown.yaml) in which an escalation rang somebody, and how many calls that were;
   * most nights first. Readers who do not see all get only their own.
   */
  nights: { person: string; nights: number; calls: number }[];
}

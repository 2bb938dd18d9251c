/**
 * What the console's endpoints answer and its pages show: types only, shared by both. Times are ISO 8601 in UTC,
 * unless a field says otherwise. Sentences (`text`, `say`, `reason`) are in the reader's language, ready to show.
 */
import type { Disposition } from '../calls/call.ts';
import type { EscalationStatus, Severity } from '../escalations/escalation.ts';

/** How a browser signs in. Open to everybody; holds no secret. */
export type SignIn =
  /** Anonymous mode on loopback: one chooses who one is. */
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
  state: 'next' | 'calling' | 'ringing' | 'talking' | 'done' | 'skipped';
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
  /** Null if calls are not paused. `by` is null for readers who may not know. */
  paused: { since: string | null; by: string | null } | null;
  /** Open and acknowledged ones, the most urgent first. */
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
  /** `gap`: nobody is on duty. */
  kind: 'rotation' | 'cover' | 'shift' | 'gap';
  person: PersonRef | null;
  /** As ringdown.yaml names them, if the directory does not know them. */
  name: string;
  /** Cover: its id, and whom it replaces. */
  coverId?: string;
  instead?: string;
  /** Cover: the reader may end it. */
  mayEnd?: boolean;
}

export interface DutyRow {
  /** The policy. */
  policy: string;
  /** The rotation or Shifts schedule; the step that it stands in, from 1. */
  source: string;
  step: number;
  canCover: boolean;
  now: string | null;
  spans: DutySpan[];
  /** Why the plan is not complete: the directory does not answer, Shifts are not readable. */
  note: string | null;
}

export interface Duty {
  from: string;
  to: string;
  /** Whether the reader may take over. */
  mayCover: boolean;
  rows: DutyRow[];
}

/** A policy, as it would ring now. */
export interface PolicyRow {
  name: string;
  /** The first people it would call now. */
  first: string[];
  open: number;
}

export interface DryRunPerson {
  name: string;
  /** Seconds after the alert, if nobody answers. */
  afterSeconds: number | null;
  state: 'called' | 'skipped';
  /** Why skipped, or null. */
  reason: string | null;
  presence: string | null;
  try: number;
}

export interface DryRunStep {
  number: number;
  mode: 'sequence' | 'parallel';
  people: DryRunPerson[];
  /** Notes: nobody in this step, directory does not answer, last known people are used. */
  notes: string[];
}

export interface PolicyDetail {
  name: string;
  language: string;
  at: string;
  steps: DryRunStep[];
  rounds: number;
  /** When the ladder is over if nobody acknowledges: seconds. */
  overAfterSeconds: number | null;
  /** Quiet hours, pause and other reasons why nothing would ring now. */
  holds: string[];
  /** What happens at the end: who is told. */
  exhausted: string[];
}

export type FindingLevel = 'ok' | 'warning' | 'error' | 'skipped';

export interface Health {
  findings: { level: FindingLevel; check: string; text: string; fix: string | null; at: string }[];
  /** Null until the doctor has run in this process. */
  checkedAt: string | null;
  paused: { since: string | null; by: string | null } | null;
  heartbeats: {
    name: string;
    policy: string;
    everySeconds: number;
    lastAt: string | null;
    dueAt: string;
    silent: boolean;
  }[];
  webhooks: {
    /** Its origin and path, without query: the rest may hold a secret. */
    name: string;
    waiting: number;
    deliveries: {
      id: string;
      type: string;
      escalationId: string;
      status: 'waiting' | 'delivered' | 'givenUp';
      attempts: number;
      createdAt: string;
      endedAt: string | null;
      nextAt: string | null;
      problem: string | null;
      maySendAgain: boolean;
    }[];
  }[];
  integrations: { name: string; kind: string; policy: string; lastAt: string | null; failed: number }[];
  notices: { at: string; text: string; count: number }[];
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

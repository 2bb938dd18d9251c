import type { ColumnType, Generated, JSONColumnType, Kysely } from 'kysely';
import type { Escalation, Ladder, Link, Severity } from '../escalations/escalation.ts';
import type { Purpose, Requester, Target, TimelineEntry } from '../calls/call.ts';
import type { StoredFacts } from '../calls/storedFacts.ts';
import type { NotCallable } from '../directory/directory.ts';
import type { Notice } from '../texts/alertTexts.ts';

/** Read as Date by both drivers, written as ISO 8601 text or Date. */
type Time = ColumnType<Date, string | Date, string | Date>;
type NullableTime = ColumnType<Date | null, string | Date | null | undefined, string | Date | null>;

/** Tables as Kysely sees them. The truth is in migrations/. */
export interface Schema {
  calls: {
    id: string;
    status: string;
    disposition: string | null;
    target: JSONColumnType<Target>;
    target_key: string;
    requested_by: JSONColumnType<Requester>;
    requester_key: string;
    purpose: JSONColumnType<Purpose>;
    ring_timeout_seconds: number;
    language: string;
    created_at: Time;
    ended_at: NullableTime;
    revision: number;
    facts: JSONColumnType<StoredFacts>;
    call_connection_id: string | null;
    server_call_id: string | null;
    correlation_id: string | null;
    alarm_at: NullableTime;
    callback_secret: string;
    repeatability_id: string;
    request_key: string | null;
    single_key: string | null;
    conversation_key: string | null;
    escalation_id: string | null;
    phone_key: string | null;
    traceparent: string | null;
  };
  /** See jobStore.ts. */
  jobs: {
    name: string;
    key: string;
    data: JSONColumnType<Record<string, string | number>>;
    due_at: Time;
    priority: Generated<number>;
    wanted: Generated<number>;
    wanted_at: Time;
    owner: string | null;
    attempts: Generated<number>;
    failing_since: NullableTime;
    problem: string | null;
    trace: string | null;
  };
  processes: {
    id: string;
    leased_until: Time;
  };
  call_timeline: {
    seq: Generated<number>;
    call_id: string;
    at: Time;
    type: string;
    data: JSONColumnType<NonNullable<TimelineEntry['data']>> | null;
  };
  call_events: {
    call_id: string;
    event_id: string;
    type: string;
    at: Time;
    received_at: Time;
    applied: boolean;
    body: JSONColumnType<object>;
  };
  grid_events: {
    /** Topic or source. With the id it names the event. */
    source: string;
    event_id: string;
    type: string;
    at: Time;
    received_at: Time;
    server_call_id: string | null;
    correlation_id: string | null;
    call_id: string | null;
    body: JSONColumnType<object>;
  };
  cards: {
    id: string;
    subject: string;
    conversation: JSONColumnType<object>;
    conversation_key: string;
    locale: string | null;
    activity_id: string | null;
    shown_revision: number;
    /** What was last shown, in a word: a channel that cannot edit is told only of the end. */
    shown_state: string | null;
    created_at: Time;
    /** Whom it was sent to without their having asked: see chat/escalationCards.ts. Null for a card of a turn. */
    audience: string | null;
    /** Of an escalation: its revision as last shown, which an acknowledgement on the card covers. */
    covers: number | null;
    /** When another message took its place. */
    continued_at: NullableTime;
  };
  conversations: {
    /** Entra object id, in small letters. */
    object_id: string;
    tenant_id: string | null;
    place: JSONColumnType<object>;
    conversation_key: string;
    locale: string | null;
    seen_at: Time;
  };
  card_deliveries: {
    subject: string;
    audience: string;
    card_id: string;
    created_at: Time;
    sent_at: NullableTime;
    /** Why it could not be delivered, as the timeline says it. */
    failed: string | null;
    /** In which run of the ladder it was wanted. */
    run: Generated<number>;
  };
  chat_activities: {
    key: string;
    at: Time;
    /** It was refused, and that has not been told yet. */
    refusing: Generated<boolean>;
    /** Nothing was asked for, or nothing came of it: the message may be edited into something else. */
    nothing_done: Generated<boolean>;
  };
  choices: {
    id: string;
    asker_key: string;
    conversation_key: string;
    /** What is chosen for: whom to call, what to end, whether to disturb somebody, or which alert is meant. */
    what: 'call' | 'hangUp' | 'disturb' | 'acknowledge' | 'resolve' | 'forget';
    /** `callId` is the call that would be ended. */
    candidates: JSONColumnType<
      (
        | { target: Target; callId?: string; notCallable?: NotCallable }
        | { escalationId: string; name: string; revision?: number }
      )[]
    >;
    message: string | null;
    created_at: Time;
    chosen: string | null;
  };
  settings: {
    name: string;
    value: JSONColumnType<object>;
  };
  pace: {
    name: string;
    next_at: Time;
  };
  escalations: {
    id: string;
    status: string;
    policy: string | null;
    source: string;
    dedup_key: string | null;
    alert: JSONColumnType<Alert>;
    ladder: JSONColumnType<Ladder>;
    revision: number;
    created_at: Time;
    ended_at: NullableTime;
    alarm_at: NullableTime;
  };
  escalation_timeline: {
    seq: Generated<number>;
    escalation_id: string;
    at: Time;
    type: string;
    data: JSONColumnType<NonNullable<TimelineEntry['data']>> | null;
  };
  covers: {
    policy: string;
    person: JSONColumnType<Target>;
    until: Time;
    created_at: Time;
  };
  idempotency: {
    scope: string;
    key: string;
    body_hash: string;
    status: number | null;
    answer: JSONColumnType<object> | null;
    created_at: Time;
  };
  opt_outs: {
    /** Empty if the channel did not say. */
    tenant_id: string;
    object_id: string;
    at: Time;
  };
  audit: {
    id: Generated<number>;
    at: Time;
    /** Key of the person or key of the API. */
    who: string;
    who_name: string;
    what:
      | 'refused'
      | 'stoppedCalls'
      | 'allowedCalls'
      | 'paused'
      | 'resumed'
      | 'mayNotPause'
      | 'personForgotten'
      | 'personExported'
      | 'personRevoked';
    /** `targetKey`; null where it concerns nobody in particular. */
    whom: string | null;
    whom_name: string | null;
    why: string | null;
  };
  talk_identities: {
    /** The raw id `8:acs:…`. */
    acs_id: string;
    call_id: string;
    created_at: Time;
    /** From then on it gets no token, and is deleted at the service. */
    withdrawn_at: NullableTime;
  };
  /** Of the version before: one for each person. It is emptied. */
  user_identities: {
    /** `key` of the requester. */
    person: string;
    acs_id: string;
    used_at: Time;
  };
  talk_links: {
    /** SHA-256 of the link, in hex. */
    hash: string;
    call_id: string;
    created_at: Time;
    expires_at: Time;
    used_at: NullableTime;
    /** SHA-256 of the secret of the page that used it. */
    session_hash: string | null;
  };
  request_limits: {
    name: string;
    slot: number;
  };
  request_times: {
    name: string;
    slot: number;
    at: Time;
  };
  intake: {
    seq: Generated<number>;
    received_at: Time;
    format: string;
    /** Who may join by dedup key: an integration or a key of the API. */
    source: string;
    source_name: string;
    policy: string;
    body: string;
    status: Generated<'waiting' | 'done' | 'failed'>;
    worked_at: NullableTime;
  };
  alerts: {
    id: Generated<number>;
    source: string;
    policy: string;
    dedup_key: string;
    group_key: string | null;
    /** `closed`: its escalation was resolved or stopped by a person while it fired. */
    status: 'firing' | 'resolved' | 'closed';
    escalation_id: string;
    summary: string;
    details: string | null;
    severity: Severity;
    links: JSONColumnType<Link[]>;
    opened_at: Time;
    last_seen_at: Time;
    ended_at: NullableTime;
    times: number;
    /** The first one of its escalation that shows it. */
    revision: number;
    /** Of its escalation's ladder, when it joined. */
    run: number;
    /** Somebody has acknowledged it. */
    covered: boolean;
    /** When its sender says that it began, the newest of its repeats; null if the sender does not say. */
    started_at: NullableTime;
  };
  spoken_alerts: {
    call_id: string;
    escalation_id: string;
    callee_id: string;
    revision: number;
  };
  heartbeats: {
    name: string;
    last_at: NullableTime;
    due_at: Time;
    /** For when a job is scheduled to look at it. */
    alarm_at: NullableTime;
    silent: boolean;
  };
  webhook_deliveries: {
    seq: Generated<number>;
    /** The same for each attempt, and in each webhook that is told of the event. */
    id: string;
    webhook: string;
    escalation_id: string;
    type: string;
    /** Sent as it stands. */
    body: string;
    status: 'waiting' | 'delivered' | 'givenUp';
    attempts: number;
    created_at: Time;
    next_at: Time;
    ended_at: NullableTime;
    problem: string | null;
  };
  operator_notices: {
    id: Generated<number>;
    at: Time;
    subject: string;
    notice: JSONColumnType<Notice>;
    count: number;
    told_at: NullableTime;
  };
}

/** A connection to the database, or a transaction of it. */
export type Sql = Kysely<Schema>;

/** What of an escalation does not change while it runs. */
export type Alert = Omit<
  Escalation,
  'id' | 'policy' | 'source' | 'dedupKey' | 'ladder' | 'revision' | 'createdAt'
>;

import type { ColumnType, Generated, JSONColumnType, Kysely } from 'kysely';
import type { Escalation, Link, Severity } from '../escalations/escalation.ts';
import type { StoredLadder } from '../escalations/ladder/stored.ts';
import type { Purpose, Requester, Target, TimelineEntry } from '../calls/call.ts';
import type { StoredFacts } from '../calls/storedFacts.ts';
import type { NotCallable } from '../directory/directory.ts';
import type { Notice } from '../operations/notice.ts';
import type { ExchangeState } from '../schedules/exchange.ts';

/** Read as Date by both drivers, written as ISO 8601 text or Date. */
type Time = ColumnType<Date, string | Date, string | Date>;
type NullableTime = ColumnType<Date | null, string | Date | null | undefined, string | Date | null>;

interface CoverSpans {
  id: string;
  policy: string;
  person: JSONColumnType<Target>;
  starts_at: Time;
  until: Time;
  taken_at: Time;
  /** The rotation that it is for; null for all of the policy. */
  rotation: string | null;
}

/** The tables as Kysely sees them. The migrations define them. */
export interface Schema {
  calendars: {
    /** Stands for its address, which is secret. */
    source: string;
    /** The last good copy, with only what says who is on duty; null if there was none. */
    text: string | null;
    /** Counts the copies. */
    version: Generated<number>;
    etag: string | null;
    last_modified: string | null;
    /** When the source last said that the copy is right. */
    as_of: NullableTime;
    tried_at: Time;
    failing_since: NullableTime;
    /** A few words. */
    problem: string | null;
    /** What is wrong with it that operators were told. */
    told: JSONColumnType<string[]>;
    /** When its people were looked up. */
    checked_at: NullableTime;
  };
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
    /** Counts its changes. */
    version: Generated<number>;
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
    /** The topic or source. Together with the id it identifies the event. */
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
    /** The state last shown, in a word. A channel that cannot edit messages gets only the last state. */
    shown_state: string | null;
    created_at: Time;
    /** Who got it unasked: see chat/escalations/escalationCards.ts. Null for a card sent in reply. */
    audience: string | null;
    /** The escalation's revision last shown, which an acknowledgement on this card covers. */
    covers: number | null;
    /** When another message replaced it. */
    continued_at: NullableTime;
  };
  conversations: {
    /** The Entra object id in lower case. */
    object_id: string;
    tenant_id: string | null;
    place: JSONColumnType<object>;
    conversation_key: string;
    locale: string | null;
    seen_at: Time;
  };
  languages: {
    /** The requester's `key` in lower case: the object id of a Teams user. */
    person: string;
    /** The tag of a language that has texts. */
    language: string;
    chosen_at: Time;
  };
  card_deliveries: {
    subject: string;
    audience: string;
    card_id: string;
    created_at: Time;
    sent_at: NullableTime;
    /** Why it could not be delivered, in the words of the timeline. */
    failed: string | null;
    /** The run of the ladder that requested it. */
    run: Generated<number>;
  };
  chat_activities: {
    key: string;
    at: Time;
    /** It was refused, and nobody has been told yet. */
    refusing: Generated<boolean>;
    /** It had no effect: the message may still be edited into another command. */
    nothing_done: Generated<boolean>;
  };
  choices: {
    id: string;
    asker_key: string;
    conversation_key: string;
    /** The subject of the choice: whom to call, what to end, whether to disturb somebody, which alert is
     * meant, or with whom and of which rotation to exchange duty. */
    what: 'call' | 'hangUp' | 'disturb' | 'acknowledge' | 'resolve' | 'forget' | 'swap';
    /** `callId` is the call that would be hung up. */
    candidates: JSONColumnType<
      (
        | { target: Target; callId?: string; notCallable?: NotCallable }
        | { escalationId: string; name: string; revision?: number }
        | { rotation: string; name: string }
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
    ladder: JSONColumnType<StoredLadder>;
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
  /** The cover of each policy that was taken in chat: it began when it was taken. See coverStore.ts. */
  covers: {
    policy: string;
    /** A cover of the version before, and its replacement, may have the same. */
    id: Generated<string>;
    person: JSONColumnType<Target>;
    until: Time;
    created_at: Time;
  };
  /** All other covers. */
  cover_spans: CoverSpans;
  /** A view of both. */
  all_covers: CoverSpans;
  /** See schedules/exchangeStore.ts. */
  exchanges: {
    id: string;
    policy: string;
    rotation: string;
    asker: JSONColumnType<Target>;
    asked: JSONColumnType<Target>;
    /** IANA name. */
    time_zone: string;
    gives_from: Time;
    gives_until: Time;
    takes_from: NullableTime;
    takes_until: NullableTime;
    state: JSONColumnType<ExchangeState>;
    revision: number;
    created_at: Time;
    expires_at: Time;
  };
  /** The secret addresses of calendars. See calendarLinks.ts. */
  calendar_links: {
    id: string;
    /** SHA-256 of the secret, in hexadecimal digits. */
    hash: string;
    /** The object id of its owner, in lower case. */
    person: string;
    created_at: Time;
    /** When a calendar last got an answer. */
    fetched_at: NullableTime;
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
    /** Empty if the channel does not say. */
    tenant_id: string;
    object_id: string;
    at: Time;
  };
  audit: {
    id: Generated<number>;
    at: Time;
    /** The key of the person or of the API key. */
    who: string;
    who_name: string;
    what:
      | 'refused'
      | 'stoppedCalls'
      | 'allowedCalls'
      | 'paused'
      | 'resumed'
      | 'mayNotPause'
      | 'webhookSentAgain'
      | 'personForgotten'
      | 'personExported'
      | 'personRevoked';
    /** `targetKey`; null if it concerns nobody in particular. */
    whom: string | null;
    whom_name: string | null;
    why: string | null;
  };
  talk_identities: {
    /** The raw id `8:acs:…`. */
    acs_id: string;
    call_id: string;
    created_at: Time;
    /** Since then it gets no token and is being deleted at the service. */
    withdrawn_at: NullableTime;
  };
  /** Of the previous version: one identity per person. It is being emptied. */
  user_identities: {
    /** The requester's `key`. */
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
    /** Where dedup keys are unique: an integration or an API key. */
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
    /** `closed`: a person resolved or stopped its escalation while the alert was firing. */
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
    /** The first revision of its escalation that shows it. */
    revision: number;
    /** The ladder's run when it joined its escalation. */
    run: number;
    /** Whether somebody has acknowledged it. */
    covered: boolean;
    /** When it began according to the latest message of its sender; null if the sender does not say. */
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
    /** When a job will look at it next. */
    alarm_at: NullableTime;
    silent: boolean;
  };
  webhook_deliveries: {
    seq: Generated<number>;
    /** The same in every attempt and in every webhook that gets the event. */
    id: string;
    webhook: string;
    escalation_id: string;
    type: string;
    /** Sent unchanged. */
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

/** A connection to the database or a transaction. */
export type Sql = Kysely<Schema>;

/** The parts of an escalation that do not change while it runs. */
export type Alert = Omit<
  Escalation,
  'id' | 'policy' | 'source' | 'dedupKey' | 'ladder' | 'revision' | 'createdAt'
>;

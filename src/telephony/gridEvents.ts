import * as z from 'zod';
import type { CallLine } from '../calls/timeline.ts';
import { storable } from '../database/storable.ts';

/**
 * Parses what Event Grid posts: its own schema or CloudEvents 1.0, one event or several. Pure.
 * Source: "Azure Communication Services - Voice and video calling events" and "Webhook event delivery".
 */

const PREFIX = 'Microsoft.Communication.';
const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent';
const EARLIEST = Date.parse('2020-01-01T00:00:00Z');

const text = (longest: number) => z.string().min(1).max(longest).optional().catch(undefined);

/** Newer examples in the documentation nest the id in `communicationIdentifier`. */
const participant = z
  .looseObject({ rawId: text(500), communicationIdentifier: z.looseObject({ rawId: text(500) }).optional() })
  .optional()
  .catch(undefined);

const eventData = z
  .looseObject({
    serverCallId: text(2000),
    correlationId: text(200),
    validationCode: text(200),
    user: participant,
    startedBy: participant,
    durationOfCall: z.number().optional().catch(undefined),
    recordingStartTime: text(64),
    recordingDurationMs: z.number().optional().catch(undefined),
  })
  .catch({});

/** Both schemas have `id` and `data`; the other members have a different name in each. */
const gridEvent = z.looseObject({
  id: z.string().min(1).max(200),
  subject: text(4000),
  topic: text(1000),
  source: text(1000),
  eventType: text(200),
  type: text(200),
  eventTime: text(64),
  time: text(64),
  data: eventData,
});

/** An event about a call, or of an unknown type. */
export interface GridEvent {
  source: string;
  id: string;
  /** Without the prefix `Microsoft.Communication.` */
  type: string;
  at: string;
  serverCallId: string | null;
  correlationId: string | null;
  /** The raw id of who started the call: `8:acs:…`. */
  startedBy: string | null;
  /** The timeline entry; null if there is none for this type. */
  line: CallLine | null;
  /** The recording, if this event announces a recording file. ISO 8601. */
  recording: { id: string; from: string; until: string | null } | null;
  body: object;
}

export interface GridPost {
  events: GridEvent[];
  /** The validation code, if this is Event Grid's handshake. */
  validationCode: string | null;
}

/**
 * Parses a request body. Entries that are not events are skipped: they have no id to store them under.
 *
 * @param now epoch milliseconds
 */
export function readGridEvents(body: unknown, now: number): GridPost {
  const events: GridEvent[] = [];
  let validationCode: string | null = null;
  const entries: unknown[] = Array.isArray(body) ? body : [body];
  for (const entry of entries) {
    const parsed = gridEvent.safeParse(entry);
    if (!parsed.success || typeof entry !== 'object' || entry === null) continue;
    const event = parsed.data;
    const type = event.eventType ?? event.type;
    if (type === undefined) continue;
    if (type === VALIDATION) validationCode ??= event.data.validationCode ?? null;
    else events.push(read(event, type, now, entry));
  }
  return { events, validationCode };
}

function read(event: z.infer<typeof gridEvent>, fullType: string, now: number, body: object): GridEvent {
  const type = fullType.startsWith(PREFIX) ? fullType.slice(PREFIX.length) : fullType;
  const at = timeOf(event.eventTime ?? event.time, now);
  const named = namesIn(event.subject ?? '');
  const { serverCallId = named.serverCallId, correlationId = null } = event.data;
  return {
    source: storable(event.topic ?? event.source ?? ''),
    id: storable(event.id),
    type: storable(type),
    at,
    serverCallId: serverCallId === null ? null : storable(serverCallId),
    correlationId: correlationId === null ? null : storable(correlationId),
    startedBy: rawIdOf(event.data.startedBy) ?? null,
    line: lineOf(type, event.data),
    recording: type === 'RecordingFileStatusUpdated' ? recordingOf(event.data, named, at, now) : null,
    body,
  };
}

function rawIdOf(given: z.infer<typeof participant>): string | undefined {
  return given?.communicationIdentifier?.rawId ?? given?.rawId;
}

function lineOf(type: string, given: z.infer<typeof eventData>): GridEvent['line'] {
  const { user, durationOfCall } = given;
  // By id only: nobody else gave Ringdown this person's name, so the timeline does not need it.
  const rawId = rawIdOf(user);
  const data = rawId === undefined ? {} : { name: rawId };
  switch (type) {
    case 'CallStarted':
      return { type: 'gridCallStarted' };
    case 'CallEnded':
      return {
        type: 'gridCallEnded',
        ...(durationOfCall === undefined ? {} : { data: { seconds: Math.round(durationOfCall) } }),
      };
    case 'CallParticipantAdded':
      return { type: 'gridParticipantJoined', data };
    case 'CallParticipantRemoved':
      return { type: 'gridParticipantLeft', data };
    case 'RecordingFileStatusUpdated':
      return { type: 'gridRecordingStored' };
    default:
      return null;
  }
}

function recordingOf(
  { recordingStartTime, recordingDurationMs }: z.infer<typeof eventData>,
  named: ReturnType<typeof namesIn>,
  at: string,
  now: number,
): GridEvent['recording'] {
  const from = timeOf(recordingStartTime, Date.parse(at));
  const until =
    recordingDurationMs === undefined
      ? null
      : new Date(Math.min(Date.parse(from) + Math.max(0, recordingDurationMs), now)).toISOString();
  return { id: named.recordingId ?? 'recording', from, until };
}

/**
 * `/recording/call/{call}/serverCallId/{server call id}/recordingId/{id}`: the data of a recording event does not
 * name the call, so read it from the subject.
 */
function namesIn(subject: string): { serverCallId: string | null; recordingId: string | null } {
  const part = (name: string): string | null =>
    new RegExp(`(?:^|/)${name}/([^/]{1,2000})`, 'i').exec(subject)?.[1] ?? null;
  const call = part('call');
  return { serverCallId: part('serverCallId') ?? call, recordingId: part('recordingId') };
}

/** A time before the service existed or in the future becomes `now`. */
function timeOf(time: string | undefined, now: number): string {
  const parsed = time ? Date.parse(time) : Number.NaN;
  return new Date(parsed >= EARLIEST && parsed <= now ? parsed : now).toISOString();
}

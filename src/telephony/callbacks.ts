import * as z from 'zod';
import { storable } from '../database/storable.ts';
import type { CallEvent, ServiceResult } from '../calls/call.ts';
import type { IncomingEvent } from '../calls/happenings.ts';
import type { CallService } from '../calls/callService.ts';
import { PLAY_CANCELLED } from '../calls/dispositions.ts';
import { readSpeech } from '../calls/lifecycle/speech.ts';
import { replyOf, withoutDigits } from './replies.ts';

/** The prefix of every Call Automation event type. */
const PREFIX = 'Microsoft.Communication.';

const EARLIEST = Date.parse('2020-01-01T00:00:00Z');

/** A missing code stays null: 0/0 is a real result, of a call that we hung up ourselves. */
const noResult: ServiceResult = { code: null, subCode: null, message: '' };
const resultInformation = z
  .object({
    code: z.number().nullable().catch(null),
    subCode: z.number().nullable().catch(null),
    message: z.string().catch(''),
  })
  .catch(noResult);

/** A missing or malformed member does not invalidate the rest of the event. */
const text = (longest: number) => z.string().max(longest).optional().catch(undefined);

/** A CloudEvents 1.0 event as the service sends it; unknown members are kept. */
const cloudEvent = z.looseObject({
  id: z.string().min(1).max(200),
  type: z.string().min(1).max(200),
  time: text(64),
  data: z
    .looseObject({
      callConnectionId: text(500),
      serverCallId: text(2000),
      correlationId: text(200),
      operationContext: text(5000),
      resultInformation,
      tone: text(20),
      dtmfResult: z
        .object({ tones: z.array(z.string().max(20)).max(100) })
        .optional()
        .catch(undefined),
      recordingId: text(2000),
      state: text(40),
      sequenceId: z.number().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

type CloudEvent = z.infer<typeof cloudEvent>;

/**
 * Stores the events of one callback request, and applies them to the call.
 *
 * Events of unknown types are stored too. An event that names another call is stored but not applied. Entries that
 * are not CloudEvents are skipped: they have no id to store them under.
 *
 * @returns `unknown` for an unknown call or a wrong secret
 */
export async function storeEvents(
  calls: Pick<CallService, 'takeEvents'>,
  callId: string,
  secret: string,
  events: unknown[],
  now: number,
): Promise<'taken' | 'unknown'> {
  const incoming = events.flatMap((event) => {
    const parsed = cloudEvent.safeParse(event);
    if (!parsed.success || typeof event !== 'object' || event === null) return [];
    // The original body, including members that the schema did not accept.
    return [{ ...readEvent(parsed.data, callId, now), body: withoutDigits(event) }];
  });
  return await calls.takeEvents(callId, secret, incoming);
}

/** Translates a service event into what it means for the call. */
function readEvent(event: CloudEvent, callId: string, now: number): IncomingEvent {
  const at = new Date(timeOf(event, now)).toISOString();
  const type = event.type.startsWith(PREFIX) ? event.type.slice(PREFIX.length) : event.type;
  const callConnectionId = event.data?.callConnectionId ?? null;
  return {
    id: storable(event.id),
    type,
    at,
    body: event,
    event: namesAnotherCall(event, callId)
      ? null
      : (captureOf(type, event, at) ??
        (callConnectionId ? meaning(type, event, at, callConnectionId) : null)),
    ...digitsOf(type, event),
  };
}

/** What was keyed in for a PIN. */
function digitsOf(type: string, event: CloudEvent): { digits?: string } {
  const digits = repliedWith(type, event)?.digits;
  return digits === undefined ? {} : { digits };
}

function repliedWith(type: string, { data }: CloudEvent): ReturnType<typeof replyOf> {
  const speech = readSpeech(data?.operationContext ?? '');
  if (!speech || (type !== 'RecognizeCompleted' && type !== 'RecognizeFailed')) return null;
  const { resultInformation: result = noResult, dtmfResult } = data ?? {};
  return replyOf(speech, type, { result, tones: dtmfResult?.tones ?? [] });
}

/** Deadlines are computed from these times, so a time before the service existed or in the future becomes `now`. */
function timeOf({ time }: CloudEvent, now: number): number {
  const parsed = time ? Date.parse(time) : Number.NaN;
  return parsed >= EARLIEST && parsed <= now ? parsed : now;
}

/** Call-wide events carry the call's own id as operation context; play events carry the name of what was spoken. */
function namesAnotherCall(event: CloudEvent, callId: string): boolean {
  const context = event.data?.operationContext;
  return context !== undefined && context.startsWith('call_') && context !== callId;
}

/** Recording and transcription events. These need not name the connection. */
function captureOf(type: string, { data }: CloudEvent, at: string): CallEvent | null {
  const names = {
    callConnectionId: data?.callConnectionId ?? null,
    serverCallId: data?.serverCallId ?? null,
    correlationId: data?.correlationId ?? null,
  };
  switch (type) {
    case 'RecordingStateChanged': {
      const state = data?.state?.toLowerCase();
      if (state !== 'active' && state !== 'inactive') return null;
      const id = data?.recordingId ?? 'recording';
      return { type: 'capture', what: 'recording', id, on: state === 'active', at, ...names };
    }
    case 'TranscriptionStarted':
    case 'TranscriptionStopped':
    case 'TranscriptionFailed': {
      const on = type === 'TranscriptionStarted';
      return { type: 'capture', what: 'transcription', id: 'transcription', on, at, ...names };
    }
    default:
      return null;
  }
}

function meaning(type: string, event: CloudEvent, at: string, callConnectionId: string): CallEvent {
  const { data } = event;
  const serverCallId = data?.serverCallId ?? null;
  const correlationId = data?.correlationId ?? null;
  const result = data?.resultInformation ?? noResult;
  const sign: CallEvent = { type: 'sign', at, callConnectionId, serverCallId, correlationId };
  const speech = readSpeech(data?.operationContext ?? '');
  switch (type) {
    case 'CallConnected':
      return { type: 'connected', at, callConnectionId, serverCallId, correlationId };
    case 'CallDisconnected':
      return { type: 'ended', at, by: 'disconnected', result, callConnectionId };
    case 'CreateCallFailed':
      return { type: 'ended', at, by: 'createCallFailed', result, callConnectionId };
    case 'ConnectFailed':
      return { type: 'ended', at, by: 'connectFailed', result, callConnectionId };
    case 'PlayStarted':
      return speech ? { type: 'playStarted', at, speech, callConnectionId } : sign;
    case 'PlayCompleted':
      return speech ? { type: 'playCompleted', at, speech, callConnectionId } : sign;
    case 'PlayFailed':
      return speech ? { type: 'playFailed', at, speech, result, callConnectionId } : sign;
    case 'PlayCanceled': {
      // PlayCanceled may arrive without a result; its type is enough.
      const cancelled = { ...result, subCode: result.subCode ?? PLAY_CANCELLED };
      return speech ? { type: 'playFailed', at, speech, result: cancelled, callConnectionId } : sign;
    }
    case 'CallTransferAccepted':
      return { type: 'transferAccepted', at, callConnectionId };
    case 'CallTransferFailed':
      return { type: 'transferFailed', at, result, callConnectionId };
    case 'ContinuousDtmfRecognitionToneReceived':
      return data?.tone !== undefined && data.sequenceId !== undefined
        ? { type: 'tone', at, tone: data.tone, sequenceId: data.sequenceId, callConnectionId }
        : sign;
    case 'RecognizeCompleted':
    case 'RecognizeFailed': {
      if (!speech) return sign;
      const replied = repliedWith(type, event);
      if (!replied) return { type: 'playFailed', at, speech, result, callConnectionId };
      return { type: 'replied', at, speech, reply: replied.reply, callConnectionId };
    }
    // RecognizeCanceled follows from what Ringdown says next, or from a repeated request for the same question.
    default:
      return sign;
  }
}

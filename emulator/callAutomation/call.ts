import type { Timer } from '../clock.ts';
import type { Tone } from '../people/script.ts';
import type { Ring } from '../phones/ring.ts';
import type { Identifier } from './identifiers.ts';
import type { MediaLeg } from './mediaLeg.ts';
import type { Result } from './results.ts';

/** `callConnectionState` of the swagger; the emulator answers 404 for a call that is over. */
export type CallState = 'connecting' | 'connected' | 'transferring' | 'disconnected';

export interface Delivery {
  at: number;
  /** Null: no connection, or no answer in time. */
  status: number | null;
}

export interface SentEvent {
  id: string;
  /** Without the prefix `Microsoft.Communication.` */
  type: string;
  at: number;
  data: Record<string, unknown>;
  deliveries: Delivery[];
  /** The kind of fault that it met, or null. */
  fault: string | null;
}

export interface Spoken {
  at: number;
  text: string;
  operationContext: string | null;
  /** Null while it is being spoken, or when the call ended meanwhile. */
  outcome: 'completed' | 'cancelled' | null;
}

/** What the caller's own device says and does; null in the record of a call of Call Automation. */
export interface ClientSide {
  /** `8:acs:…` of the caller. */
  identity: string;
  muted: boolean;
  pressed: string[];
}

/** What the emulator knows about a call: the judge in tests. */
export interface CallRecord {
  callConnectionId: string;
  serverCallId: string;
  correlationId: string;
  target: { rawId: string; kind: Identifier['kind']; personId: string | null; displayName: string | null };
  operationContext: string | null;
  callbackUri: string;
  source: string | null;
  displayName: string | null;
  repeatabilityRequestId: string | null;
  cognitiveServicesEndpoint: string | null;
  state: CallState;
  createdAt: number;
  connectedAt: number | null;
  endedAt: number | null;
  /** The event that ended it, with its result. */
  ended: ({ event: 'CallDisconnected' | 'CreateCallFailed' } & Result) | null;
  /** Each phone that was called for this call: the target's, then those that it was to be transferred to. */
  rings: { personId: string; at: number; reason: 'call' | 'transfer' }[];
  spoken: Spoken[];
  tones: { at: number; tone: Tone; arrived: boolean }[];
  /** Somebody had it recorded; null if never. */
  recording: { id: string; startedAt: number; on: boolean } | null;
  transcribing: boolean;
  /** The caller's own device, if it made the call; null for one of Call Automation, which tells of it by callbacks. */
  client: ClientSide | null;
  events: SentEvent[];
}

/** A call that is not over yet. */
export interface LiveCall {
  record: CallRecord;
  target: Identifier;
  source: Identifier | null;
  /** The callee's phone, once it rings. */
  ring: Ring | null;
  /** The phone that the call is being transferred to. */
  transfer: { ring: Ring | null; timers: Timer[] } | null;
  timers: Timer[];
  media: MediaLeg;
  /** Set while continuous recognition of tones runs. */
  continuousDtmf: {
    operationContext: string | null;
    callbackUri: string | undefined;
    sequenceId: number;
  } | null;
  participantsSequence: number;
}

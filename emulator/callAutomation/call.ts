import type { Timer } from '../clock.ts';
import type { Tone } from '../people/script.ts';
import type { Ring } from '../phones/ring.ts';
import type { Identifier } from './identifiers.ts';
import type { MediaLeg } from './mediaLeg.ts';
import type { Result } from './results.ts';

/** `callConnectionState` of the swagger. For a call that has ended, the emulator answers 404. */
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
  /** The kind of fault that affected it, or null. */
  fault: string | null;
}

export interface Spoken {
  at: number;
  text: string;
  operationContext: string | null;
  /** Null while it is being spoken, or if the call ended before. */
  outcome: 'completed' | 'cancelled' | null;
}

/** What the caller's device says and does; null for a call of Call Automation. */
export interface ClientSide {
  /** `8:acs:…` of the caller. */
  identity: string;
  muted: boolean;
  pressed: string[];
}

/** The record of a call, for assertions in tests. */
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
  /** The event that ended the call, with its result. */
  ended: ({ event: 'CallDisconnected' | 'CreateCallFailed' } & Result) | null;
  /** Each phone that rang for this call: the target's, then those of transfers. */
  rings: { personId: string; at: number; reason: 'call' | 'transfer' }[];
  spoken: Spoken[];
  tones: { at: number; tone: Tone; arrived: boolean }[];
  /** Whether somebody had it recorded; null if never. */
  recording: { id: string; startedAt: number; on: boolean } | null;
  transcribing: boolean;
  /** The caller's device, if it made the call; null for a call of Call Automation, which reports by callbacks. */
  client: ClientSide | null;
  events: SentEvent[];
}

/** A call that has not ended. */
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
  /** Set while continuous tone recognition is running. */
  continuousDtmf: {
    operationContext: string | null;
    callbackUri: string | undefined;
    sequenceId: number;
  } | null;
  participantsSequence: number;
}

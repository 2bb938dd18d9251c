import { timingSafeEqual } from 'node:crypto';
import type { OwnJob } from '../database/jobStore.ts';
import type { Call, CallEvent } from './call.ts';
import type { ReceivedEvent, StoredCall } from './callStore.ts';

/** An event of the service, parsed; `event` is null if it changes nothing (unknown type, another call's). */
export interface IncomingEvent extends Omit<ReceivedEvent, 'callId' | 'applied'> {
  event: CallEvent | null;
  /** What was keyed in for a PIN. It is judged at once (`JudgePin`), and neither `event` nor `body` has it. */
  digits?: string;
}

/** Whether these digits are the PIN that the call needs. */
export type JudgePin = (call: Call, digits: string) => boolean;

/** The event, with the judgement on the PIN that was keyed in. */
export function judged(call: Call, { event, digits }: IncomingEvent, judge: JudgePin): CallEvent | null {
  if (event?.type !== 'replied' || digits === undefined) return event;
  return { ...event, reply: { kind: 'pin', right: judge(call, digits) } };
}

/** What happens to a call: one request of the service, or one of our own events. */
export interface Happening {
  callId: string;
  /** The call's own secret, from a request of the service. */
  secret?: string;
  received?: readonly IncomingEvent[];
  event?: CallEvent;
  /** The job that is done once this is stored. */
  job?: OwnJob;
}

/** Whether this may happen to the call: a request of the service needs the call's secret. */
export function isMeantFor(stored: StoredCall | undefined, { secret }: Happening): boolean {
  return stored !== undefined && (secret === undefined || sameSecret(stored.callbackSecret, secret));
}

function sameSecret(own: string, given: string): boolean {
  const a = Buffer.from(own);
  const b = Buffer.from(given);
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}

/** The ids of the received events, by their calls. */
export function eventIdsOf(happenings: readonly Happening[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { callId, received = [] } of happenings) {
    ids.set(callId, [...(ids.get(callId) ?? []), ...received.map(({ id }) => id)]);
  }
  return ids;
}

/**
 * What happens to a call, without the meaning of events that name another connection than the call's. The first event
 * with a connection id sets it.
 */
export function ofOwnConnection(call: Call, happenings: readonly Happening[]): Happening[] {
  const connection = (event?: CallEvent | null): string | null =>
    event && 'callConnectionId' in event ? event.callConnectionId : null;
  const all = happenings.flatMap(({ received = [], event }) => [...received.map((one) => one.event), event]);
  const own = call.callConnectionId ?? all.map(connection).find((id) => id !== null);
  return happenings.map((one) => ({
    ...one,
    ...(one.received && {
      received: one.received.map((event) => {
        const id = connection(event.event);
        return id === null || id === own ? event : { ...event, event: null };
      }),
    }),
  }));
}

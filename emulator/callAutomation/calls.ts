import { randomUUID } from 'node:crypto';
import type { Changes } from '../changes.ts';
import type { Timers } from '../clock.ts';
import type { EventFaultPlan } from '../faults/eventFaults.ts';
import type { CallRecord, LiveCall, SentEvent } from './call.ts';
import type { Callbacks, Outgoing } from './callbacks.ts';
import { callNotFound, notEstablished } from './errors.ts';
import { EventMaker } from './events.ts';
import { results } from './results.ts';
import type { Result } from './results.ts';

export interface Announcement {
  /** The operation's context; null leaves the field out. */
  operationContext: string | null;
  /** The operation's own callback URI (`operationCallbackUri`), if it has one. */
  callbackUri?: string | undefined;
  result?: Result;
  /** The event's source and subject, if not the connection. */
  source?: string;
  /** Further fields of the event's data. */
  fields?: Record<string, unknown>;
}

export interface CallsParts {
  timers: Timers;
  changes: Changes;
  callbacks: Callbacks;
  eventFaults: EventFaultPlan;
}

/** All calls: the live ones to work with, and the records of all. */
export class Calls {
  readonly #parts: CallsParts;
  readonly #events: EventMaker;
  readonly #live = new Map<string, LiveCall>();
  readonly #records = new Map<string, CallRecord>();

  constructor(parts: CallsParts) {
    this.#parts = parts;
    this.#events = new EventMaker(() => parts.timers.now());
  }

  add(call: LiveCall): void {
    this.#live.set(call.record.callConnectionId, call);
    this.#records.set(call.record.callConnectionId, call.record);
    this.#tellState(call);
  }

  /** Oldest first. */
  list(): CallRecord[] {
    return [...this.#records.values()];
  }

  record(callConnectionId: string): CallRecord | null {
    return this.#records.get(callConnectionId) ?? null;
  }

  /** @throws Refusal 404/8522 if the call does not exist, or has ended */
  live(callConnectionId: string): LiveCall {
    const call = this.#live.get(callConnectionId);
    if (!call) throw callNotFound();
    return call;
  }

  /** @throws Refusal 404/8522, or 409/8501 if nobody has answered yet */
  established(callConnectionId: string): LiveCall {
    const call = this.live(callConnectionId);
    if (call.record.state !== 'connected') throw notEstablished();
    return call;
  }

  setState(call: LiveCall, state: CallRecord['state']): void {
    call.record.state = state;
    this.#tellState(call);
  }

  /** Sends an event about the call to the application. */
  announce(call: LiveCall, type: string, announcement: Announcement): void {
    const { record } = call;
    const {
      operationContext,
      callbackUri = record.callbackUri,
      result = results.ok,
      fields = {},
    } = announcement;
    // A call made by a client device has no application to notify.
    if (callbackUri === '') return;
    const context = operationContext === null ? {} : { operationContext };
    const { source } = announcement;
    const data = { ...fields, ...context, resultInformation: result };
    const event = this.#events.make(record, type, data, source);
    const sent: SentEvent = {
      id: event.id,
      type,
      at: this.#now(),
      data: event.data,
      deliveries: [],
      fault: null,
    };
    record.events.push(sent);
    const { callConnectionId } = record;
    const fault = this.#parts.eventFaults.take({
      type,
      callConnectionId,
      operationContext: record.operationContext,
    });
    const item: Outgoing = { event, uri: callbackUri, record: sent };
    this.#parts.callbacks.send(callConnectionId, item, fault, () => this.#unknownEvent(call, callbackUri));
  }

  /** Ends a call: stops all its work, and tells the application. */
  end(call: LiveCall, event: 'CallDisconnected' | 'CreateCallFailed', result: Result): void {
    const { record } = call;
    if (record.endedAt !== null) return;
    record.endedAt = this.#now();
    record.ended = { event, ...result };
    for (const timer of [...call.timers, ...(call.transfer?.timers ?? [])]) timer.cancel();
    call.media.drop();
    call.ring?.stop();
    call.transfer?.ring?.stop();
    this.#live.delete(record.callConnectionId);
    this.setState(call, 'disconnected');
    this.announce(call, event, { operationContext: record.operationContext, result });
  }

  clear(): void {
    this.#live.clear();
  }

  /** A type that no client knows yet. Clients must tolerate it. */
  #unknownEvent(call: LiveCall, uri: string): Outgoing {
    const type = 'SomethingNew';
    const event = this.#events.make(call.record, type, { unheardOf: randomUUID() });
    const record: SentEvent = {
      id: event.id,
      type,
      at: this.#now(),
      data: event.data,
      deliveries: [],
      fault: null,
    };
    call.record.events.push(record);
    return { event, uri, record };
  }

  #tellState({ record }: LiveCall): void {
    const { callConnectionId, state } = record;
    this.#parts.changes.tell({ type: 'call', callConnectionId, state });
  }

  #now(): number {
    return this.#parts.timers.now();
  }
}

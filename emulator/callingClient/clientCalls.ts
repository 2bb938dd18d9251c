import type { LiveCall } from '../callAutomation/call.ts';
import type { Calls } from '../callAutomation/calls.ts';
import { identifierOf } from '../callAutomation/identifiers.ts';
import type { Outbound } from '../callAutomation/outbound.ts';
import { results } from '../callAutomation/results.ts';
import type { Timer, Timers } from '../clock.ts';

/** The state of a call on the device that made it. */
export interface ClientCallView {
  id: string;
  state: 'calling' | 'ringing' | 'connected' | 'ended';
  result: { code: number; subCode: number } | null;
  recording: boolean;
  transcription: boolean;
  /** As the SDK's `call.info.getServerCallId()` and `call.id` give them. */
  serverCallId: string | null;
  callId: string | null;
}

/** If a device sends no request for this long, it is gone and its call ends. */
const GONE_MS = 15_000;

/**
 * Calls that clients make with their own identity, like the calling SDK for browsers. The SDK's protocol is not
 * emulated: the SDK's stand-in uses a simple one of our own.
 */
export class ClientCalls {
  readonly #parts: { outbound: Outbound; calls: Calls; timers: Timers };
  readonly #gone = new Map<string, Timer>();

  constructor(parts: { outbound: Outbound; calls: Calls; timers: Timers }) {
    this.#parts = parts;
  }

  /** @throws Refusal */
  place(wish: { identity: string; to: string; displayName: string; muted: boolean }): ClientCallView {
    const { identity, to, displayName, muted } = wish;
    const call = this.#parts.outbound.place(
      {
        targets: [identifierOf(to)],
        source: { id: identity },
        sourceDisplayName: displayName,
        callbackUri: '',
      },
      null,
      'client',
    );
    call.record.client = { identity, muted, pressed: [] };
    this.#heard(call.record.callConnectionId);
    return this.#view(call.record.callConnectionId);
  }

  /** Null if this identity has no such call. */
  see(identity: string, id: string): ClientCallView | null {
    if (this.#parts.calls.record(id)?.client?.identity !== identity) return null;
    this.#heard(id);
    return this.#view(id);
  }

  mute(identity: string, id: string, on: boolean): ClientCallView | null {
    const client = this.#own(identity, id)?.record.client;
    if (client) client.muted = on;
    return this.see(identity, id);
  }

  press(identity: string, id: string, key: string): ClientCallView | null {
    this.#own(identity, id)?.record.client?.pressed.push(key);
    return this.see(identity, id);
  }

  hangUp(identity: string, id: string): ClientCallView | null {
    const call = this.#own(identity, id);
    if (call) this.#end(call);
    return this.see(identity, id);
  }

  #end(call: LiveCall): void {
    const result = call.record.connectedAt === null ? results.cancelledByCaller : results.callerHungUp;
    this.#parts.calls.end(call, 'CallDisconnected', result);
  }

  #own(identity: string, id: string): LiveCall | null {
    const record = this.#parts.calls.record(id);
    if (record?.client?.identity !== identity || record.endedAt !== null) return null;
    return this.#parts.calls.live(id);
  }

  #heard(id: string): void {
    const { calls, timers } = this.#parts;
    this.#gone.get(id)?.cancel();
    this.#gone.delete(id);
    if (calls.record(id)?.endedAt !== null) return;
    this.#gone.set(
      id,
      timers.after(GONE_MS, () => {
        this.#gone.delete(id);
        if (calls.record(id)?.endedAt === null)
          calls.end(calls.live(id), 'CallDisconnected', results.callerGone);
      }),
    );
  }

  #view(id: string): ClientCallView {
    const { calls } = this.#parts;
    const record = calls.record(id);
    const ringing = record?.endedAt === null && calls.live(id).ring !== null;
    return {
      id,
      state: !record?.ended
        ? record?.connectedAt === null
          ? ringing
            ? 'ringing'
            : 'calling'
          : 'connected'
        : 'ended',
      result: record?.ended ? { code: record.ended.code, subCode: record.ended.subCode } : null,
      recording: record?.recording?.on ?? false,
      transcription: record?.transcribing ?? false,
      serverCallId: record?.serverCallId ?? null,
      callId: record?.correlationId ?? null,
    };
  }
}

import type { Changes } from '../changes.ts';
import type { Timers } from '../clock.ts';
import type { Tone } from '../people/script.ts';
import type { LiveCall } from './call.ts';
import type { Calls } from './calls.ts';
import { continuousDtmfState } from './errors.ts';

/** Accepts a tone that the callee pressed. */
export type ToneListener = (tone: Tone) => void;

export interface DtmfParts {
  calls: Calls;
  timers: Timers;
  changes: Changes;
}

/** The callee's key presses: recorded, and passed on if they arrive and somebody listens. */
export class Dtmf {
  readonly #parts: DtmfParts;
  readonly #listeners = new WeakMap<LiveCall, ToneListener>();

  constructor(parts: DtmfParts) {
    this.#parts = parts;
  }

  /** A running recognize operation takes the tones of a call. */
  listen(call: LiveCall, listener: ToneListener): void {
    this.#listeners.set(call, listener);
  }

  unlisten(call: LiveCall): void {
    this.#listeners.delete(call);
  }

  pressed(call: LiveCall, tone: Tone): void {
    const person = call.ring?.person;
    const arrived = person?.keysArrive ?? true;
    const { callConnectionId } = call.record;
    call.record.tones.push({ at: this.#parts.timers.now(), tone, arrived });
    this.#parts.changes.tell({ type: 'tone', callConnectionId, personId: person?.id ?? '', tone, arrived });
    if (!arrived) return;
    const continuous = call.continuousDtmf;
    if (continuous) {
      continuous.sequenceId += 1;
      const { operationContext, callbackUri, sequenceId } = continuous;
      const fields = { sequenceId, tone };
      const announcement = { operationContext, callbackUri, fields };
      this.#parts.calls.announce(call, 'ContinuousDtmfRecognitionToneReceived', announcement);
    }
    this.#listeners.get(call)?.(tone);
  }

  /** @throws Refusal 412 if it is already running */
  startContinuous(call: LiveCall, operationContext: string | null, callbackUri: string | undefined): void {
    if (call.continuousDtmf)
      throw continuousDtmfState('Continuous DTMF recognition has been started already.');
    call.continuousDtmf = { operationContext, callbackUri, sequenceId: 0 };
  }

  /** @throws Refusal 412 if it is not running */
  stopContinuous(call: LiveCall, operationContext: string | null, callbackUri: string | undefined): void {
    if (!call.continuousDtmf) throw continuousDtmfState('Continuous DTMF recognition has not been started.');
    call.continuousDtmf = null;
    this.#parts.calls.announce(call, 'ContinuousDtmfRecognitionStopped', { operationContext, callbackUri });
  }
}

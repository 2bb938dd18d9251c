import type {
  Call,
  CallEvent,
  HangUpBy,
  Purpose,
  Reply,
  ServiceResult,
  Speech,
  Target,
} from '../../../src/calls/call.ts';
import { apply, view } from '../../../src/calls/lifecycle/lifecycle.ts';
import { readSpeech, speechName, type SpeechName } from '../../../src/calls/lifecycle/speech.ts';

/** The vocabulary of tests about one call. Times are seconds since it was sent. */

const START = Date.parse('2026-05-04T08:00:00.000Z');
const RING_TIMEOUT = 45;
const CONNECTION = 'connection-1';

export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
export const secondsOf = (time: string): number => (Date.parse(time) - START) / 1000;

export const adele: Target = {
  kind: 'teamsUser',
  id: 'a0000000-0000-0000-0000-00000000000a',
  displayName: 'Adele Vance',
};
export const alex: Target = {
  kind: 'teamsUser',
  id: 'b0000000-0000-0000-0000-00000000000b',
  displayName: 'Alex Wilber',
};

export const speak: Purpose = { kind: 'speak', message: 'The build is red' };
export const test: Purpose = { kind: 'test' };
export const connect: Purpose = { kind: 'connect', to: alex };
export const escalate: Extract<Purpose, { kind: 'escalate' }> = {
  kind: 'escalate',
  escalationId: 'esc_1',
  message: 'Checkout is down',
  step: 0,
  test: false,
};

/** A call to be placed. */
export interface Wish {
  purpose: Purpose;
  target: Target;
}

/** Adele's mobile. */
const mobile: Target = {
  kind: 'phone',
  id: '+4915112345678',
  displayName: 'Adele Vance',
  personId: adele.id,
};
export const escalateByPhone: Wish = { purpose: escalate, target: mobile };
export const escalateWithPin: Wish = {
  purpose: { ...escalate, pin: { policy: 'payments', tries: 3 } },
  target: mobile,
};

export function queuedCall(wish: Purpose | Wish): Call {
  const { purpose, target } = 'kind' in wish ? { purpose: wish, target: adele } : wish;
  return {
    id: 'call_1',
    target,
    requestedBy: { kind: 'chat', key: 'chat:alex', name: 'Alex Wilber' },
    purpose,
    ringTimeoutSeconds: RING_TIMEOUT,
    language: 'en',
    createdAt: at(-1),
    revision: 1,
    facts: {},
    callConnectionId: null,
    serverCallId: null,
    correlationId: null,
    alarmAt: null,
    version: 0,
  };
}

const ids = { serverCallId: 'server-1', correlationId: 'correlation-1' };
const result = (code: number | null, subCode: number | null): ServiceResult => ({
  code,
  subCode,
  message: '',
});

/** "message2" -> the second time that the message is said. */
export function speechNamed(name: SpeechName): Speech {
  const speech = readSpeech(name);
  if (!speech) throw new RangeError(`${name} is said on no call.`);
  return speech;
}

// What we did.
export const sent = (s = 0): CallEvent => ({ type: 'dialSent', at: at(s) });
export const accepted = (s = 0.5, callConnectionId: string | null = CONNECTION): CallEvent => ({
  type: 'dialAccepted',
  at: at(s),
  callConnectionId,
  correlationId: null,
});
export const refused = (s: number, code: number, subCode: number): CallEvent => ({
  type: 'dialRefused',
  at: at(s),
  result: result(code, subCode),
});
export const unknown = (s: number): CallEvent => ({ type: 'dialUnknown', at: at(s) });
export const playAccepted = (s: number, name: SpeechName): CallEvent => ({
  type: 'speakAccepted',
  at: at(s),
  speech: speechNamed(name),
});
export const playRefused = (s: number, name: SpeechName, code: number, subCode: number): CallEvent => ({
  type: 'speakRefused',
  at: at(s),
  speech: speechNamed(name),
  result: result(code, subCode),
});
export const transferSent = (s: number): CallEvent => ({ type: 'transferRequested', at: at(s) });
export const transferRefused = (s: number): CallEvent => ({
  type: 'transferRefused',
  at: at(s),
  result: result(409, 8519),
});
export const hangUpConfirmed = (s: number): CallEvent => ({ type: 'hangUpConfirmed', at: at(s) });
export const probed = (s: number, state: 'connecting' | 'connected' | 'gone' | 'unknown'): CallEvent => ({
  type: 'probed',
  at: at(s),
  state,
});

// What the service reported.
export const connected = (s: number): CallEvent => ({
  type: 'connected',
  at: at(s),
  callConnectionId: CONNECTION,
  ...ids,
});
export const participants = (s: number): CallEvent => ({
  type: 'sign',
  at: at(s),
  callConnectionId: CONNECTION,
  ...ids,
});
export const speaking = (s: number, name: SpeechName): CallEvent => ({
  type: 'playStarted',
  at: at(s),
  speech: speechNamed(name),
  callConnectionId: CONNECTION,
});
export const spoken = (s: number, name: SpeechName): CallEvent => ({
  type: 'playCompleted',
  at: at(s),
  speech: speechNamed(name),
  callConnectionId: CONNECTION,
});
export const notSpoken = (s: number, name: SpeechName, code: number, subCode: number): CallEvent => ({
  type: 'playFailed',
  at: at(s),
  speech: speechNamed(name),
  result: result(code, subCode),
  callConnectionId: CONNECTION,
});
export const transferAccepted = (s: number): CallEvent => ({
  type: 'transferAccepted',
  at: at(s),
  callConnectionId: CONNECTION,
});
export const transferFailed = (s: number): CallEvent => ({
  type: 'transferFailed',
  at: at(s),
  result: result(500, 0),
  callConnectionId: CONNECTION,
});
export const key = (s: number, tone: string, sequenceId: number): CallEvent => ({
  type: 'tone',
  at: at(s),
  tone,
  sequenceId,
  callConnectionId: CONNECTION,
});
export const replied = (s: number, name: SpeechName, reply: Reply): CallEvent => ({
  type: 'replied',
  at: at(s),
  speech: speechNamed(name),
  reply,
  callConnectionId: CONNECTION,
});
export const pressed = (s: number, name: SpeechName, tone: string): CallEvent =>
  replied(s, name, { kind: 'key', tone });
export const silent = (s: number, name: SpeechName): CallEvent => replied(s, name, { kind: 'silence' });
export const pinned = (s: number, name: SpeechName, right: boolean): CallEvent =>
  replied(s, name, { kind: 'pin', right });
export const recorded = (s: number, on: boolean): CallEvent => ({
  type: 'capture',
  at: at(s),
  what: 'recording',
  id: 'recording',
  on,
  callConnectionId: CONNECTION,
  serverCallId: null,
  correlationId: null,
});
export const disconnected = (
  s: number,
  code: number | null = 200,
  subCode: number | null = 7000,
): CallEvent => ({
  type: 'ended',
  at: at(s),
  by: 'disconnected',
  result: result(code, subCode),
  callConnectionId: CONNECTION,
});
export const createFailed = (s: number, code: number, subCode: number): CallEvent => ({
  type: 'ended',
  at: at(s),
  by: 'createCallFailed',
  result: result(code, subCode),
  callConnectionId: CONNECTION,
});
export const connectFailed = (s: number, code: number, subCode: number): CallEvent => ({
  type: 'ended',
  at: at(s),
  by: 'connectFailed',
  result: result(code, subCode),
  callConnectionId: CONNECTION,
});

// People.
export const hangUp = (s: number, by: HangUpBy = 'requester'): CallEvent => ({
  type: 'hangUpRequested',
  at: at(s),
  by,
});
export const takenOver = (s: number): CallEvent => ({ type: 'takenOver', at: at(s), by: 'Megan Bowen' });
export const acknowledged = (s: number): CallEvent => ({ type: 'acknowledged', at: at(s) });

/** A deadline: the call is checked at the time that it asked for. */
export const deadline = 'deadline';

/** The outcome of a call: the call, and everything it did. */
export class Story {
  call: Call;
  /** "speak message", "hangUp", … in order. */
  readonly effects: string[] = [];
  readonly timeline: string[] = [];
  readonly revisions: number[] = [];
  readonly tones: string[] = [];
  /** What the callee decided by keys on a phone. */
  readonly acts: string[] = [];
  /** When it must be checked next. */
  wakeAt: string | null = null;
  /** How often its end was announced. */
  ends = 0;
  foundAgain = 0;

  constructor(wish: Purpose | Wish) {
    this.call = queuedCall(wish);
  }

  /** @param now when it arrives: service events may be late */
  take(event: CallEvent, now = event.at): this {
    const next = apply(this.call, event, now);
    this.call = next.call;
    for (const effect of next.effects) {
      this.effects.push(effect.kind === 'speak' ? `speak ${speechName(effect.speech)}` : effect.kind);
    }
    this.timeline.push(...next.timeline.map((entry) => entry.type));
    this.tones.push(...next.tones);
    this.acts.push(...next.acts);
    this.revisions.push(next.call.revision);
    if (next.ended) this.ends += 1;
    this.foundAgain += next.timeline.filter((entry) => entry.type === 'foundAgain').length;
    this.wakeAt = next.wakeAt;
    return this;
  }

  tell(events: readonly (CallEvent | typeof deadline)[]): this {
    for (const event of events) this.take(event === deadline ? this.#wake() : event);
    return this;
  }

  /** Lets all deadlines pass, and nothing else, until the call has ended. @returns how many it took */
  untilTheEnd(limit = 100): number {
    for (let count = 0; count < limit; count++) {
      if (!this.wakeAt) return count;
      this.take(this.#wake());
    }
    return limit;
  }

  get view(): ReturnType<typeof view> {
    return view(this.call);
  }

  /** Seconds of the next deadline. */
  get wakesAt(): number | null {
    return this.wakeAt ? secondsOf(this.wakeAt) : null;
  }

  #wake(): CallEvent {
    if (!this.wakeAt) throw new RangeError('The call has no deadline.');
    return { type: 'wake', at: this.wakeAt };
  }
}

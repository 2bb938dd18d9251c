import type { Call, CallEvent, Purpose, Requester, Target, TimelineEntry } from '../../../src/calls/call.ts';
import { apply } from '../../../src/calls/lifecycle/lifecycle.ts';
import type { SpeechName } from '../../../src/calls/lifecycle/speech.ts';
import { speechNamed } from '../calls/stories.ts';

const createdAt = '2026-03-02T14:03:00.000Z';

export const adele: Target = {
  kind: 'teamsUser',
  id: '87d349ed-44d7-43e1-9a83-5f2406dee5bd',
  displayName: 'Adele Vance',
  givenName: 'Adele',
  userPrincipalName: 'adele@contoso.example',
  jobTitle: 'Retail Manager',
};
const alex: Requester = {
  kind: 'chat',
  key: '626cbf8c-5dde-46b0-8385-9e40d64736fe',
  name: 'Alex Wilber',
  objectId: '626cbf8c-5dde-46b0-8385-9e40d64736fe',
};
export const speak: Purpose = { kind: 'speak', message: 'The build is red' };
export const connect: Purpose = {
  kind: 'connect',
  to: { kind: 'teamsUser', id: alex.key, displayName: alex.name },
};

/** The time, this many seconds after the request for the call. */
function at(seconds: number): string {
  return new Date(Date.parse(createdAt) + seconds * 1000).toISOString();
}

/** A call with these events. */
export function callAfter(
  purpose: Purpose,
  events: readonly CallEvent[],
  changes: Partial<Call> = {},
): { call: Call; timeline: TimelineEntry[] } {
  let call: Call = {
    id: 'call_1',
    target: adele,
    requestedBy: alex,
    purpose,
    ringTimeoutSeconds: 45,
    language: 'en',
    createdAt,
    revision: 1,
    facts: {},
    callConnectionId: null,
    serverCallId: null,
    correlationId: null,
    alarmAt: null,
    version: 0,
    ...changes,
  };
  const timeline: TimelineEntry[] = [{ at: createdAt, type: 'queued' }];
  for (const event of events) {
    const next = apply(call, event);
    call = next.call;
    timeline.push(...next.timeline);
  }
  return { call, timeline };
}

const callConnectionId = 'c1';
const correlationId = '0f3d7f0e-8a7b-4a5e-9a0f-2b1c3d4e5f60';
const ids = { callConnectionId, serverCallId: 's1', correlationId };

/** What may happen to a call, in the usual order. */
export const happen = {
  sent: { type: 'dialSent', at: at(1) },
  paused: { type: 'deferred', at: at(1), reason: 'paused', until: at(31) },
  accepted: { type: 'dialAccepted', at: at(1), callConnectionId, correlationId },
  answered: { type: 'connected', at: at(8), ...ids },
  transferAccepted: { type: 'transferAccepted', at: at(14), callConnectionId },
  transferFailed: {
    type: 'transferFailed',
    at: at(30),
    result: { code: 408, subCode: 10057, message: '' },
    callConnectionId,
  },
  hangUp: { type: 'hangUpRequested', at: at(20), by: 'requester', byName: 'Alex Wilber' },
  hungUp: { type: 'hangUpConfirmed', at: at(21) },
  rang: { type: 'hangUpRequested', at: at(46), by: 'timeout' },
  outcomeUnknown: { type: 'dialUnknown', at: at(31) },
  acknowledged: { type: 'acknowledged', at: at(15) },
} as const satisfies Record<string, CallEvent>;

export function spoken(name: SpeechName): CallEvent {
  return { type: 'playCompleted', at: at(12), speech: speechNamed(name), callConnectionId };
}

export function notSpoken(code: number, subCode: number): CallEvent {
  return {
    type: 'playFailed',
    at: at(12),
    speech: speechNamed('message'),
    result: { code, subCode, message: '' },
    callConnectionId,
  };
}

export function ended(code: number, subCode: number, seconds = 20): CallEvent {
  return {
    type: 'ended',
    at: at(seconds),
    by: 'disconnected',
    result: { code, subCode, message: '' },
    callConnectionId,
  };
}

export function refused(code: number, subCode: number): CallEvent {
  return { type: 'dialRefused', at: at(2), result: { code, subCode, message: '' } };
}

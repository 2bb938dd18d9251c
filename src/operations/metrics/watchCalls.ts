import type { Call } from '../../calls/call.ts';
import type { CallListener } from '../../calls/callListener.ts';
import { view } from '../../calls/lifecycle/lifecycle.ts';
import type { Clock } from '../../clock.ts';
import type { EscalationListener } from '../../escalations/escalationService.ts';
import type { EscalationEntry } from '../../escalations/timeline.ts';
import type { Metrics } from './metrics.ts';

/** Known event types of Call Automation. All others are counted as `other`. */
const TYPES = new Set([
  'CallConnected',
  'CallDisconnected',
  'CreateCallFailed',
  'ConnectFailed',
  'ParticipantsUpdated',
  'PlayStarted',
  'PlayCompleted',
  'PlayFailed',
  'PlayCanceled',
  'CallTransferAccepted',
  'CallTransferFailed',
  'ContinuousDtmfRecognitionToneReceived',
  'ContinuousDtmfRecognitionToneFailed',
  'ContinuousDtmfRecognitionStopped',
]);

const EVENTS: ReadonlySet<EscalationEntry['type']> = new Set([
  'opened',
  'startedAgain',
  'acknowledged',
  'acknowledgeTimeout',
  'resolved',
  'exhausted',
  'cancelled',
  'passedOn',
]);

const seconds = (from: string, to: string): number => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

/** Measures calls when their changes are committed; a rollback counts nothing. */
export function watchCalls(metrics: Metrics, clock: Pick<Clock, 'now'>): CallListener {
  return {
    placed: (work, { purpose, requestedBy }) =>
      work.afterCommit(() => metrics.callsPlaced.inc({ purpose: purpose.kind, by: requestedBy.kind })),
    moved: (work, before, call) => {
      const purpose = call.purpose.kind;
      const { dialSentAt, connectedAt, deferred } = call.facts;
      if (dialSentAt && !before.facts.dialSentAt) {
        const waited = deferred?.reason ?? 'no';
        const taken = seconds(call.createdAt, dialSentAt);
        work.afterCommit(() => metrics.requestToCreateCall.observe({ purpose, waited }, taken));
      }
      if (dialSentAt && connectedAt && !before.facts.connectedAt) {
        const taken = seconds(dialSentAt, connectedAt);
        work.afterCommit(() => metrics.timeToAnswer.observe({ purpose }, taken));
      }
    },
    ended: (work, call: Call) => {
      const { disposition } = view(call);
      if (disposition === null) return;
      work.afterCommit(() => metrics.callsEnded.inc({ purpose: call.purpose.kind, disposition }));
    },
    received: (work, _call, events) => {
      const now = clock.now();
      work.afterCommit(() => {
        for (const { type, at, isNew, applied } of events) {
          const outcome = isNew ? (applied ? 'applied' : 'stored') : 'duplicate';
          metrics.callbackEvents.inc({ type: TYPES.has(type) ? type : 'other', outcome });
          if (isNew) metrics.callbackLag.observe(Math.max(0, now - Date.parse(at)) / 1000);
        }
      });
    },
  };
}

/** Measures escalations, tests excluded. */
export function watchEscalations(metrics: Metrics): EscalationListener {
  return {
    changed: (work, { test, severity, createdAt }, timeline) => {
      if (test) return;
      work.afterCommit(() => {
        for (const { type, at } of timeline) {
          if (EVENTS.has(type)) metrics.escalationEvents.inc({ event: type });
          if (type === 'acknowledged') {
            metrics.timeToAcknowledge.observe({ severity }, seconds(createdAt, at));
          }
        }
      });
    },
  };
}

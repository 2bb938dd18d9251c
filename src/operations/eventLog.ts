import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../calls/call.ts';
import type { CallListener } from '../calls/callListener.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import type { EscalationListener } from '../escalations/escalationService.ts';

/** The loggable parts of a timeline entry: words of the code and numbers. Names and what people wrote are left out. */
const TOLD = ['disposition', 'cause', 'code', 'subCode', 'reason', 'context', 'by', 'state'] as const;
/** In an escalation's entries `by` is a person, and `reason` may be what a person wrote. */
const TOLD_OF_ESCALATIONS = ['disposition', 'cause', 'code', 'subCode', 'step', 'round', 'seconds'] as const;

/** The ids in every line of a call. The correlation id is the service's: Microsoft's support asks for it. */
function namesOf(call: Call): Record<string, unknown> {
  const { purpose, callConnectionId, correlationId, id } = call;
  const escalation = purpose.kind === 'escalate' ? { escalationId: purpose.escalationId } : {};
  return { callId: id, correlationId, callConnectionId, ...escalation };
}

function told(entry: TimelineEntry, members: readonly string[]): Record<string, unknown> {
  const data = entry.data ?? {};
  return {
    event: entry.type,
    at: entry.at,
    ...Object.fromEntries(
      members.flatMap((name) => (data[name] === undefined ? [] : [[name, data[name]] as const])),
    ),
  };
}

/** Logs one line for each thing that happens to a call, after the commit. */
export function logCalls(log: Logger): CallListener {
  return {
    placed: (work, call) =>
      work.afterCommit(() => {
        const { target, requestedBy, purpose } = call;
        // A phone number is somebody's, and stays out of the log.
        const person = target.kind === 'phone' ? (target.personId ?? null) : target.id;
        const about = { purpose: purpose.kind, by: requestedBy.kind, target: target.kind, person };
        log.info({ ...namesOf(call), event: 'queued', ...about }, 'call');
      }),
    moved: (work, _before, call, timeline) =>
      work.afterCommit(() => {
        for (const entry of timeline) {
          const end = entry.type === 'ended' ? lengths(call) : {};
          log.info({ ...namesOf(call), ...told(entry, TOLD), ...end }, 'call');
        }
      }),
    received: (work, call, events) =>
      work.afterCommit(() => {
        for (const { type, at, isNew, applied } of events) {
          log.debug({ ...namesOf(call), event: type, at, isNew, applied }, 'service event');
        }
      }),
  };
}

/** Seconds from the request to the answer, and from the answer to the end. */
function lengths(call: Call): Record<string, unknown> {
  const { connectedAt, endedAt } = view(call);
  const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
  return {
    purpose: call.purpose.kind,
    serverCallId: call.serverCallId,
    ...(connectedAt ? { secondsToAnswer: seconds(call.createdAt, connectedAt) } : {}),
    ...(connectedAt && endedAt ? { secondsConnected: seconds(connectedAt, endedAt) } : {}),
  };
}

/** Logs one line for each thing that happens to an escalation, after the commit. */
export function logEscalations(log: Logger): EscalationListener {
  return {
    changed: (work, { id, policy, severity, test, ladder }, timeline) =>
      work.afterCommit(() => {
        for (const entry of timeline) {
          const about = { policy, severity, test, status: ladder.status };
          log.info({ escalationId: id, ...about, ...told(entry, TOLD_OF_ESCALATIONS) }, 'escalation');
        }
      }),
  };
}

import type { Call, EndFact, HangUpBy } from '../call.ts';
import { meaningOf } from '../dispositions.ts';
import type { End } from '../purposes/conduct.ts';
import { conductOf } from '../purposes/purposes.ts';
import { answeredTalkEnd, unansweredTalkEnd } from '../purposes/talk.ts';
import { isKnownToExist, madeWay } from './facts.ts';

/** Whether and how a call has ended, by everything that is known. Pure. */
export function ending(call: Call): (End & { at: string }) | null {
  const { facts } = call;
  const at = facts.ended?.at ?? facts.hangUp?.confirmedAt;
  if (at) return { at, ...(facts.connectedAt ? answeredEnd(call) : unansweredEnd(call)) };
  if (facts.dialUnknownAt && !isKnownToExist(call)) {
    return { at: facts.dialUnknownAt, disposition: 'failed', cause: 'outcomeUnknown' };
  }
  return null;
}

/** Whether its outcome is unknown, and no sign of it has come since. */
export function isGivenUp(call: Call): boolean {
  return Boolean(call.facts.dialUnknownAt) && !call.facts.ended && !isKnownToExist(call);
}

function answeredEnd(call: Call): End {
  return conductOf(call)?.end(call) ?? answeredTalkEnd(call);
}

function unansweredEnd(call: Call): End {
  const { ended, hangUp } = call.facts;
  const talkEnd = call.purpose.kind === 'talk' ? unansweredTalkEnd(call) : null;
  if (talkEnd) return talkEnd;
  const told = ended && ended.by !== 'gone' ? meaningOf(ended, ended.by) : null;
  const isVague = !told || ['cancelled', 'failed', 'no_answer', 'answered'].includes(told.disposition);
  if (hangUp && isVague) return hungUpEnd(call, hangUp.by);
  if (told) return { disposition: told.disposition, cause: told.cause };
  return { disposition: 'failed', cause: 'lostContact' };
}

function hungUpEnd(call: Call, by: HangUpBy): End {
  switch (by) {
    case 'timeout':
    case 'done':
      return { disposition: 'no_answer', cause: 'noAnswer' };
    case 'callee':
      return { disposition: 'declined', cause: 'declined' };
    case 'escalation':
      return {
        disposition: 'cancelled',
        cause: madeWay(call, by) ? 'madeWayForAlert' : 'cancelledByEscalation',
      };
    case 'phoneLimit':
    case 'phoneRule':
      return { disposition: 'not_allowed', cause: by };
    case 'operator':
      return { disposition: 'cancelled', cause: 'cancelledByOperator' };
    case 'requester':
    case 'api':
      return { disposition: 'cancelled', cause: 'cancelledByRequester' };
  }
}

/** Of two ends the more telling one. A total order: the choice does not depend on which came first. */
export function moreTelling(a: EndFact | undefined, b: EndFact): EndFact {
  return a && rank(a) <= rank(b) ? a : b;
}

function rank(end: EndFact): string {
  const { weight } = end.by === 'gone' ? { weight: 0 } : meaningOf(end, end.by);
  // A refusal counts only where there is no other end.
  const vagueness = 1000 - weight + (end.by === 'refused' ? 1000 : 0);
  const result = end.by === 'gone' ? [] : [end.code, end.subCode, end.message];
  return [String(vagueness).padStart(4, '0'), end.at, end.by, ...result].join('|');
}

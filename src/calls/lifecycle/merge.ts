import { captureNote, withCapture } from '../captures.ts';
import type { Call, CallEvent, Facts, PlayStep, Reply, ServiceResult, Speech, Step } from '../call.ts';
import { awaitsTransferEvent } from '../purposes/connect.ts';
import { atDeadline } from './deadlines.ts';
import { ending, isGivenUp, moreTelling } from './endings.ts';
import {
  earliest,
  hangUpFact,
  isKnownToExist,
  isRingingOut,
  madeWay,
  newest,
  playOf,
  withFacts,
  withPlay,
} from './facts.ts';
import { speechName } from './speech.ts';
import type { Note } from '../timeline.ts';

/**
 * Applies an event to the facts of a call: each fact is set once, and after that only made more exact. The result depends
 * neither on the order of events nor on repetition. Pure.
 */
export function merge(call: Call, event: CallEvent, note: Note): Call {
  return withoutRefusal(merged(call, event, note));
}

function merged(call: Call, event: CallEvent, note: Note): Call {
  const { facts } = call;
  const changed = (change: Facts): Call => withFacts(call, change);
  switch (event.type) {
    case 'dialSent':
      // A call that was cancelled while it waited for its turn is not sent.
      if (facts.dialSentAt || ending(call)) return call;
      note({ type: call.purpose.kind === 'talk' ? 'talkJoined' : 'dialing' });
      return changed({ dialSentAt: event.at });
    case 'deferred': {
      if (facts.dialSentAt || ending(call)) return call;
      const { at, reason, until, behind } = event;
      // Its turn passes.
      const { deferred: known, turnAt: _, ...others } = facts;
      if (known?.reason !== reason) note({ type: 'deferred', data: { reason } });
      const since = known?.reason === reason && known.behind === behind ? known.since : at;
      const deferred = { reason, since, until, ...(behind !== undefined && { behind }) };
      return { ...call, facts: { ...others, deferred } };
    }
    case 'turnTaken':
      return facts.dialSentAt ? call : changed({ turnAt: newest(facts.turnAt, event.turnAt) });
    case 'dialAccepted':
      if (!facts.dialAcceptedAt) note({ type: 'accepted' });
      return {
        ...changed({ dialAcceptedAt: earliest(facts.dialAcceptedAt, event.at) }),
        callConnectionId: call.callConnectionId ?? event.callConnectionId,
        correlationId: call.correlationId ?? event.correlationId,
      };
    case 'dialRefused':
      return changed({ ended: moreTelling(facts.ended, { ...event.result, at: event.at, by: 'refused' }) });
    case 'dialUnknown':
      if (!facts.dialUnknownAt && !isKnownToExist(call)) note({ type: 'outcomeUnknown' });
      return changed({ dialUnknownAt: earliest(facts.dialUnknownAt, event.at) });
    case 'connected': {
      if (!facts.connectedAt) note({ type: 'connected' });
      return identified(changed({ connectedAt: earliest(facts.connectedAt, event.at) }), event);
    }
    case 'sign':
      return identified(call, event);
    case 'ended':
      return identified(
        changed({ ended: moreTelling(facts.ended, { ...event.result, at: event.at, by: event.by }) }),
        event,
      );
    case 'speakAccepted':
      return changed(
        withPlay(facts, event.speech, (step) => ({
          ...step,
          acceptedAt: earliest(step.acceptedAt, event.at),
        })),
      );
    case 'speakRefused':
      return speechFailed(call, event, note);
    case 'playStarted':
      if (!facts.connectedAt) note({ type: 'connected' });
      return identified(
        changed({
          connectedAt: earliest(facts.connectedAt, event.at),
          // If the answer to the request was lost, this proves that it arrived: it is not sent again.
          ...withPlay(facts, event.speech, (step) => ({
            ...step,
            acceptedAt: earliest(step.acceptedAt, event.at),
          })),
        }),
        event,
      );
    case 'playCompleted': {
      const { speech, at } = event;
      if (!facts.connectedAt) note({ type: 'connected' });
      if (!playOf(facts, speech)?.completedAt)
        note({ type: 'messageSpoken', data: { context: speechName(speech) } });
      return identified(
        changed({
          // If the event of the answer was lost, this proves that somebody answered.
          connectedAt: earliest(facts.connectedAt, at),
          ...withPlay(facts, speech, (step) => ({ ...step, completedAt: earliest(step.completedAt, at) })),
        }),
        event,
      );
    }
    case 'playFailed':
      return identified(speechFailed(call, event, note), event);
    case 'listenAccepted':
      return changed({ listen: { ...facts.listen, acceptedAt: event.at } });
    case 'listenRefused':
      note({ type: 'listenFailed', data: { code: event.result.code, subCode: event.result.subCode } });
      return changed({ listen: { ...facts.listen, failed: { ...event.result, at: event.at } } });
    case 'transferRequested':
      return changed({
        transfer: { ...facts.transfer, acceptedAt: earliest(facts.transfer?.acceptedAt, event.at) },
      });
    case 'transferAccepted':
      if (!facts.transfer?.completedAt) note({ type: 'transferAccepted' });
      return identified(
        changed({
          transfer: { ...facts.transfer, completedAt: earliest(facts.transfer?.completedAt, event.at) },
        }),
        event,
      );
    case 'transferFailed':
      return identified(transferFailed(call, event.at, event.result, note), event);
    case 'transferRefused':
      return transferFailed(call, event.at, event.result, note);
    case 'tone': {
      const known = facts.tones ?? [];
      if (known.some((tone) => tone.sequenceId === event.sequenceId)) return identified(call, event);
      if (!facts.connectedAt) note({ type: 'connected' });
      note({ type: 'key', data: { tone: event.tone } });
      const tones = [...known, { sequenceId: event.sequenceId, tone: event.tone, at: event.at }];
      tones.sort((a, b) => a.sequenceId - b.sequenceId);
      return identified(changed({ connectedAt: earliest(facts.connectedAt, event.at), tones }), event);
    }
    case 'replied': {
      if (!facts.connectedAt) note({ type: 'connected' });
      if (!playOf(facts, event.speech)?.reply) noteReply(event, note);
      return identified(
        changed({
          connectedAt: earliest(facts.connectedAt, event.at),
          ...withPlay(facts, event.speech, (step) => replied(step, event)),
        }),
        event,
      );
    }
    case 'capture': {
      const { at, what, id, on } = event;
      const captures = withCapture(facts.captures, { at, what, id, on });
      if (captures !== facts.captures) note({ type: captureNote(event) });
      return identified(changed({ captures }), event);
    }
    case 'talkLinked':
      if (facts.dialSentAt || ending(call)) return call;
      return changed({ talk: { ...facts.talk, linkedAt: newest(facts.talk?.linkedAt, event.at) } });
    case 'talkLeft':
      if (facts.ended) return call;
      note({ type: 'talkPageLeft' });
      return changed({ ended: { by: 'gone', at: event.at } });
    case 'talkHeard': {
      const { talk } = facts;
      if (event.rings && !talk?.ringsAt) note({ type: 'talkRings' });
      const heard = changed({
        talk: {
          ...talk,
          heardAt: newest(talk?.heardAt, event.at),
          ...(event.rings && { ringsAt: earliest(talk?.ringsAt, event.at) }),
        },
      });
      return identified(heard, { ...event, callConnectionId: null });
    }
    case 'hangUpConfirmed':
      return facts.hangUp
        ? changed({
            hangUp: { ...facts.hangUp, confirmedAt: earliest(facts.hangUp.confirmedAt, event.at) },
          })
        : call;
    case 'hangUpRequested':
      // A call that was given up may still be found, and is hung up then.
      if (facts.hangUp || (ending(call) && !isGivenUp(call))) return call;
      note({
        type: 'hangUpRequested',
        data: {
          by: event.by,
          ...(event.byName && { name: event.byName }),
          ...(madeWay(call, event.by) && { reason: 'phoneNeeded' }),
        },
      });
      return changed({
        hangUp: {
          ...hangUpFact(event.at, event.by, event.byName),
          // Nothing was sent, so there is nothing to hang up.
          ...(facts.dialSentAt ? {} : { confirmedAt: event.at }),
        },
      });
    case 'doubted':
      return changed({ doubtedAt: earliest(facts.doubtedAt, event.at) });
    case 'acknowledged':
      if (facts.acknowledgedAt) return call;
      note({ type: 'acknowledged' });
      return changed({ acknowledgedAt: event.at });
    case 'takenOver':
      if (facts.takenOver || facts.acknowledgedAt) return call;
      note({ type: 'takenOver', data: { name: event.by } });
      return changed({
        takenOver: { at: event.at, by: event.by, ...(event.how && { how: event.how }) },
      });
    case 'probed':
      return probed(call, event, note);
    case 'wake':
      return atDeadline(call, event.at, note);
  }
}

function probed(call: Call, event: Extract<CallEvent, { type: 'probed' }>, note: Note): Call {
  const { facts } = call;
  // That nobody has answered yet is no news: the timeline has the hang-up that follows.
  if (!isRingingOut(call) || event.state !== 'connecting')
    note({ type: 'probed', data: { state: event.state } });
  if (event.state === 'gone' && !facts.ended && !awaitsTransferEvent(call, event.at)) {
    return withFacts(call, { ended: { by: 'gone', at: event.at } });
  }
  if (event.state === 'connected' && !facts.connectedAt && !ending(call)) {
    note({ type: 'connected' });
    return withFacts(call, { connectedAt: event.at });
  }
  return call;
}

/** After a crash the repeated `createCall` may be refused although the first one succeeded: the call's own events prove it. */
function withoutRefusal(call: Call): Call {
  if (call.facts.ended?.by !== 'refused' || !isKnownToExist(call)) return call;
  const { ended: _, ...facts } = call.facts;
  return { ...call, facts };
}

function identified(
  call: Call,
  event: { callConnectionId: string | null; serverCallId?: string | null; correlationId?: string | null },
): Call {
  return {
    ...call,
    callConnectionId: call.callConnectionId ?? event.callConnectionId,
    serverCallId: call.serverCallId ?? event.serverCallId ?? null,
    correlationId: call.correlationId ?? event.correlationId ?? null,
  };
}

function speechFailed(
  call: Call,
  { speech, at, result }: { speech: Speech; at: string; result: ServiceResult },
  note: Note,
): Call {
  const { code, subCode } = result;
  const known = playOf(call.facts, speech)?.failed;
  if (!known) note({ type: 'speakFailed', data: { context: speechName(speech), code, subCode } });
  const failed = earlierFailure(known, { ...result, at });
  return withFacts(
    call,
    withPlay(call.facts, speech, (step) => ({ ...step, failed })),
  );
}

function noteReply({ speech, reply }: Extract<CallEvent, { type: 'replied' }>, note: Note): void {
  if (reply.kind === 'key') note({ type: 'key', data: { tone: reply.tone } });
  if (reply.kind === 'pin') note({ type: reply.right ? 'pinRight' : 'pinWrong' });
  // Nobody interrupted it.
  if (reply.kind === 'silence' && speech.context === 'message')
    note({ type: 'messageSpoken', data: { context: speechName(speech) } });
}

/** A question has one reply: the first, whichever was reported first. */
function replied(step: PlayStep, { at, reply }: { at: string; reply: Reply }): PlayStep {
  const rank = (time: string, one: Reply): string => `${time} ${JSON.stringify(one)}`;
  const isKnown = step.reply && step.completedAt && rank(step.completedAt, step.reply) <= rank(at, reply);
  return isKnown ? step : { ...step, completedAt: at, reply };
}

function transferFailed(call: Call, at: string, result: ServiceResult, note: Note): Call {
  const { facts } = call;
  const known = facts.transfer?.failed;
  if (!known) note({ type: 'transferFailed', data: { code: result.code, subCode: result.subCode } });
  const failed = earlierFailure(known, { ...result, at });
  return withFacts(call, { transfer: { ...facts.transfer, failed } });
}

/** The failure that happened first, whichever was reported first. */
function earlierFailure(a: Step['failed'], b: NonNullable<Step['failed']>): NonNullable<Step['failed']> {
  if (!a) return b;
  const rank = (one: NonNullable<Step['failed']>): string =>
    [one.at, one.code, one.subCode, one.message].join('|');
  return rank(a) <= rank(b) ? a : b;
}

import { outcomeOf } from '../dispositions.ts';
import { captureNote, withCapture } from '../captures.ts';
import type {
  Call,
  CallEffect,
  CallEvent,
  CallView,
  Cause,
  Disposition,
  EndFact,
  Facts,
  HangUpBy,
  Purpose,
  ServiceResult,
  SpeechContext,
  Step,
  TimelineEntry,
} from '../call.ts';

/**
 * The life of one call, pure: (call, event) -> {call, effects, timeline}.
 *
 * An event is merged into the facts (merging is idempotent and does not depend on the order), the view is read
 * off the facts, and the plan says what is to be done next that was not asked for yet.
 */

/** The service promises not to execute a repeated request id twice for this long after First-Sent. */
export const REPEATABILITY_WINDOW_MS = 30_000;
/** How much later than its own 30 s a lost `createCall` is given up by the deadline, if its job was lost too. */
const UNKNOWN_GRACE_MS = 2_000;
/** How long the service may take to confirm a hang-up before it is asked what became of the call. */
const HANG_UP_CONFIRMATION_MS = 10_000;
/** How long the service may take to say whether somebody answered, once the ring timeout is over. */
const RING_QUESTION_MS = 3_000;
/** After so many unanswered questions a call is ended by our own judgement: no call stays open for ever. */
const MAX_PROBES = 6;
/** Speech takes about 60 ms a character, and a message is spoken twice; slow voices get more than twice as much. */
const SPEAKING_MS_A_CHARACTER = 300;
/** What is said around a message, and the time that the service takes to begin. */
const SPEAKING_MARGIN_MS = 45_000;
const SPEAKING_MOST_MS = 10 * 60_000;
/** Teams gives a transfer 60 s. */
const TRANSFER_LIMIT_MS = 75_000;
/** An escalation's message is repeated after this silence, and after the last repetition the call ends. */
const SILENCE_MS = 8_000;
/** An escalation's callee who cannot be spoken to is kept on the line this long, to look at the card. */
const SILENT_LINE_MS = 30_000;

/** How long a link to the browser page can be used, and so how long such a call waits to be begun. */
export const TALK_LINK_MS = 10 * 60_000;
/**
 * A browser page that is not heard for so long is gone, and its call over. It ends the call itself when it has not
 * reached us for less than that, so that nobody else is called while two still talk.
 */
export const TALK_SILENCE_MS = 60_000;
/** The page's token is good for an hour and is not renewed: the call ends before it, so that the page can hang up. */
const TALK_LONGEST_MS = 55 * 60_000;

/** The service's sub-code for what was being spoken when the call was hung up, or something else was to be said. */
export const PLAY_CANCELLED = 8508;

const ESCALATION_MESSAGES = [
  'message',
  'message2',
  'message3',
  'message4',
  'message5',
  'message6',
] as const satisfies SpeechContext[];
/** How often it is said to somebody who keeps silent. Each time that it is asked for again adds one. */
const UNASKED_MESSAGES = 3;
/** The key that asks for the message again (as the service names it). */
const REPEAT_KEY = 'three';
/** How long a call that has to wait is left alone before it is tried again, should nobody say that it may go. */
export const DEFERRED_RETRY_MS = 30_000;

export interface Transition {
  call: Call;
  effects: CallEffect[];
  timeline: TimelineEntry[];
  /** Something that people see has changed. */
  changed: boolean;
  /** The call ended by this event (once only, also if its end is made more exact later). */
  ended: boolean;
  /** When the call must be looked at again if nothing happens; null when it has ended. */
  wakeAt: string | null;
  /** Keys that arrived with this event for the first time. */
  tones: string[];
}

/** What can be read off a call's facts. */
export function view(call: Call): CallView {
  const { facts } = call;
  const end = ending(call);
  const status = end
    ? 'ended'
    : facts.connectedAt
      ? 'connected'
      : facts.dialSentAt || facts.dialAcceptedAt || call.callConnectionId
        ? 'dialing'
        : 'queued';
  return {
    status,
    disposition: end?.disposition ?? null,
    cause: end?.cause ?? null,
    code: end && facts.ended && facts.ended.by !== 'gone' ? facts.ended.code : null,
    subCode: end && facts.ended && facts.ended.by !== 'gone' ? facts.ended.subCode : null,
    connectedAt: facts.connectedAt ?? null,
    endedAt: end?.at ?? null,
  };
}

/** Whether it is to be sent to the service, or sent once more because it is not known to have arrived. */
export function mayDial(call: Call): boolean {
  if (call.purpose.kind === 'talk') return false;
  const { status } = view(call);
  if (status === 'queued') return true;
  return status === 'dialing' && !call.facts.dialAcceptedAt && !call.callConnectionId && !call.facts.hangUp;
}

/**
 * Takes an event into a call.
 *
 * @param now when that is: an event of the service may come long after what it tells of, and what is asked for because
 * of it has its deadlines from now
 */
export function apply(call: Call, event: CallEvent, now: string = event.at): Transition {
  const before = view(call);
  const timeline: TimelineEntry[] = [];
  const noting =
    (at: string): Note =>
    (type, data) => {
      timeline.push(data ? { at, type, data } : { at, type });
    };

  const merged = withoutRefusal(merge(call, event, noting(event.at)));
  const tones = newTones(call.facts, merged.facts);
  const planned = plan(merged, event, noting(now), { before: call.facts, now });
  const after = view(planned.call);

  const endedNow = before.status !== 'ended' && after.status === 'ended';
  if (endedNow) {
    timeline.push({ at: after.endedAt ?? event.at, type: 'ended', data: endData(after) });
  } else if (
    before.status === 'ended' &&
    after.status === 'ended' &&
    before.disposition !== after.disposition
  ) {
    timeline.push({ at: event.at, type: 'corrected', data: endData(after) });
  } else if (before.status === 'ended' && after.status !== 'ended') {
    timeline.push({ at: event.at, type: 'foundAgain' });
  }

  const changed =
    timeline.length > 0 || before.status !== after.status || before.cause !== after.cause || tones.length > 0;
  const next: Call = {
    ...planned.call,
    revision: changed ? call.revision + 1 : call.revision,
  };
  return {
    call: next,
    effects: planned.effects,
    timeline,
    changed,
    ended: endedNow,
    wakeAt: wakeTime(next),
    tones,
  };
}

/** Takes several events into a call, one after the other: what all of them make of it. `now` is as in `apply`. */
export function applyAll(call: Call, events: readonly CallEvent[], now: string): Transition {
  const steps: Transition[] = [];
  let last = call;
  for (const event of events) {
    const step = apply(last, event, now);
    steps.push(step);
    last = step.call;
  }
  return {
    call: last,
    effects: steps.flatMap(({ effects }) => effects),
    timeline: steps.flatMap(({ timeline }) => timeline),
    changed: steps.some(({ changed }) => changed),
    ended: steps.some(({ ended }) => ended),
    wakeAt: steps.at(-1)?.wakeAt ?? null,
    tones: steps.flatMap(({ tones }) => tones),
  };
}

type Note = (type: string, data?: TimelineEntry['data']) => void;

// ---------------------------------------------------------------------------------------------------------------
// Merging: each fact is set once and then only made more exact.

function merge(call: Call, event: CallEvent, note: Note): Call {
  const facts = call.facts;
  const withFacts = (change: Facts): Call => ({ ...call, facts: { ...facts, ...change } });
  switch (event.type) {
    case 'dialSent':
      // Cancelled while its dial waited for its turn: then it is not sent.
      if (facts.dialSentAt || ending(call)) return call;
      note(call.purpose.kind === 'talk' ? 'talkJoined' : 'dialing');
      return withFacts({ dialSentAt: event.at });
    case 'deferred': {
      if (facts.dialSentAt || ending(call)) return call;
      const { at, reason, until, behind } = event;
      // It lets its turn go by.
      const { deferred: known, turnAt: _, ...others } = facts;
      if (known?.reason !== reason) note('deferred', { reason });
      const since = known?.reason === reason && known.behind === behind ? known.since : at;
      const deferred = { reason, since, until, ...(behind !== undefined && { behind }) };
      return { ...call, facts: { ...others, deferred } };
    }
    case 'turnTaken':
      return facts.dialSentAt ? call : withFacts({ turnAt: newest(facts.turnAt, event.turnAt) });
    case 'dialAccepted':
      if (!facts.dialAcceptedAt) note('accepted');
      return {
        ...withFacts({ dialAcceptedAt: earliest(facts.dialAcceptedAt, event.at) }),
        callConnectionId: call.callConnectionId ?? event.callConnectionId,
        correlationId: call.correlationId ?? event.correlationId,
      };
    case 'dialRefused':
      return withFacts({ ended: moreTelling(facts.ended, { ...event.result, at: event.at, by: 'refused' }) });
    case 'dialUnknown':
      if (!facts.dialUnknownAt && !isKnownToExist(call)) note('outcomeUnknown');
      return withFacts({ dialUnknownAt: earliest(facts.dialUnknownAt, event.at) });
    case 'connected': {
      if (!facts.connectedAt) note('connected');
      return identified(withFacts({ connectedAt: earliest(facts.connectedAt, event.at) }), event);
    }
    case 'sign':
      return identified(call, event);
    case 'ended':
      return identified(
        withFacts({ ended: moreTelling(facts.ended, { ...event.result, at: event.at, by: event.by }) }),
        event,
      );
    case 'speakAccepted':
      return withFacts({
        plays: withStep(facts, event.context, (step) => ({
          ...step,
          acceptedAt: earliest(step.acceptedAt, event.at),
        })),
      });
    case 'speakRefused':
      return speechFailed(call, event.context, event.at, event.result, note);
    case 'playStarted': {
      const context = speechContext(event.context);
      if (!context) return identified(call, event);
      if (!facts.connectedAt) note('connected');
      // It says that the request arrived, should its answer be lost: then it is not sent again.
      return identified(
        withFacts({
          connectedAt: earliest(facts.connectedAt, event.at),
          plays: withStep(facts, context, (step) => ({
            ...step,
            acceptedAt: earliest(step.acceptedAt, event.at),
          })),
        }),
        event,
      );
    }
    case 'playCompleted': {
      const context = speechContext(event.context);
      if (!context) return identified(call, event);
      if (!facts.connectedAt) note('connected');
      if (!facts.plays?.[context]?.completedAt) note('messageSpoken', { context });
      return identified(
        withFacts({
          // Being spoken to proves that the call was answered, should the event that says so be lost.
          connectedAt: earliest(facts.connectedAt, event.at),
          plays: withStep(facts, context, (step) => ({
            ...step,
            completedAt: earliest(step.completedAt, event.at),
          })),
        }),
        event,
      );
    }
    case 'playFailed': {
      const context = speechContext(event.context);
      if (!context) return identified(call, event);
      return identified(speechFailed(call, context, event.at, event.result, note), event);
    }
    case 'listenAccepted':
      return withFacts({ listen: { ...facts.listen, acceptedAt: event.at } });
    case 'listenRefused':
      note('listenFailed', { code: event.result.code, subCode: event.result.subCode });
      return withFacts({ listen: { ...facts.listen, failed: { ...event.result, at: event.at } } });
    case 'transferRequested':
      return withFacts({
        transfer: { ...facts.transfer, acceptedAt: earliest(facts.transfer?.acceptedAt, event.at) },
      });
    case 'transferAccepted':
      if (!facts.transfer?.completedAt) note('transferAccepted');
      return identified(
        withFacts({
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
      if (!facts.connectedAt) note('connected');
      note('key', { tone: event.tone });
      const tones = [...known, { sequenceId: event.sequenceId, tone: event.tone, at: event.at }];
      tones.sort((a, b) => a.sequenceId - b.sequenceId);
      return identified(withFacts({ connectedAt: earliest(facts.connectedAt, event.at), tones }), event);
    }
    case 'capture': {
      const { at, what, id, on } = event;
      const captures = withCapture(facts.captures, { at, what, id, on });
      if (captures !== facts.captures) note(captureNote(event));
      return identified(withFacts({ captures }), event);
    }
    case 'talkLinked':
      if (facts.dialSentAt || ending(call)) return call;
      return withFacts({ talk: { ...facts.talk, linkedAt: newest(facts.talk?.linkedAt, event.at) } });
    case 'talkLeft':
      if (facts.ended) return call;
      note('talkPageLeft');
      return withFacts({ ended: { code: 0, subCode: 0, message: '', at: event.at, by: 'gone' } });
    case 'talkHeard': {
      const { talk } = facts;
      if (event.rings && !talk?.ringsAt) note('talkRings');
      const heard = withFacts({
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
        ? withFacts({
            hangUp: { ...facts.hangUp, confirmedAt: earliest(facts.hangUp.confirmedAt, event.at) },
          })
        : call;
    case 'hangUpRequested':
      // A call that was given up may yet be found: then it is ended.
      if (facts.hangUp || (ending(call) && !isGivenUp(call))) return call;
      note('hangUpRequested', {
        by: event.by,
        ...(event.byName && { name: event.byName }),
        ...(madeWay(call, event.by) && { reason: 'phoneNeeded' }),
      });
      return withFacts({
        hangUp: {
          ...hangUpFact(event.at, event.by, event.byName),
          // Nothing was sent yet, so there is nothing to end.
          ...(facts.dialSentAt ? {} : { confirmedAt: event.at }),
        },
      });
    case 'doubted':
      return withFacts({ doubtedAt: earliest(facts.doubtedAt, event.at) });
    case 'acknowledged':
      if (facts.acknowledgedAt) return call;
      note('acknowledged');
      return withFacts({ acknowledgedAt: event.at });
    case 'takenOver':
      if (facts.takenOver || facts.acknowledgedAt) return call;
      note('takenOver', { name: event.by });
      return withFacts({
        takenOver: { at: event.at, by: event.by, ...(event.how && { how: event.how }) },
      });
    case 'probed':
      return probed(call, event, note);
    case 'wake':
      return woken(call, event.at, note);
  }
}

function probed(call: Call, event: Extract<CallEvent, { type: 'probed' }>, note: Note): Call {
  const { facts } = call;
  // That nobody has answered yet is no news: the hang-up that follows says so.
  if (!isRingingOut(call) || event.state !== 'connecting') note('probed', { state: event.state });
  if (event.state === 'gone' && !facts.ended && !awaitsTransferEvent(call, event.at)) {
    const ended: EndFact = { code: 0, subCode: 0, message: '', at: event.at, by: 'gone' };
    return { ...call, facts: { ...facts, ended } };
  }
  if (event.state === 'connected' && !facts.connectedAt && !ending(call)) {
    note('connected');
    return { ...call, facts: { ...facts, connectedAt: event.at } };
  }
  return call;
}

/**
 * Whether the event may still come that says what became of the transfer. A leg that is gone does not say: the service
 * takes it away after a successful transfer too, and events are late when nobody was there to take them.
 */
function awaitsTransferEvent({ facts }: Call, at: string): boolean {
  const { transfer, hangUp } = facts;
  if (!transfer?.requestedAt || transfer.completedAt || isLost(transfer) || hangUp) return false;
  return at < plus(transfer.requestedAt, TRANSFER_LIMIT_MS);
}

/** A deadline has come: says what it means now, if anything. */
function woken(call: Call, at: string, note: Note): Call {
  const due = wakeTime(call);
  if (!due || at < due) return call;
  const { facts } = call;
  const ask = (): Call => {
    const count = (facts.probes?.count ?? 0) + 1;
    if (count > MAX_PROBES) {
      const ended: EndFact = { code: 0, subCode: 0, message: '', at, by: 'gone' };
      return { ...call, facts: { ...facts, ended } };
    }
    return { ...call, facts: { ...facts, probes: { count, lastAt: at } } };
  };
  const hangUp = (by: HangUpBy): Call => {
    note('hangUpRequested', { by });
    return { ...call, facts: { ...facts, hangUp: hangUpFact(at, by) } };
  };

  if (call.purpose.kind === 'talk') return talkOverdue(call, at, note);
  if (!facts.dialSentAt && facts.deferred) {
    const until = new Date(Date.parse(at) + DEFERRED_RETRY_MS).toISOString();
    return { ...call, facts: { ...facts, deferred: { ...facts.deferred, until, triedAt: at } } };
  }
  if (!call.callConnectionId) {
    const sent = Date.parse(facts.dialSentAt ?? at);
    if (Date.parse(at) >= sent + REPEATABILITY_WINDOW_MS + UNKNOWN_GRACE_MS && !isKnownToExist(call)) {
      note('outcomeUnknown');
      return { ...call, facts: { ...facts, dialUnknownAt: at } };
    }
    // Accepted, but without an id: nothing can be asked of the service until the first event brings it.
    return facts.hangUp ? ask() : hangUp('timeout');
  }
  if (facts.hangUp) return ask();
  // The event that says that somebody answered may be lost or late: the service is asked before it is hung up.
  if (!facts.connectedAt && !facts.ringOver)
    return { ...call, facts: { ...facts, ringOver: { askedAt: at } } };
  if (!facts.connectedAt) return hangUp('timeout');
  const purpose = call.purpose.kind;
  if (purpose === 'connect' && facts.transfer?.requestedAt && !isLost(facts.transfer)) return ask();
  // The silence after a message is over: the plan says it again.
  if (purpose === 'escalate' && nextOfEscalation(call, at)) return call;
  return hangUp(purpose === 'escalate' ? 'done' : 'timeout');
}

/** The deadline of a call from the browser page has come. */
function talkOverdue(call: Call, at: string, note: Note): Call {
  const { facts } = call;
  if (!facts.dialSentAt) {
    note('talkLinkExpired');
    return { ...call, facts: { ...facts, hangUp: { ...hangUpFact(at, 'timeout'), confirmedAt: at } } };
  }
  if (facts.hangUp || at >= talkSilentAt(call, facts.dialSentAt)) {
    note('talkPageSilent');
    const ended: EndFact = { code: 0, subCode: 0, message: '', at, by: 'gone' };
    return { ...call, facts: { ...facts, ended } };
  }
  note('hangUpRequested', { by: 'timeout' });
  return { ...call, facts: { ...facts, hangUp: hangUpFact(at, 'timeout') } };
}

// ---------------------------------------------------------------------------------------------------------------
// Planning: what is to be done next, that was not asked for yet.

function plan(
  call: Call,
  event: CallEvent,
  note: Note,
  { before, now }: { before: Facts; now: string },
): { call: Call; effects: CallEffect[] } {
  const effects: CallEffect[] = [];
  let facts = call.facts;
  const finished = (): { call: Call; effects: CallEffect[] } => ({ call: { ...call, facts }, effects });

  const requestHangUp = (by: HangUpBy): void => {
    facts = { ...facts, hangUp: hangUpFact(now, by) };
  };
  const speak = (context: SpeechContext): void => {
    facts = { ...facts, plays: withStep(facts, context, (step) => ({ ...step, requestedAt: now })) };
    effects.push({ kind: 'speak', context });
    note('speaking', { context });
  };

  const open = !ending({ ...call, facts });
  if (open && event.type === 'wake' && !facts.dialSentAt && facts.deferred?.triedAt === event.at) {
    effects.push({ kind: 'dial' });
  }
  if (open && facts.connectedAt && !facts.hangUp && call.callConnectionId) {
    const next = nextStep({ ...call, facts }, now);
    if (next?.kind === 'speak') {
      speak(next.context);
      if (next.repeats !== undefined) facts = { ...facts, repeats: next.repeats };
    } else if (next?.kind === 'hangUp') requestHangUp(next.by);
    else if (next?.kind === 'transfer') {
      facts = { ...facts, transfer: { requestedAt: now } };
      effects.push({ kind: 'transfer' });
      note('transferring', call.purpose.kind === 'connect' ? { to: call.purpose.to.displayName } : undefined);
    }
    if (call.purpose.kind === 'escalate' && !facts.listen) {
      facts = { ...facts, listen: { requestedAt: now } };
      effects.push({ kind: 'listen' });
    }
  }
  // Nobody has answered by the ring timeout, so far as the service knows or says.
  if (open && event.type === 'probed' && event.state !== 'connected' && isRingingOut({ ...call, facts })) {
    note('hangUpRequested', { by: 'timeout' });
    requestHangUp('timeout');
  }
  // A hang-up can be sent as soon as the service's name for the call is known; also after we gave the call up.
  const { hangUp } = facts;
  const unsent = facts.ended?.by === 'gone' && !hangUp?.sentAt;
  if (hangUp && !hangUp.confirmedAt && (!facts.ended || unsent) && call.callConnectionId) {
    const stillThere = event.type === 'probed' && event.state !== 'gone' && event.state !== 'unknown';
    if (!hangUp.sentAt || stillThere) {
      facts = { ...facts, hangUp: { ...hangUp, sentAt: now } };
      effects.push({ kind: 'hangUp' });
    }
  }
  // Only by the wake that decided it, not by the same one delivered again.
  const asksNow = facts.probes !== before.probes || facts.ringOver !== before.ringOver;
  if (asksNow && call.callConnectionId && !facts.ended) {
    effects.push({ kind: 'probe' });
  }
  return finished();
}

type NextStep =
  | { kind: 'speak'; context: SpeechContext; repeats?: number }
  | { kind: 'transfer' }
  | { kind: 'hangUp'; by: HangUpBy }
  | null;

/** What a call that is connected wants next. */
function nextStep(call: Call, now: string): NextStep {
  const plays = call.facts.plays ?? {};
  switch (call.purpose.kind) {
    case 'speak':
    case 'test':
      if (!plays.message) return { kind: 'speak', context: 'message' };
      return isOver(plays.message) ? { kind: 'hangUp', by: 'done' } : null;
    case 'connect': {
      const { transfer } = call.facts;
      if (isLost(transfer)) {
        if (!plays.transferFailed) return { kind: 'speak', context: 'transferFailed' };
        return isOver(plays.transferFailed) ? { kind: 'hangUp', by: 'done' } : null;
      }
      if (transfer) return null;
      if (!plays.connecting) return { kind: 'speak', context: 'connecting' };
      return isOver(plays.connecting) ? { kind: 'transfer' } : null;
    }
    case 'escalate':
      return nextOfEscalation(call, now);
    case 'talk':
      return null;
  }
}

function nextOfEscalation(call: Call, now: string): NextStep {
  const plays = call.facts.plays ?? {};
  if (call.facts.acknowledgedAt) {
    if (!plays.acknowledged) return { kind: 'speak', context: 'acknowledged' };
    return isOver(plays.acknowledged) ? { kind: 'hangUp', by: 'done' } : null;
  }
  if (call.facts.takenOver) {
    if (!plays.takenOver) return { kind: 'speak', context: 'takenOver' };
    return isOver(plays.takenOver) ? { kind: 'hangUp', by: 'escalation' } : null;
  }
  const latest = ESCALATION_MESSAGES.findLastIndex((context) => plays[context]);
  const next = ESCALATION_MESSAGES[latest + 1];
  const last = lastMessage(call.facts);
  if (!last) return { kind: 'speak', context: 'message' };
  if (!isOver(last) || !next) return null;
  const asked = (call.facts.tones ?? []).filter(({ tone }) => tone === REPEAT_KEY).length;
  const met = call.facts.repeats ?? 0;
  if (asked > met) return { kind: 'speak', context: next, repeats: asked };
  if (last.failed || latest + 1 >= UNASKED_MESSAGES + met) return null;
  return Date.parse(now) >= Date.parse(last.completedAt ?? now) + SILENCE_MS
    ? { kind: 'speak', context: next }
    : null;
}

function lastMessage(facts: Facts): Step | undefined {
  return ESCALATION_MESSAGES.map((context) => facts.plays?.[context])
    .filter((step) => step !== undefined)
    .at(-1);
}

/** When the call must be looked at again if nothing happens; null when it has ended and nothing is owed. */
function wakeTime(call: Call): string | null {
  const { facts } = call;
  if (ending(call)) return null;
  const { purpose } = call;
  if (purpose.kind === 'talk') return talkDeadline(call);
  if (facts.hangUp) {
    const probes = facts.probes;
    return probes
      ? plus(probes.lastAt, HANG_UP_CONFIRMATION_MS * probes.count)
      : plus(facts.hangUp.sentAt ?? facts.hangUp.requestedAt, HANG_UP_CONFIRMATION_MS);
  }
  if (facts.connectedAt) return plus(...connectedDeadline(call, purpose, facts.connectedAt));
  if (!facts.dialSentAt) return facts.deferred?.until ?? null;
  if (!call.callConnectionId && !facts.dialAcceptedAt) {
    return plus(facts.dialSentAt, REPEATABILITY_WINDOW_MS + UNKNOWN_GRACE_MS);
  }
  if (facts.ringOver) return plus(facts.ringOver.askedAt, RING_QUESTION_MS);
  // The phone is not called before the service took the call, which may be up to 30 s after the first sending.
  return plus(facts.dialAcceptedAt ?? facts.dialSentAt, call.ringTimeoutSeconds * 1000);
}

/** When a new call must be looked at if nothing happens before; null if something will. */
export function firstLook(call: Call): string | null {
  return wakeTime(call);
}

function plus(from: string, ms: number): string {
  return new Date(Date.parse(from) + ms).toISOString();
}

/** The link expires; then the page rings until the ring timeout, talks for `TALK_LONGEST_MS`, and must keep reporting. */
function talkDeadline(call: Call): string {
  const { facts, createdAt } = call;
  const { dialSentAt, hangUp, connectedAt, talk } = facts;
  if (!dialSentAt) return plus(talk?.linkedAt ?? createdAt, TALK_LINK_MS);
  const silentAt = talkSilentAt(call, dialSentAt);
  if (hangUp) return earliest(silentAt, plus(hangUp.requestedAt, TALK_SILENCE_MS));
  if (connectedAt) return earliest(silentAt, plus(dialSentAt, TALK_LONGEST_MS));
  return earliest(silentAt, plus(talk?.ringsAt ?? dialSentAt, call.ringTimeoutSeconds * 1000));
}

function talkSilentAt({ facts }: Call, joinedAt: string): string {
  return plus(newest(facts.talk?.heardAt, joinedAt), TALK_SILENCE_MS);
}

/** How long speaking may take before its end must have been reported. Milliseconds. */
function speakingLimit({ purpose }: Call): number {
  const length = 'message' in purpose ? purpose.message.length : 0;
  return Math.min(SPEAKING_MARGIN_MS + length * SPEAKING_MS_A_CHARACTER, SPEAKING_MOST_MS);
}

function connectedDeadline(
  call: Call,
  purpose: Exclude<Purpose, { kind: 'talk' }>,
  connectedAt: string,
): [from: string, ms: number] {
  const { facts } = call;
  const plays = facts.plays ?? {};
  switch (purpose.kind) {
    case 'speak':
    case 'test':
      return [plays.message?.requestedAt ?? connectedAt, speakingLimit(call)];
    case 'connect': {
      if (isLost(facts.transfer)) {
        return [plays.transferFailed?.requestedAt ?? facts.transfer.failed.at, speakingLimit(call)];
      }
      if (facts.probes) return [facts.probes.lastAt, HANG_UP_CONFIRMATION_MS * facts.probes.count];
      if (facts.transfer?.requestedAt) return [facts.transfer.requestedAt, TRANSFER_LIMIT_MS];
      return [plays.connecting?.requestedAt ?? connectedAt, speakingLimit(call)];
    }
    case 'escalate': {
      if (facts.acknowledgedAt) return [plays.acknowledged?.requestedAt ?? facts.acknowledgedAt, SILENCE_MS];
      if (facts.takenOver) return [plays.takenOver?.requestedAt ?? facts.takenOver.at, SILENCE_MS];
      const last = lastMessage(facts);
      if (last?.failed) return [last.failed.at, SILENT_LINE_MS];
      if (last?.completedAt) return [last.completedAt, SILENCE_MS];
      return [last?.requestedAt ?? connectedAt, speakingLimit(call)];
    }
  }
}

// ---------------------------------------------------------------------------------------------------------------
// The end.

interface Ending {
  at: string;
  disposition: Disposition;
  cause: Cause;
}

/** Whether and how the call has ended, by all that is known. */
function ending(call: Call): Ending | null {
  const { facts } = call;
  const at = facts.ended?.at ?? facts.hangUp?.confirmedAt;
  if (at) return { at, ...(facts.connectedAt ? answeredEnd(call) : unansweredEnd(call)) };
  if (facts.dialUnknownAt && !isKnownToExist(call)) {
    return { at: facts.dialUnknownAt, disposition: 'failed', cause: 'outcomeUnknown' };
  }
  return null;
}

function unansweredEnd(call: Call): Omit<Ending, 'at'> {
  const { ended, hangUp } = call.facts;
  const told = ended && ended.by !== 'gone' ? outcomeOf(ended, ended.by) : null;
  // The page could not begin: the service has no result for that.
  if (call.purpose.kind === 'talk' && ended?.by === 'connectFailed') {
    return { disposition: 'failed', cause: 'setupFailed' };
  }
  const vague = !told || ['cancelled', 'failed', 'no_answer', 'answered'].includes(told.disposition);
  // A page that was gone before it could have been told to hang up says nothing of the callee.
  const isSilent = call.purpose.kind === 'talk' && ended?.by === 'gone' && hangUp?.by === 'timeout';
  if (hangUp && vague && !isSilent) return hungUpEnd(call, hangUp.by);
  if (told) return { disposition: told.disposition, cause: told.cause };
  return { disposition: 'failed', cause: call.purpose.kind === 'talk' ? 'pageSilent' : 'lostContact' };
}

function hungUpEnd(call: Call, by: HangUpBy): Omit<Ending, 'at'> {
  switch (by) {
    case 'timeout':
    case 'done':
      if (call.purpose.kind === 'talk' && !call.facts.dialSentAt) {
        return { disposition: 'cancelled', cause: 'linkNotUsed' };
      }
      return { disposition: 'no_answer', cause: 'noAnswer' };
    case 'callee':
      return { disposition: 'declined', cause: 'declined' };
    case 'escalation':
      return {
        disposition: 'cancelled',
        cause: madeWay(call, by) ? 'madeWayForAlert' : 'cancelledByEscalation',
      };
    case 'operator':
      return { disposition: 'cancelled', cause: 'cancelledByOperator' };
    case 'requester':
    case 'api':
      return { disposition: 'cancelled', cause: 'cancelledByRequester' };
  }
}

/** How a call that was answered ended. Told apart by the times of the facts, not by the order of their arrival. */
function answeredEnd(call: Call): Omit<Ending, 'at'> {
  const { facts } = call;
  const stopped = facts.hangUp && facts.hangUp.by !== 'done' && facts.hangUp.by !== 'callee';
  switch (call.purpose.kind) {
    case 'talk':
      return {
        disposition: 'connected_to_caller',
        cause: facts.ended?.by === 'gone' ? 'talkedPageSilent' : 'talked',
      };
    case 'connect':
      // 200/7015: the service ended our leg because the transfer went through.
      if (facts.transfer?.completedAt || facts.ended?.subCode === 7015) {
        return { disposition: 'connected_to_caller', cause: 'connectedToCaller' };
      }
      if (facts.transfer?.failed) return { disposition: 'failed', cause: 'transferFailed' };
      return { disposition: 'answered', cause: 'answeredAndHungUp' };
    case 'escalate':
      return facts.acknowledgedAt
        ? { disposition: 'acknowledged', cause: 'acknowledged' }
        : { disposition: 'answered', cause: 'answeredNotAcknowledged' };
    case 'speak':
    case 'test': {
      const message = facts.plays?.message;
      if (message?.completedAt) {
        return {
          disposition: 'answered',
          cause: call.purpose.kind === 'test' ? 'testAnswered' : 'messageDelivered',
        };
      }
      if (message?.failed && message.failed.subCode !== PLAY_CANCELLED) {
        return { disposition: 'failed', cause: speechCause(message.failed) };
      }
      // The message was begun, and no event said how that went on.
      const silent = facts.hangUp?.by === 'timeout' || facts.ended?.by === 'gone';
      if (message && silent && !message.failed) {
        return { disposition: 'answered', cause: 'messageNotConfirmed' };
      }
      return { disposition: 'answered', cause: stopped ? 'messageStopped' : 'messageCutShort' };
    }
  }
}

function speechCause(result: ServiceResult): Cause {
  // 8565: the speech service answered with an error of its own, whose HTTP status is the code.
  // Without an HTTP status it is our own word: there was no speech service to ask for.
  if (result.subCode === 8567) return result.code === 0 ? 'speechNotConfigured' : 'speechNotLinked';
  if (result.subCode === 8565) return result.code === 429 ? 'speechThrottled' : 'speechNotLinked';
  return 'messageNotSpoken';
}

function endData(after: CallView): NonNullable<TimelineEntry['data']> {
  return { disposition: after.disposition, cause: after.cause, code: after.code, subCode: after.subCode };
}

// ---------------------------------------------------------------------------------------------------------------
// Small parts.

/** Whether its outcome is unknown and no sign of it has come since. */
function isGivenUp(call: Call): boolean {
  return Boolean(call.facts.dialUnknownAt) && !call.facts.ended && !isKnownToExist(call);
}

/** Whether the ring timeout is over, and the service was asked whether somebody answered. */
function isRingingOut({ facts }: Call): boolean {
  return Boolean(facts.ringOver) && !facts.connectedAt && !facts.hangUp;
}

/** Whether an escalation ends a call that is none of its own: it needs the phone. */
function madeWay(call: Call, by: HangUpBy): boolean {
  return by === 'escalation' && call.purpose.kind !== 'escalate';
}

/** Whether the service has given any sign that the call exists. */
function isKnownToExist(call: Call): boolean {
  return Boolean(call.facts.dialAcceptedAt ?? call.facts.connectedAt ?? call.callConnectionId);
}

/** Sent again after a crash, `createCall` may be refused though the first one was carried out: the call itself says so. */
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
  context: SpeechContext,
  at: string,
  result: ServiceResult,
  note: Note,
): Call {
  const { facts } = call;
  const known = facts.plays?.[context]?.failed;
  if (!known) note('speakFailed', { context, code: result.code, subCode: result.subCode });
  const failed = earlierFailure(known, { ...result, at });
  return { ...call, facts: { ...facts, plays: withStep(facts, context, (step) => ({ ...step, failed })) } };
}

function transferFailed(call: Call, at: string, result: ServiceResult, note: Note): Call {
  const { facts } = call;
  const known = facts.transfer?.failed;
  if (!known) note('transferFailed', { code: result.code, subCode: result.subCode });
  const failed = earlierFailure(known, { ...result, at });
  return { ...call, facts: { ...facts, transfer: { ...facts.transfer, failed } } };
}

function withStep(
  facts: Facts,
  context: SpeechContext,
  change: (step: Step) => Step,
): NonNullable<Facts['plays']> {
  return { ...facts.plays, [context]: change(facts.plays?.[context] ?? {}) };
}

/** Whether it failed for good. */
function isLost(step: Step | undefined): step is Step & Required<Pick<Step, 'failed'>> {
  return step?.failed !== undefined && !step.completedAt;
}

function isOver(step: Step): boolean {
  return Boolean(step.completedAt ?? step.failed);
}

function hangUpFact(requestedAt: string, by: HangUpBy, byName?: string): NonNullable<Facts['hangUp']> {
  return byName ? { requestedAt, by, byName } : { requestedAt, by };
}

function earliest(a: string | undefined, b: string): string {
  return a && a < b ? a : b;
}

function newest(a: string | undefined, b: string): string {
  return a && a > b ? a : b;
}

/** Of two failures of one thing the first that happened, whichever is told first. */
function earlierFailure(a: Step['failed'], b: NonNullable<Step['failed']>): NonNullable<Step['failed']> {
  if (!a) return b;
  const rank = (one: NonNullable<Step['failed']>): string =>
    [one.at, one.code, one.subCode, one.message].join('|');
  return rank(a) <= rank(b) ? a : b;
}

/** Of two ends the more telling one; by a total order, so that the choice does not depend on which came first. */
function moreTelling(a: EndFact | undefined, b: EndFact): EndFact {
  if (!a) return b;
  const [ra, rb] = [endRank(a), endRank(b)];
  return ra <= rb ? a : b;
}

function endRank(end: EndFact): string {
  const told = end.by === 'gone' ? 0 : outcomeOf(end, end.by).weight;
  // A refusal is the end only where nothing else is.
  const weight = end.by === 'refused' ? told - 1000 : told;
  return [String(1000 - weight).padStart(4, '0'), end.at, end.by, end.code, end.subCode, end.message].join(
    '|',
  );
}

function newTones(before: Facts, after: Facts): string[] {
  const known = new Set((before.tones ?? []).map((tone) => tone.sequenceId));
  return (after.tones ?? []).filter((tone) => !known.has(tone.sequenceId)).map((tone) => tone.tone);
}

const speechContexts: Record<SpeechContext, true> = {
  message: true,
  message2: true,
  message3: true,
  message4: true,
  message5: true,
  message6: true,
  connecting: true,
  transferFailed: true,
  acknowledged: true,
  takenOver: true,
};

/** The context of a play as it comes back with the service's events; null for one that is not ours. */
function speechContext(context: string | null): SpeechContext | null {
  return context !== null && isSpeechContext(context) ? context : null;
}

export function isSpeechContext(context: string): context is SpeechContext {
  return Object.hasOwn(speechContexts, context);
}

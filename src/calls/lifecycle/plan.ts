import type { Call, CallEffect, CallEvent, Facts, HangUpBy } from '../call.ts';
import { conductOf } from '../purposes/purposes.ts';
import { ending } from './endings.ts';
import { hangUpFact, isRingingOut, withFacts, withPlay } from './facts.ts';
import { speechName } from './speech.ts';
import type { Note } from '../timeline.ts';

export interface Planned {
  call: Call;
  effects: CallEffect[];
}

/** What is known before an event, and the time at which Ringdown takes it. */
interface Moment {
  before: Facts;
  now: string;
}

/** What to do next that has not been requested yet. The requests become facts of the call. Pure. */
export function plan(call: Call, event: CallEvent, note: Note, { before, now }: Moment): Planned {
  const effects: CallEffect[] = [];
  let { facts } = call;
  const request = (effect: CallEffect, change: Facts): void => {
    effects.push(effect);
    facts = { ...facts, ...change };
  };
  const requestHangUp = (by: HangUpBy): void => {
    facts = { ...facts, hangUp: hangUpFact(now, by) };
  };

  const isOpen = !ending(call);
  if (isOpen && event.type === 'wake' && !facts.dialSentAt && facts.deferred?.triedAt === event.at) {
    effects.push({ kind: 'dial' });
  }
  if (isOpen && facts.connectedAt && !facts.hangUp && call.callConnectionId) {
    const next = conductOf(call)?.next(call, now);
    switch (next?.kind) {
      case 'speak': {
        const { speech, repeats, turn } = next;
        request(
          { kind: 'speak', speech },
          withPlay(facts, speech, (step) => ({
            ...step,
            requestedAt: now,
            ...(turn !== undefined && { turn }),
          })),
        );
        if (repeats !== undefined) facts = { ...facts, repeats };
        note({ type: 'speaking', data: { context: speechName(speech) } });
        break;
      }
      case 'transfer':
        request({ kind: 'transfer' }, { transfer: { requestedAt: now } });
        if (call.purpose.kind === 'connect') {
          note({ type: 'transferring', data: { to: call.purpose.to.displayName } });
        }
        break;
      case 'hangUp':
        requestHangUp(next.by);
        break;
      case undefined:
    }
    // On a phone the questions themselves listen.
    if (call.purpose.kind === 'escalate' && call.target.kind !== 'phone' && !facts.listen) {
      request({ kind: 'listen' }, { listen: { requestedAt: now } });
    }
  }
  // As far as the service knows, nobody has answered by the ring timeout.
  const isStillRinging = isRingingOut(withFacts(call, facts));
  if (isOpen && event.type === 'probed' && event.state !== 'connected' && isStillRinging) {
    note({ type: 'hangUpRequested', data: { by: 'timeout' } });
    requestHangUp('timeout');
  }
  if (mustSendHangUp(event, facts) && facts.hangUp && call.callConnectionId) {
    request({ kind: 'hangUp' }, { hangUp: { ...facts.hangUp, sentAt: now } });
  }
  // Only for the deadline that decided it, not if the same one is delivered again.
  const asksNow = facts.probes !== before.probes || facts.ringOver !== before.ringOver;
  if (asksNow && call.callConnectionId && !facts.ended) effects.push({ kind: 'probe' });
  return { call: { ...call, facts }, effects };
}

/** Whether to send a hang-up; one that was sent only if the call is known to live. Also after we gave the call up. */
function mustSendHangUp(event: CallEvent, { hangUp, ended }: Facts): boolean {
  if (!hangUp || hangUp.confirmedAt) return false;
  if (!hangUp.sentAt) return !ended || ended.by === 'gone';
  return !ended && event.type === 'probed' && event.state !== 'gone' && event.state !== 'unknown';
}

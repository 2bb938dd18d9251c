import type { Kysely } from 'kysely';
import type { Call } from '../calls/call.ts';
import type { Telephony } from '../calls/telephony.ts';
import type { Schema } from '../database/schema.ts';
import { loadEscalation } from '../escalations/escalationStore.ts';
import { rememberSpoken } from './alertStore.ts';

/**
 * The telephone service, so that a callee hears what the escalation stands for when it is spoken, not when the call was
 * placed: alerts join while the phone is called. What was spoken is remembered, because an acknowledgement by keys
 * covers that and no more.
 */
export function speakingOfNow(telephony: Telephony, sql: Kysely<Schema>): Telephony {
  return {
    dial: async (dial) => await telephony.dial(dial),
    listen: async (call, callConnectionId) => await telephony.listen(call, callConnectionId),
    transfer: async (call, callConnectionId, to) => await telephony.transfer(call, callConnectionId, to),
    hangUp: async (callConnectionId) => await telephony.hangUp(callConnectionId),
    probe: async (callConnectionId) => await telephony.probe(callConnectionId),
    async speak(call, callConnectionId, speech) {
      const { purpose } = call;
      if (purpose.kind !== 'escalate' || speech.context !== 'message') {
        return await telephony.speak(call, callConnectionId, speech);
      }
      const escalation = await loadEscalation(sql, purpose.escalationId);
      const now: Call = escalation ? { ...call, purpose: { ...purpose, message: escalation.summary } } : call;
      const outcome = await telephony.speak(now, callConnectionId, speech);
      if (escalation && outcome.kind === 'accepted') {
        await rememberSpoken(sql, {
          callId: call.id,
          escalationId: escalation.id,
          calleeId: call.target.id,
          revision: escalation.revision,
        });
      }
      return outcome;
    },
  };
}

import type { Call, Speech } from '../calls/call.ts';
import { calleeIdOf } from '../calls/callee.ts';
import type { Telephony } from '../calls/telephony.ts';
import type { Sql } from '../database/schema.ts';
import type { Escalation } from '../escalations/escalation.ts';
import { loadEscalation } from '../escalations/escalationStore.ts';

/**
 * Wraps the telephony so that a callee hears what the escalation says at the time of speaking, not what it said when
 * the call was placed: alerts join while the phone rings. The spoken revision is stored, because an acknowledgement by
 * keys covers the alerts up to that revision and no others.
 */
export function speakingOfNow(telephony: Telephony, sql: Sql): Telephony {
  return {
    dial: async (dial) => await telephony.dial(dial),
    listen: async (call, callConnectionId) => await telephony.listen(call, callConnectionId),
    transfer: async (call, callConnectionId, to) => await telephony.transfer(call, callConnectionId, to),
    hangUp: async (callConnectionId) => await telephony.hangUp(callConnectionId),
    probe: async (callConnectionId) => await telephony.probe(callConnectionId),
    async speak(call, callConnectionId, speech) {
      const { purpose } = call;
      if (purpose.kind !== 'escalate' || !SUMMARY.has(speech.context)) {
        return await telephony.speak(call, callConnectionId, speech);
      }
      const escalation = await loadEscalation(sql, purpose.escalationId);
      const now: Call = escalation ? { ...call, purpose: { ...purpose, message: escalation.summary } } : call;
      const outcome = await telephony.speak(now, callConnectionId, speech);
      if (escalation && outcome.kind === 'accepted') await storeSpoken(sql, call, escalation);
      return outcome;
    },
  };
}

/** What names the escalation. */
const SUMMARY: ReadonlySet<Speech['context']> = new Set(['message', 'confirm', 'pin']);

async function storeSpoken(sql: Sql, call: Call, { id, revision }: Escalation): Promise<void> {
  await sql
    .insertInto('spoken_alerts')
    .values({
      call_id: call.id,
      escalation_id: id,
      callee_id: calleeIdOf(call.target).toLowerCase(),
      revision,
    })
    .onConflict((conflict) => conflict.column('call_id').doUpdateSet({ revision }))
    .execute();
}

import { z } from 'zod';
import type { Call } from '../calls/call.ts';
import { callStateWords, shownState } from '../texts/callState.ts';
import { dispositions } from '../http/api/callSchemas.ts';
import { time } from '../http/api/timeline.ts';
import type { Texts } from '../texts/texts.ts';
import type { CallRow } from './model.ts';

export const callRowSchema: z.ZodType<CallRow> = z
  .object({
    id: z.string(),
    state: z.enum(['queued', 'dialing', 'connected', 'ended']),
    disposition: z.enum(dispositions).nullable(),
    text: z.string().describe("The state or the end in words, in the reader's language."),
    callee: z.string(),
    caller: z.string(),
    escalationId: z.string().nullable(),
    policy: z.string().nullable(),
    createdAt: time(),
    connectedAt: time().nullable(),
    endedAt: time().nullable(),
    code: z.int().nullable(),
    subCode: z.int().nullable(),
  })
  .meta({ id: 'ConsoleCall' });

/** @param policy of the call's escalation, if any */
export function callRow(call: Call, policy: string | null, texts: Texts): CallRow {
  const shown = shownState(call);
  const { status, disposition, connectedAt, endedAt, code, subCode } = shown.view;
  const { purpose } = call;
  return {
    id: call.id,
    state: status,
    disposition,
    text: callStateWords(shown, texts).text,
    callee: call.target.displayName,
    caller: call.requestedBy.name,
    escalationId: purpose.kind === 'escalate' ? purpose.escalationId : null,
    policy,
    createdAt: call.createdAt,
    connectedAt,
    endedAt,
    code,
    subCode,
  };
}

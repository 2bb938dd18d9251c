import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import type { FaultKind } from './faultPlan.ts';

/**
 * The answer of a `status` fault. Without a body of its own, it has the shape that ACS, Graph and the connector
 * share.
 */
export function statusAnswer(fault: Extract<FaultKind, { kind: 'status' }>): Answer {
  const headers = { ...fault.headers };
  if (fault.retryAfter !== undefined) headers['retry-after'] = String(fault.retryAfter);
  const body = fault.body ?? {
    error: { code: String(fault.status), message: `The emulator was told to answer ${fault.status}.` },
  };
  return json(fault.status, body, headers);
}

/** The first half of the body: invalid JSON. */
export function malformed(answer: Answer): Answer {
  const whole = answer.body ?? Buffer.from('{"callConnectionId":');
  return { ...answer, body: whole.subarray(0, Math.ceil(whole.length / 2)) };
}

/** The same answer without the id that the client expects. */
export function withoutId(answer: Answer): Answer {
  if (answer.body === null) return answer;
  const value: unknown = JSON.parse(answer.body.toString('utf8'));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return answer;
  const kept = Object.entries(value).filter(([name]) => name !== 'id' && name !== 'callConnectionId');
  return { ...answer, body: Buffer.from(JSON.stringify(Object.fromEntries(kept))) };
}

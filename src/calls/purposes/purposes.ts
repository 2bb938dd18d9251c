import type { Call, Purpose } from '../call.ts';
import type { Conduct } from './conduct.ts';
import { connect } from './connect.ts';
import { escalate } from './escalate.ts';
import { escalateByPhone } from './escalateByPhone.ts';
import { speak } from './speak.ts';

const conducts: Record<Exclude<Purpose['kind'], 'talk'>, Conduct> = { speak, test: speak, connect, escalate };

/** @returns null for a call that the browser page conducts */
export function conductOf({ purpose: { kind }, target }: Pick<Call, 'purpose' | 'target'>): Conduct | null {
  if (kind === 'escalate' && target.kind === 'phone') return escalateByPhone;
  return kind === 'talk' ? null : conducts[kind];
}

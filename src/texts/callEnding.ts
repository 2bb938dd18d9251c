import type { Cause, Disposition, ServiceResult } from '../calls/call.ts';
import { wordFor } from './entryData.ts';
import type { Texts } from './language.ts';

const wentWell: ReadonlySet<Disposition> = new Set(['answered', 'acknowledged', 'connected_to_caller']);

/** How a call ended, within a sentence, with the service's codes unless the call went well. */
export function howEnded(
  { disposition, code, subCode }: { disposition: Disposition } & Pick<ServiceResult, 'code' | 'subCode'>,
  { cards }: Pick<Texts, 'cards'>,
): string {
  const { endedInside, withCode } = cards.status;
  const words = wordFor(endedInside, disposition) ?? endedInside.unknown;
  const codes = codesOf({ code, subCode });
  return codes.code === null || wentWell.has(disposition) ? words : withCode({ words, ...codes });
}

/** The service's codes as text; `code` is null unless both are known. */
export function codesOf({
  code,
  subCode,
}: Pick<ServiceResult, 'code' | 'subCode'>): { code: string; subCode: string } | { code: null; subCode: '' } {
  return typeof code === 'number' && typeof subCode === 'number'
    ? { code: String(code), subCode: String(subCode) }
    : { code: null, subCode: '' };
}

/** A sentence that says why a call ended. */
export function whyEnded(
  cause: Cause,
  who: { callee: string; requester: string },
  { cards }: Pick<Texts, 'cards'>,
): string {
  const text = cards.cause[cause];
  return typeof text === 'string' ? text : text(who);
}

import type { Target } from '../../calls/call.ts';
import { readPhone, type PhoneProblem } from '../../config/phoneNumbers.ts';
import type { Texts } from '../../texts/texts.ts';

/* Phone numbers that people type. Whether this person may call them is the permissions' question. Pure. */

/** Why a number is called for nobody. */
type PhoneRefusal = Exclude<PhoneProblem, 'country'> | 'notSetUp';

/** The phone with a number as somebody typed it, or why nobody can call it. */
export function phoneTyped(
  text: string,
  { isOn }: { isOn: boolean },
): { target: Target } | { refused: PhoneRefusal } {
  const { number, problem } = readPhone(text, null);
  if (number === null) return { refused: problem === 'country' ? 'invalid' : problem };
  if (!isOn) return { refused: 'notSetUp' };
  return { target: { kind: 'phone', id: number.e164, displayName: number.shown } };
}

export function phoneRefused(refused: PhoneRefusal, text: string, { errors }: Texts): string {
  const words = errors.phone[refused];
  return typeof words === 'string' ? words : words({ number: text });
}

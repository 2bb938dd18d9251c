import { z } from 'zod';

// prettier-ignore
const tones = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine',
  'a', 'b', 'c', 'd', 'pound', 'asterisk',
] as const;

/** A phone key, by the service's name (swagger, `Tone`). */
export const Tone = z.enum(tones);
export type Tone = z.infer<typeof Tone>;

const milliseconds = z.number().min(0);
const codes = z.string().regex(/^\d+\/\d+$/, 'a code and a subcode, such as 403/10124');

const answers = z.strictObject({
  /** How long the phone rings before that. Default 2000. */
  afterMs: milliseconds.optional(),
  presses: z.array(z.strictObject({ tone: Tone, afterMs: milliseconds })).optional(),
  hangsUpAfterMs: milliseconds.optional(),
  /** Key presses and hanging up are timed from the end of the first spoken message, not from the answer. */
  listens: z.boolean().optional(),
  /** Everything played to this person fails with these codes. */
  playFails: codes.optional(),
});

/** How a person's phone reacts to a call. */
export const Script = z.union([
  z.strictObject({ answers }),
  z.strictObject({ declines: z.strictObject({ afterMs: milliseconds.optional(), code: codes.optional() }) }),
  /** Rings until the service gives up. */
  z.strictObject({ noAnswer: z.literal(true) }),
  z.strictObject({ busy: z.literal(true) }),
  z.strictObject({ unreachable: z.literal(true) }),
  /** The service refuses the call with these codes: 403/10124 (resource not allowed), 403/10391 (not enabled). */
  z.strictObject({ notAllowed: codes }),
  /** Rings until somebody answers or declines by hand: in a test, or on the phones page. */
  z.strictObject({ byHand: z.literal(true) }),
]);
export type Script = z.infer<typeof Script>;
export type AnswerScript = z.infer<typeof answers>;

export const answersAfterTwoSeconds: Script = { answers: { afterMs: 2000 } };

export function parseCodes(text: string): { code: number; subCode: number } {
  const [code, subCode] = text.split('/');
  return { code: Number(code), subCode: Number(subCode) };
}

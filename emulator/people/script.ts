import { z } from 'zod';

// prettier-ignore
const tones = [
  'zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine',
  'a', 'b', 'c', 'd', 'pound', 'asterisk',
] as const;

/** A phone key, by the service's name (swagger, `Tone`). */
export const Tone = z.enum(tones);
export type Tone = z.infer<typeof Tone>;

/** Keys that are pressed one after another: `4711#`. */
const Keys = z.string().regex(/^[0-9*#]*$/, 'keys of a phone, such as 4711#');

const milliseconds = z.number().min(0);
const codes = z.string().regex(/^\d+\/\d+$/, 'a code and a subcode, such as 403/10124');

const answers = z.strictObject({
  /** How long the phone rings before that. Default 2000. */
  afterMs: milliseconds.optional(),
  presses: z.array(z.strictObject({ tone: Tone, afterMs: milliseconds })).optional(),
  hangsUpAfterMs: milliseconds.optional(),
  /**
   * Which keys they press at each thing that is said, in order: `['1', '4711#', '', '5']`, none at the third. They press
   * them `afterMs` (default 500) after its end or, with `during`, after its beginning.
   */
  replies: z
    .array(
      z.union([
        Keys,
        z.strictObject({ keys: Keys, during: z.boolean().optional(), afterMs: milliseconds.optional() }),
      ]),
    )
    .optional(),
  /** Key presses and hanging up are timed from the end of the first spoken message, not from the answer. */
  listens: z.boolean().optional(),
  /** Everything played to this person fails with these codes. */
  playFails: codes.optional(),
});

/** A mailbox answers, greets, beeps, records what is said from then on, and hangs up. */
const voicemail = z.strictObject({
  /** Default 10,000. */
  afterMs: milliseconds.optional(),
  /** Default 4000. */
  greetsForMs: milliseconds.optional(),
  /** Default 60,000. */
  recordsForMs: milliseconds.optional(),
  /** Tones, in the greeting or later; timed from the answer. */
  presses: answers.shape.presses,
});

/** How a person's phone reacts to a call. */
export const Script = z.union([
  z.strictObject({ answers }),
  z.strictObject({ voicemail }),
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

type Reply = NonNullable<AnswerScript['replies']>[number];

/** A reply as it is carried out. */
export function replyOf(reply: Reply): { tones: Tone[]; during: boolean; afterMs: number } {
  const { keys, during = false, afterMs = 500 } = typeof reply === 'string' ? { keys: reply } : reply;
  return { tones: [...keys].flatMap((key) => toneOfKey[key] ?? []), during, afterMs };
}

const toneOfKey: Readonly<Record<string, Tone>> = {
  0: 'zero',
  1: 'one',
  2: 'two',
  3: 'three',
  4: 'four',
  5: 'five',
  6: 'six',
  7: 'seven',
  8: 'eight',
  9: 'nine',
  '*': 'asterisk',
  '#': 'pound',
};

export const answersAfterTwoSeconds: Script = { answers: { afterMs: 2000 } };

export function parseCodes(text: string): { code: number; subCode: number } {
  const [code, subCode] = text.split('/');
  return { code: Number(code), subCode: Number(subCode) };
}

import * as z from 'zod';
import type { Reply, ServiceResult, Speech } from '../calls/call.ts';
import { lookUp } from '../config/lookUp.ts';
import { readSpeech } from '../calls/lifecycle/speech.ts';

/*
 * What the service heard after a question (`recognize`). Microsoft's pages disagree on whether the end of the time between
 * two keys (8532) completes or fails the recognition: both are read.
 */

/** Result codes: nothing was pressed in time; no more keys came in time; a key that was not expected. */
const INITIAL_SILENCE = 8510;
const INTER_TONE_TIMEOUT = 8532;
const WRONG_TONE = 8534;

/** Keys as the service names them, as they stand on a phone. */
const KEYS: Readonly<Record<string, string>> = {
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  asterisk: '*',
  pound: '#',
};

/** Part of the event: see `cloudEvent` in callbacks.ts. */
interface Heard {
  result: ServiceResult;
  tones: readonly string[];
}

/**
 * The reply to a question.
 *
 * @returns `digits` if it is one to be judged as a PIN; the reply then says that it is wrong. Null if it tells of a failure
 */
export function replyOf(
  { context }: Speech,
  type: 'RecognizeCompleted' | 'RecognizeFailed',
  { result: { subCode }, tones }: Heard,
): { reply: Reply; digits?: string } | null {
  const isSilent = subCode === INITIAL_SILENCE || subCode === INTER_TONE_TIMEOUT;
  const isWrong = subCode === WRONG_TONE;
  if (type === 'RecognizeFailed' && !isSilent && !isWrong) return null;
  if (context === 'pin') {
    const digits = digitsOf(tones);
    return digits === '' ? { reply: { kind: 'silence' } } : { reply: { kind: 'pin', right: false }, digits };
  }
  const [tone = isWrong ? 'unknown' : undefined] = tones;
  return { reply: tone === undefined ? { kind: 'silence' } : { kind: 'key', tone } };
}

/** Without the key that ends the PIN, which the service may report or not. */
function digitsOf(tones: readonly string[]): string {
  const digits = tones.map((tone) => lookUp(KEYS, tone) ?? '?').join('');
  return digits.endsWith('#') ? digits.slice(0, -1) : digits;
}

/** The members of an event's data that say nothing about what was heard. */
const HARMLESS: ReadonlySet<string> = new Set([
  'version',
  'publicEventType',
  'callConnectionId',
  'serverCallId',
  'correlationId',
  'operationContext',
  'resultInformation',
]);

const recognition = z.looseObject({
  type: z.string().regex(/Recognize[A-Z]\w*$/),
  data: z.looseObject({ operationContext: z.unknown() }),
});

/** An event to be stored: without what was keyed in, unless it answers a question that asks for no PIN. */
export function withoutDigits(body: object): object {
  const { success, data: event } = recognition.safeParse(body);
  if (!success) return body;
  const asked = readSpeech(String(event.data.operationContext))?.context ?? 'pin';
  if (asked !== 'pin') return body;
  const members = Object.entries(event.data).filter(([name]) => HARMLESS.has(name));
  return { ...event, data: Object.fromEntries(members) };
}

import { withoutClosing } from './courtesies.ts';
import { japanese, type Frame, type Language, type Context } from './languages.ts';
import { splitMessage } from './messages.ts';
import { endsInColon, phraseAt, phraseAtEnd, sliceOf, wordsOf, type Word } from './words.ts';

/** What a message has in the slot of a frame. */
interface Filled {
  /** The words before the slot. */
  readonly verb: readonly Word[];
  readonly slot: readonly Word[];
}

/** Number of words of the frame's first part that a message begins with; 0 also if the frame begins with a slot. */
function startOf(words: readonly Word[], { parts: [before, after], slots }: Frame): number {
  const start = before ? phraseAt(words, 0, before) : 0;
  return slots.length > 0 && !after && isGlued(words[start - 1], words[start]) ? 0 : start;
}

/** "電話 田中" names a person, "電話番号" does not. */
const isGlued = (last: Word | undefined, next: Word | undefined): boolean =>
  last !== undefined && last.end === next?.start && japanese.test(next.key);

/** Number of words in the part after the slot; -1 if it is missing, or if nothing would be left for the slot. */
function endOf(words: readonly Word[], start: number, { parts, slots }: Frame): number {
  if (slots.length === 0) return start === words.length ? 0 : -1;
  const after = parts[1];
  if (!after) return 0;
  const end = phraseAtEnd(words, words.length, after);
  return end > 0 && start + end < words.length ? end : -1;
}

/** Fills the frame that has most words before the slot, then after it. */
export function fill(words: readonly Word[], frames: readonly Frame[]): Filled | undefined {
  let best: { start: number; end: number } | undefined;
  for (const frame of frames) {
    const start = startOf(words, frame);
    const end = endOf(words, start, frame);
    if ((start === 0 && frame.parts[0]) || end < 0) continue;
    if (!best || start > best.start || (start === best.start && end > best.end)) best = { start, end };
  }
  return best && { verb: words.slice(0, best.start), slot: words.slice(best.start, words.length - best.end) };
}

/** Two slots: the second is undefined if the words between them are missing. */
export function fillTwo(
  words: readonly Word[],
  { parts: [before, between, after] }: Frame,
): { first: readonly Word[]; second: readonly Word[] | undefined; end: number } | undefined {
  const start = before ? phraseAt(words, 0, before) : 0;
  const end = after ? phraseAtEnd(words, words.length, after) : 0;
  if ((before && start === 0) || (after && end === 0) || !between) return undefined;
  const rest = words.slice(start, words.length - end);
  const at = rest.findIndex((_, index) => phraseAt(rest, index, between) > 0);
  if (at < 0) return before && !after ? { first: rest, second: undefined, end } : undefined;
  return { first: rest.slice(0, at), second: rest.slice(at + phraseAt(rest, at, between)), end };
}

/** What a message has in the slot of a frame that a message to speak may follow. */
export interface Named {
  readonly named: string;
  readonly message: string | undefined;
}

/**
 * Fills a frame whose slot may be followed by a message: "ruf {person} an: …".
 *
 * @returns `colon` if a colon follows the verb, so that nobody is named
 */
export function fillWithMessage(
  words: readonly Word[],
  frames: readonly Frame[],
  context: Context,
): Named | 'colon' | undefined {
  const starts = frames.map((frame) => startOf(words, frame));
  const longest = Math.max(0, ...starts);
  const isOpen = frames.some(
    ({ parts: [before, after] }) => !before && after && words.some((_, at) => phraseAt(words, at, after) > 0),
  );
  // "Ruf" is also a name: "Ruf anrufen".
  for (const start of new Set([longest, 0])) {
    if (start === 0 && !isOpen) continue;
    const last = words[start - 1];
    if (endsInColon(last, context.text)) return 'colon';
    const { head, message } = splitMessage(context.text, last?.end ?? words[0]?.start ?? 0, context);
    const headWords = withoutClosing(wordsOf(head, context.language.spelling), context.language);
    const ends = frames.map((frame, at) =>
      starts[at] === start && frame.slots.length > 0 && (start > 0 || !frame.parts[0])
        ? endOf(headWords, 0, frame)
        : -1,
    );
    const end = Math.max(...ends);
    if (end >= 0) return { named: end === 0 ? head : sliceOf(head, headWords.slice(0, -end)), message };
  }
  return undefined;
}

/** The most words of a message for which a colon is suggested. */
const LONGEST_SUGGESTION = 200;

/**
 * A frame whose last part is followed by more words, so that only a colon is missing: "ruf Adele an, der Build ist rot".
 */
export function withoutColon(
  words: readonly Word[],
  frames: readonly Frame[],
  { text }: Context,
): { who: string; rest: string } | undefined {
  if (words.length > LONGEST_SUGGESTION) return undefined;
  for (const frame of frames) {
    const start = startOf(words, frame);
    const after = frame.parts[1];
    if ((start === 0 && frame.parts[0]) || !after) continue;
    const at = words.findIndex((_, index) => index > start && phraseAt(words, index, after) > 0);
    const last = at < 0 ? undefined : words[at + phraseAt(words, at, after) - 1];
    const pause = last && /^[\p{L}\p{N}]?\s?[,，;、\n.!。–—-]\s*/u.exec(text.slice(last.end - 1));
    if (!last || !pause) continue;
    const rest = text.slice(last.end - 1 + pause[0].length);
    return { who: sliceOf(text, words.slice(start, at)), rest };
  }
  return undefined;
}

/** The parts of "…に電話して「…」と伝えて": what names the person, and where the message starts and ends. */
export function fillCallAndSay(
  words: readonly Word[],
  text: string,
  language: Language,
): { named: string; start: number; end: number } | undefined {
  const said = withoutClosing(words, language);
  for (const frame of language.frames.callAndSay) {
    const filled = fillTwo(said, frame);
    const [first] = filled?.second ?? [];
    if (!filled || !first || filled.first.length === 0) continue;
    const before = said[said.indexOf(first) - 1];
    const after = said[said.length - filled.end];
    if (before && after) return { named: sliceOf(text, filled.first), start: before.end, end: after.start };
  }
  return undefined;
}

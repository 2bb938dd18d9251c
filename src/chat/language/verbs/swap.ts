import type { Command } from '../command.ts';
import { isOnlyClosing, withoutClosing } from '../courtesies.ts';
import { trimEdges } from '../edges.ts';
import type { Context, Frame, Language } from '../languages.ts';
import { readPerson } from '../people.ts';
import { policyIn } from '../policyNames.ts';
import { phraseAt, phraseAtEnd, sliceOf, type Phrases, type Word } from '../words.ts';

/** `swap payments with Alex on Friday` */
export function parseSwap(words: readonly Word[], context: Context): Command | undefined {
  const { language, text } = context;
  const said = withoutClosing(words, language);
  for (const frame of language.frames.swap) {
    const filled = fillThree(said, frame, language);
    if (!filled) continue;
    const lacks = (missing: 'policy' | 'person' | 'when'): Command => ({
      kind: 'incomplete',
      of: 'swap',
      missing,
    });
    const { policy: named = [], person: whom = [], when: time = [] } = filled;
    if (isOnlyClosing(named, language)) return lacks('policy');
    const policy = policyIn(named, context);
    if (policy === undefined) return { kind: 'unknown' };
    const person = whom.length === 0 ? 'missing' : readPerson(sliceOf(text, whom), context);
    if (person === 'missing') return lacks('person');
    if (typeof person === 'string') return { kind: 'unknown' };
    const when = time.length === 0 ? '' : trimEdges(sliceOf(text, time));
    return when === '' ? lacks('when') : { kind: 'swap', policy, person, when };
  }
  return undefined;
}

type Slots = Partial<Record<Frame['slots'][number], readonly Word[]>>;

/** Fills a frame of three slots. If the frame begins with its verb, the last ones may be missing. */
function fillThree(words: readonly Word[], { parts, slots }: Frame, language: Language): Slots | undefined {
  const [before, between, beforeLast, after] = parts;
  const [first, second, last] = slots;
  if (!between || !beforeLast || !first || !second || !last) return undefined;
  const start = before ? phraseAt(words, 0, before) : 0;
  const end = after ? phraseAtEnd(words, words.length, after) : 0;
  if ((before && start === 0) || (after && end === 0)) return undefined;
  const rest = words.slice(start, words.length - end);
  const mayLack = before !== null && !after;
  const one = split(rest, between);
  if (!one) return mayLack ? { [first]: rest } : undefined;
  const two = split(one.after, beforeLast);
  if (last !== 'when' || after)
    return two && { [first]: one.before, [second]: two.before, [last]: two.after };
  // "on Friday", "next Friday", "tomorrow": its first word is part of the time.
  const at = one.after.findIndex(
    (_, index) =>
      index > 0 &&
      Math.max(phraseAt(one.after, index, beforeLast), phraseAt(one.after, index, language.names.times)) > 0,
  );
  if (at < 0) return { [first]: one.before, [second]: one.after };
  return { [first]: one.before, [second]: one.after.slice(0, at), [last]: one.after.slice(at) };
}

function split(
  words: readonly Word[],
  phrases: Phrases,
): { before: readonly Word[]; after: readonly Word[] } | undefined {
  const at = words.findIndex((_, index) => phraseAt(words, index, phrases) > 0);
  return at < 0
    ? undefined
    : { before: words.slice(0, at), after: words.slice(at + phraseAt(words, at, phrases)) };
}

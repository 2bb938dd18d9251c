import { phraseAt, phraseAtEnd, phrases, type Phrase, type Word } from './words.ts';

/** Commands are English, but greetings work in every language of the cards. */
const greetings = phrases(
  'hey|hi|hello there|, yo, howdy, dear, good morning|afternoon|evening',
  'hallo, servus, moin, guten morgen|tag|abend',
);

const courtesies = phrases(
  'please, pls, plz, kindly, just, now, ok, okay, quickly, immediately, asap, urgent, urgently, go ahead and',
);

/** Polite requests. They are clear enough for a call, but not for an acknowledgement. */
const requests = phrases(
  "can|could|will|would you, can|could u, i need|want|would_like to|you_to, i'd like to|you_to",
);

const requestsAtEnd = phrases('can|could|will|would you');

/** Also between a name and its message: "call Adele now: …". */
export const hastes = phrases(
  'now, right|straight now|away, at once, immediately, asap, as soon as possible, quickly, urgently, urgent',
  'again, please, pls, plz, for me',
);

export const closings = [...hastes, ...phrases('thanks, thank you, thx, ok, okay'), ...requestsAtEnd];

/** Counts the words at the beginning that only greet, ask or are polite. */
export function leadIn(words: readonly Word[], botNames: readonly Phrase[]) {
  let [length, greets, asks] = [0, false, false];
  for (;;) {
    const greeting = Math.max(phraseAt(words, length, greetings), phraseAt(words, length, botNames));
    const request = phraseAt(words, length, requests);
    const step = Math.max(greeting, request, phraseAt(words, length, courtesies));
    if (step === 0) return { length, greets, asks };
    greets ||= greeting === step;
    asks ||= request === step;
    length += step;
  }
}

/** Removes polite words from the end, unless nothing would remain. */
export function withoutClosing(words: readonly Word[]): readonly Word[] {
  let end = words.length;
  for (;;) {
    const closing = phraseAtEnd(words, end, closings);
    if (closing === 0 || closing === end) return words.slice(0, end);
    end -= closing;
  }
}

/** Recognises "call Adele, would you". */
export function endsInRequest(words: readonly Word[]): boolean {
  const { length } = withoutClosing(words);
  return words.some((_, at) => at >= length && phraseAt(words, at, requestsAtEnd) > 0);
}

export function isOnlyClosing(words: readonly Word[]): boolean {
  const left = withoutClosing(words);
  return left.length === phraseAtEnd(left, left.length, closings);
}

import { phraseAt, phraseAtEnd, phrases, type Phrase, type Word } from './words.ts';

/** Commands are English; who greets in the other language of the cards is greeted too. */
const greetings = phrases(
  'hey|hi|hello there|, yo, howdy, dear, good morning|afternoon|evening',
  'hallo, servus, moin, guten morgen|tag|abend',
);

const courtesies = phrases(
  'please, pls, plz, kindly, just, now, ok, okay, quickly, immediately, asap, urgent, urgently, go ahead and',
);

/** Asks for something or tells a wish: enough for a call, not enough for an acknowledgement. */
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

/** How many words at the beginning only greet, ask or are polite. */
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

/** Without the polite words at the end, as long as something remains. */
export function withoutClosing(words: readonly Word[]): readonly Word[] {
  let end = words.length;
  for (;;) {
    const closing = phraseAtEnd(words, end, closings);
    if (closing === 0 || closing === end) return words.slice(0, end);
    end -= closing;
  }
}

/** "Call Adele, would you" */
export function endsInRequest(words: readonly Word[]): boolean {
  const { length } = withoutClosing(words);
  return words.some((_, at) => at >= length && phraseAt(words, at, requestsAtEnd) > 0);
}

export function isOnlyClosing(words: readonly Word[]): boolean {
  const left = withoutClosing(words);
  return left.length === phraseAtEnd(left, left.length, closings);
}

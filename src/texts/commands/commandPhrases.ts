import { z } from 'zod';

/** Commands that are a whole message. */
export const wholeKinds = [
  'acknowledge',
  'resolve',
  'hangUp',
  'status',
  'history',
  'stopCallingMe',
  'allowCalls',
  'forgetMe',
  'myCalendar',
  'myCalendarOff',
  'pause',
  'resume',
  'help',
  'thanks',
] as const;

/** What an unclear message may have meant. The first that fits decides. */
export const nearKinds = [
  'stopCallingMe',
  'escalate',
  'acknowledge',
  'resolve',
  'hangUp',
  'call',
  'cover',
  'onCall',
  'status',
  'history',
  'test',
  'pause',
  'resume',
  'forgetMe',
  'whoIs',
  'help',
  'allowCalls',
] as const;

export const limitKinds = [
  'recording',
  'transcription',
  'voicemail',
  'pickup',
  'simultaneousRinging',
  'video',
  'skypeForBusiness',
  'groupCall',
  'forwarding',
  'transfer',
] as const;

/** How the rows of each kind of list are read. */
interface Readers<Phrases, Frames> {
  readonly phrases: (rows: readonly string[]) => Phrases;
  /** Rows of single words. */
  readonly words: (rows: readonly string[]) => Phrases;
  readonly frames: (rows: readonly string[]) => Frames;
}

/** How a language writes words. */
export const spelling = {
  script: z.enum(['spaces', 'characters']),
  /** Short words that an apostrophe follows, and words that a hyphen precedes: "qu'elle", "dis-lui". */
  splits: z.strictObject({ apostrophe: z.string(), hyphen: z.string() }).optional(),
};

/** One file of this folder. docs/translating.md describes each list for translators. */
export function commandPhrases<Phrases, Frames>(read: Readers<Phrases, Frames>) {
  const rows = z.array(z.string());
  const phrases = rows.transform(read.phrases);
  const words = rows.transform(read.words);
  const frames = rows.transform(read.frames);
  return z.strictObject({
    ...spelling,
    language: z.string(),
    suggestion: z.string(),
    whole: z.record(z.enum(wholeKinds), phrases),
    howTo: phrases,
    frames: z.strictObject({
      call: frames,
      callMe: phrases.prefault([]),
      callAndSay: frames.prefault([]),
      escalate: frames,
      test: frames,
      onCall: frames,
      cover: frames,
      swap: frames,
      whoIs: frames,
      whoAmI: phrases,
      language: frames.prefault([]),
    }),
    message: phrases.prefault([]),
    policy: z.strictObject({ before: phrases, after: phrases }),
    choice: z.strictObject({
      before: phrases,
      after: phrases.prefault([]),
      ordinals: z.array(z.string().transform((row) => read.phrases([row]))),
    }),
    polite: z.strictObject({
      greetings: phrases,
      courtesies: phrases,
      requests: phrases,
      requestsAtEnd: phrases,
      hastes: phrases,
      closings: phrases,
      byPhone: phrases.prefault([]),
    }),
    names: z.strictObject({
      me: words,
      unnamed: words,
      pronouns: words,
      sentence: words,
      notInNames: words,
      notFirst: words,
      notAfterFirst: words.prefault([]),
      notWithin: words.prefault([]),
      alsoNames: words.prefault([]),
      namesWithMessage: words.prefault([]),
      conjunctions: words,
      times: words,
      titles: words.prefault([]),
      addressBefore: words.prefault([]),
      addressAfter: words.prefault([]),
      articles: words.prefault([]),
      and: words.prefault([]),
    }),
    automatic: phrases.prefault([]),
    emergency: phrases,
    limits: z.partialRecord(z.enum(limitKinds), frames).prefault({}),
    near: z.partialRecord(z.enum(nearKinds), phrases),
  });
}

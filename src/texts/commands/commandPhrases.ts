import { z } from 'zod';
import { framesIn, isSlot, phrasesIn, type Slot } from './notation.ts';

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

/** What becomes of the rows of a list. */
interface Readers<Phrases, Frames> {
  readonly phrases: (rows: readonly string[]) => Phrases;
  /** Rows of single words. */
  readonly words: (rows: readonly string[]) => Phrases;
  readonly frames: (rows: readonly string[]) => Frames;
}

/** How a language writes words; see the file's own description in docs/translating.md. */
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
    emergency: phrases,
    limits: z.partialRecord(z.enum(limitKinds), frames).prefault({}),
    near: z.partialRecord(z.enum(nearKinds), phrases),
  });
}

const asWritten = (rows: readonly string[]): readonly string[] => rows;
const written = commandPhrases({ phrases: asWritten, words: asWritten, frames: asWritten });
type Written = z.infer<typeof written>;

/** The slots of each list of frames. The first is required. */
const slotsOf: Readonly<Partial<Record<string, readonly Slot[]>>> = {
  call: ['person'],
  callAndSay: ['person', 'message'],
  escalate: ['targets'],
  test: ['policy'],
  onCall: ['policy'],
  cover: ['policy', 'until'],
  whoIs: ['person'],
  language: ['rest'],
};

/** Without a slot Ringdown asks whom to call, or says which languages there are. */
const mayLackSlot = new Set(['call', 'language']);

/**
 * What is wrong with a file of phrases.
 *
 * @returns sentences for the translator; empty if nothing is wrong
 */
export function problemsIn(file: unknown): string[] {
  const read = written.safeParse(file);
  if (!read.success) {
    return read.error.issues.map((issue) => {
      const where = issue.path.join(' → ') || 'The file';
      if (issue.code === 'unrecognized_keys')
        return `${where}: there is no list named ${issue.keys.join(', ')}.`;
      return `${where}: ${issue.message}.`;
    });
  }
  const phrases = read.data;
  return [...notationProblems(phrases), ...frameProblems(phrases), ...sameWordings(phrases)];
}

/** Every row of a file with the path of its list. */
function rowsIn(value: unknown, path: string): (readonly [path: string, row: string])[] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const isRow = Array.isArray(value);
    return rowsIn(inner, isRow ? path : path === '' ? key : `${path} → ${key}`);
  });
}

const notPhrases = new Set(['language', 'script', 'suggestion']);

function notationProblems(phrases: Written): string[] {
  return rowsIn(phrases, '').flatMap(([path, row]) => {
    if (notPhrases.has(path)) return [];
    const found: string[] = [];
    const empty = row
      .split(', ')
      .filter((pattern) => !pattern.includes('{') && phrasesIn(pattern).includes(''));
    if (empty.length > 0 && path !== 'policy → before')
      found.push(`has a phrase that may be left out completely: "${empty.join('", "')}"`);
    if (row.trim() !== row || row.includes('  ')) found.push('has a space too many');
    if (row !== row.toLowerCase()) found.push('has a capital letter: phrases are in lower case');
    if (/,(?! )|, *,|,$/.test(row)) found.push('has a comma that is not between two phrases');
    if (/[.!?:;¿¡。！？：、]/.test(row))
      found.push('has punctuation: the reader ignores it, so leave it out');
    return found.map((problem) => `${path}: "${row}" ${problem}.`);
  });
}

function frameProblems({ frames, suggestion }: Written): string[] {
  const found = Object.entries(frames).flatMap(([list, patterns]) => {
    const allowed = slotsOf[list] ?? [];
    return patterns.flatMap((row) =>
      framesIn(row).flatMap(({ parts, slots }) => {
        const wrong = slots.filter((slot) => !isSlot(slot) || !allowed.includes(slot));
        if (wrong.length > 0)
          return [`frames → ${list}: "${row}" has {${wrong.join('}, {')}}, which is not used here.`];
        if (
          slots.length < allowed.length &&
          (list === 'callAndSay' || (slots.length === 0 && !mayLackSlot.has(list)))
        ) {
          return [
            `frames → ${list}: "${row}" lacks {${allowed.filter((slot) => !slots.includes(slot)).join('}, {')}}.`,
          ];
        }
        if (slots.length > 0 && parts.every((part) => part === '')) {
          return [
            `frames → ${list}: "${row}" has no words beside the slot, so that it would fit every message.`,
          ];
        }
        const open = parts.filter((part) => part !== '' && phrasesIn(part).includes(''));
        return open.length > 0
          ? [`frames → ${list}: "${open.join('", "')}" may be left out completely.`]
          : [];
      }),
    );
  });
  const missing = ['{person}', '{message}'].filter((slot) => !suggestion.includes(slot));
  return [...found, ...missing.map((slot) => `suggestion: "${suggestion}" lacks ${slot}.`)];
}

function sameWordings({ whole }: Written): string[] {
  const kinds = new Map<string, string>();
  return Object.entries(whole).flatMap(([kind, patterns]) =>
    patterns.flatMap(phrasesIn).flatMap((phrase) => {
      const other = kinds.get(phrase) ?? kind;
      kinds.set(phrase, kind);
      return other === kind ? [] : [`whole: "${phrase}" stands for ${other} and for ${kind}.`];
    }),
  );
}

import type { z } from 'zod';
import { commandPhrases } from './commandPhrases.ts';
import { framesIn, isSlot, phrasesIn, type Slot } from './notation.ts';

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
  swap: ['policy', 'person', 'when'],
  whoIs: ['person'],
  language: ['name'],
};

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
      if (issue.code === 'invalid_type') return `${where}: this list is missing, or is not written in [ ].`;
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
          (list === 'callAndSay' || (slots.length === 0 && list !== 'call'))
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

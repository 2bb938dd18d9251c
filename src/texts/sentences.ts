import { Verbatim } from './message.ts';
import type { Texts } from './language.ts';

/** Sentences as one text. Some languages put a space between them. */
export function together(sentences: readonly string[], { cards }: Pick<Texts, 'cards'>): string {
  return sentences.reduce((first, second) =>
    cards.sentences({ first: new Verbatim(first), second: new Verbatim(second) }),
  );
}

/** Puts the space of the language, if it has one, before a sentence that follows another one in a run of its own. */
export function following(sentence: string, texts: Pick<Texts, 'cards'>): string {
  return together(['', sentence], texts);
}

/** A name and what describes it, or two such descriptions: "Adele Vance, Retail Manager". */
export function described(name: string, about: string | null, { cards }: Pick<Texts, 'cards'>): string {
  return about ? cards.described({ name: new Verbatim(name), about: new Verbatim(about) }) : name;
}

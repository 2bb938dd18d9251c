import { Verbatim, type Values } from '../texts/message.ts';
import type { Texts } from '../texts/texts.ts';
import type { PageTexts } from './pageModel.ts';

/** The texts of the page. The number of a microphone and the name of a key are left to fill in. */
export function pageTexts({ say }: Texts, callee: string): PageTexts {
  const values = { callee, number: new Verbatim('{number}'), key: new Verbatim('{key}') };
  return filledIn(say.talk.page, values) as PageTexts;
}

function filledIn(group: object, values: Values): object {
  const entries: [string, string | object | ((all: Values) => string)][] = Object.entries(group);
  return Object.fromEntries(
    entries.map(([name, text]) => {
      if (typeof text === 'string') return [name, text];
      return [name, isSentence(text) ? text(values) : filledIn(text, values)];
    }),
  );
}

function isSentence(text: object): text is (all: Values) => string {
  return typeof text === 'function';
}

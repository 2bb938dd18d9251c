import type { Requester } from '../../calls/call.ts';
import type { Sql } from '../../database/schema.ts';
import type { ChosenLanguages } from '../../languages/chosenLanguages.ts';
import { textsFor, type Texts } from '../../texts/texts.ts';
import { chatWith } from '../connector/conversationStore.ts';

interface Parts {
  sql: Sql;
  languages: Pick<ChosenLanguages, 'of'>;
  /** The language of the file; undefined if it names none. */
  standard: () => string | undefined;
}

type Reader = Pick<Requester, 'key' | 'objectId'>;

/** Finds the language of people whom Ringdown writes to: see ChosenLanguages.of. */
export class Readers {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Like `knownOf`; the language of the file if nothing is known. */
  async languageOf(...reader: Parameters<Readers['knownOf']>): Promise<string | undefined> {
    return (await this.knownOf(...reader)) ?? this.#parts.standard();
  }

  /**
   * If the database does not say what they wrote last, the rest counts.
   *
   * @param says the locale of their client; undefined if it says none, or if they are written to unasked
   * @param otherwise the language of a policy
   */
  async knownOf(
    { key, objectId }: Reader,
    says: string | undefined,
    otherwise?: string,
  ): Promise<string | undefined> {
    const { sql, languages } = this.#parts;
    const mustLookUp = says === undefined && objectId !== undefined;
    const chat = mustLookUp ? await chatWith(sql, objectId).catch(() => null) : null;
    return languages.of(key, says, chat?.locale, otherwise);
  }

  /** For a Teams user who is written to unasked. */
  async textsFor(objectId: string): Promise<Texts> {
    return textsFor(await this.languageOf({ key: objectId, objectId }, undefined));
  }
}

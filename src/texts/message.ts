import { IntlMessageFormat } from 'intl-messageformat';
import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import type { Formats } from './formats.ts';
import { inSentence } from './plainText.ts';

/** What a sentence is about. Text is inserted so that it cannot break out of the sentence. */
export type Values = Readonly<Record<string, string | number | boolean | null | Verbatim>>;

/** Text that is inserted as it is: it was prepared for its place. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * What a parameter takes.
 *
 * - `text`: `{name}`
 * - `number`: `{count, number}` and `{count, plural, …}`
 * - `flag`: `{test, select, yes {…} other {…}}`
 * - `optional`: `{by, select, none {…} other {… {by} …}}`: text or null
 * - `word`: any other `select`: one of a few words
 */
export type ParameterKind = 'text' | 'number' | 'flag' | 'optional' | 'word';

export interface Message {
  readonly parameters: ReadonlyMap<string, ParameterKind>;
  format: (values: Values) => string;
}

/** Appended to the name of a parameter whose presence is asked for. It cannot stand in a name. */
const PRESENCE = '?';

/**
 * Reads a sentence in ICU MessageFormat (https://unicode-org.github.io/icu/userguide/format_parse/messages/). Tags have
 * no meaning in it.
 *
 * @throws SyntaxError that says what is wrong, with the sentence
 */
export function parseMessage(text: string, formats: Formats): Message {
  const elements = elementsOf(text);
  const parameters = new Map<string, ParameterKind>();
  note(elements, parameters);
  let compiled: IntlMessageFormat | undefined;
  return {
    parameters,
    format: (values) => {
      compiled ??= new IntlMessageFormat(elements, formats.locale, undefined, { formatters: formats });
      return String(compiled.format(prepared(values, parameters, formats.locale)));
    },
  };
}

function elementsOf(text: string): MessageFormatElement[] {
  try {
    return parse(text, { ignoreTag: true, requiresOtherClause: true });
  } catch (error) {
    throw new SyntaxError(`${error instanceof Error ? error.message : String(error)} in "${text}"`, {
      cause: error,
    });
  }
}

/** Notes the parameters of a sentence, and gives a `select` on presence a value of its own. */
function note(elements: readonly MessageFormatElement[], parameters: Map<string, ParameterKind>): void {
  for (const element of elements) {
    switch (element.type) {
      case TYPE.argument:
        if (!parameters.has(element.value)) parameters.set(element.value, 'text');
        break;
      case TYPE.number:
        parameters.set(element.value, 'number');
        break;
      case TYPE.select: {
        const kind = kindOfSelect(Object.keys(element.options));
        parameters.set(element.value, kind);
        if (kind === 'optional') element.value += PRESENCE;
        for (const { value } of Object.values(element.options)) note(value, parameters);
        break;
      }
      case TYPE.plural:
        if (element.pluralType !== 'cardinal') throw new SyntaxError('texts use no ordinal numbers');
        parameters.set(element.value, 'number');
        for (const { value } of Object.values(element.options)) note(value, parameters);
        break;
      case TYPE.literal:
      case TYPE.pound:
        break;
      default:
        throw new SyntaxError(`{${element.value}} has a type that texts do not use`);
    }
  }
}

function kindOfSelect(options: readonly string[]): ParameterKind {
  if (options.includes('none')) return 'optional';
  return options.includes('yes') ? 'flag' : 'word';
}

function prepared(
  values: Values,
  parameters: ReadonlyMap<string, ParameterKind>,
  locale: string,
): Record<string, string | number> {
  const all: Record<string, string | number> = {};
  for (const [name, value] of Object.entries(values)) {
    const kind = parameters.get(name);
    if (kind === 'optional') all[`${name}${PRESENCE}`] = value === null || value === '' ? 'none' : 'other';
    if (typeof value === 'number') all[name] = value;
    else if (typeof value === 'boolean') all[name] = value ? 'yes' : 'no';
    else if (value instanceof Verbatim) all[name] = value.text;
    else all[name] = value === null ? '' : inSentence(value, locale);
  }
  return all;
}

import { escapeMarkdown } from './markdown.ts';

/** A piece of an Adaptive Card's JSON. */
export type Element = Readonly<Record<string, unknown>>;

/** What a message shows: the card, and the same in plain words for where cards are not shown. */
export interface Rendered {
  /** Adaptive Card 1.5. */
  card: Element;
  text: string;
}

/** Teams refuses messages of more than about 28 KB. */
export const CARD_LIMIT_BYTES = 28_000;
/** A photo as data URI takes part in that. */
const PHOTO_LIMIT = 12_000;

export function adaptiveCard(parts: { body: Element[]; actions: Element[]; text: string }): Rendered {
  const { body, actions, text } = parts;
  return {
    text,
    card: {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.5',
      fallbackText: text,
      speak: text,
      body,
      ...(actions.length > 0 ? { actions } : {}),
    },
  };
}

/** Our own words: Markdown in them is meant, and times may be written as `time()`. */
export function words(text: string, style: Element = {}): Element {
  return { type: 'TextBlock', text, wrap: true, ...style };
}

/** Words that hold what people wrote, with no Markdown in them. */
export function quoted(text: string, style: Element = {}): Element {
  return words(escapeMarkdown(text), style);
}

/** Runs of text in which nothing is read as Markdown; always wrapped. */
export function runs(
  parts: readonly (string | (Element & { text: string }))[],
  style: Element = {},
): Element {
  const inlines = parts.map((part) => ({
    type: 'TextRun',
    ...(typeof part === 'string' ? { text: part } : part),
  }));
  return { type: 'RichTextBlock', inlines, ...style };
}

/** A point in time that each reader sees by their own clock. The function takes no fractions of a second. */
export function time(at: string): string {
  return `{{TIME(${at.replace(/\.\d+(?=Z$)/, '')})}}`;
}

export interface PersonLook {
  name: string;
  /** Title, department: one line. */
  about: string | null;
  /** Data URI. */
  photo: string | null;
}

/** More of a name, and of what somebody is, is not shown: five of them must fit one message. */
const NAME_SHOWN = 80;
const ABOUT_SHOWN = 160;

/** What the message adds around the card. */
const ENVELOPE_BYTES = 500;

/** Pictures are ornaments: where all of it would be too large for a message, it goes without them. */
export function fittingPhotos<T extends PersonLook>(
  people: readonly T[],
  render: (people: readonly T[]) => Rendered,
): Rendered {
  const rendered = render(people);
  const bytes = Buffer.byteLength(JSON.stringify(rendered)) + ENVELOPE_BYTES;
  return bytes < CARD_LIMIT_BYTES ? rendered : render(people.map((person) => ({ ...person, photo: null })));
}

/** As it is shown, in rows and in plain words. */
export function shownLook<T extends PersonLook>(look: T): T {
  const about = look.about === null ? null : shortened(look.about, ABOUT_SHOWN);
  return { ...look, name: shortened(look.name, NAME_SHOWN), about };
}

function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** Photo or initials, name, and what the person is; in a list with its number. */
export function personRow(look: PersonLook, style: Element = {}, number?: number): Element {
  const person = shownLook(look);
  const items = [quoted(String(number), { weight: 'Bolder' })];
  return {
    type: 'ColumnSet',
    ...style,
    columns: [
      ...(number === undefined
        ? []
        : [{ type: 'Column', width: 'auto', verticalContentAlignment: 'Center', items }]),
      avatar(person),
      {
        type: 'Column',
        width: 'stretch',
        verticalContentAlignment: 'Center',
        items: [
          quoted(person.name, { weight: 'Bolder', size: 'Medium', style: 'heading', maxLines: 2 }),
          ...(person.about ? [quoted(person.about, { isSubtle: true, spacing: 'None', maxLines: 2 })] : []),
        ],
      },
    ],
  };
}

/** What can be said, and what it does. */
export function commandRow({ say, does }: { say: string; does: string }): Element {
  return {
    type: 'Container',
    spacing: 'Small',
    items: [
      quoted(say, { fontType: 'Monospace' }),
      quoted(does, { isSubtle: true, size: 'Small', spacing: 'None' }),
    ],
  };
}

function avatar({ name, photo }: PersonLook): Element {
  if (photo && photo.length <= PHOTO_LIMIT) {
    const image = {
      type: 'Image',
      url: photo,
      altText: name,
      style: 'Person',
      width: '44px',
      height: '44px',
    };
    return { type: 'Column', width: '44px', items: [image] };
  }
  return {
    type: 'Column',
    // A coloured column is padded: two wide letters need this much.
    width: '54px',
    minHeight: '44px',
    style: 'emphasis',
    verticalContentAlignment: 'Center',
    items: [
      quoted(initials(name), {
        weight: 'Bolder',
        size: 'Small',
        horizontalAlignment: 'Center',
        wrap: false,
      }),
    ],
  };
}

/** First letters of the first and the last word; marks and brackets do not count. */
export function initials(name: string): string {
  const letters = name
    .replace(/\(.*?\)/gu, ' ')
    .split(/[\s,.]+/u)
    .flatMap((word) => /\p{L}\p{M}*/u.exec(word)?.[0] ?? []);
  const [first = '?', ...rest] = letters;
  return `${first}${rest.at(-1) ?? ''}`.toLocaleUpperCase();
}

/** Names what a button does: the presses are read in presses.ts. */
export type Verb =
  | 'hangUp'
  | 'callAgain'
  | 'speak'
  | 'talkLink'
  | `choose${number}`
  | 'chooseOther'
  | EscalationVerb
  | HistoryVerb;
/** Those of escalations. */
export type EscalationVerb = 'acknowledge' | 'cantTake' | 'callNext' | 'resolve' | 'stop';

/** Those of the history. */
export type HistoryVerb = 'historyPage' | 'historyCall';

/**
 * A button that is answered at once, with the refreshed card. Where a channel does not know it, the same as a
 * message. It carries nothing but the opaque id: who may press is decided at the press.
 */
export function button(title: string, verb: Verb, id: string, style: Element = {}): Element {
  return {
    type: 'Action.Execute',
    title,
    verb,
    data: { c: id },
    ...style,
    fallback: { type: 'Action.Submit', title, data: { c: id, verb }, ...style },
  };
}

const MESSAGE_LIMIT = 1_000;

/** Where a message to be spoken is typed: `message` of the press. */
export function messageInput(label: string, placeholder: string): Element {
  return {
    type: 'Input.Text',
    id: 'message',
    label,
    placeholder,
    isMultiline: true,
    maxLength: MESSAGE_LIMIT,
  };
}

export function toggle(title: string, elementId: string): Element {
  return { type: 'Action.ToggleVisibility', title, targetElements: [elementId] };
}

export function openUrl(title: string, url: string, style: Element | null = null): Element {
  return { type: 'Action.OpenUrl', title, url, ...style };
}

/** With a capital first letter, as Adaptive Cards write colours. */
export function capital(color: string): string {
  return `${color.charAt(0).toUpperCase()}${color.slice(1)}`;
}

import type { EscalationAct } from '../../../escalations/possibleActs.ts';
import { escapeMarkdown } from './markdown.ts';

/** A piece of an Adaptive Card's JSON. */
export type Element = Readonly<Record<string, unknown>>;

/** What a message shows: the card, and the same as plain text for clients that show no cards. */
export interface Rendered {
  /** Adaptive Card 1.5. */
  card: Element;
  text: string;
}

/** Teams rejects messages of more than about 28 KB. */
export const CARD_LIMIT_BYTES = 28_000;
/** The longest photo that is shown, as a data URI. It counts towards the card's limit. */
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

/** Our own words, which may contain Markdown and `time()`. */
export function words(text: string, style: Element = {}): Element {
  return { type: 'TextBlock', text, wrap: true, ...style };
}

/** Words that contain what people wrote. Markdown in them is escaped. */
export function quoted(text: string, style: Element = {}): Element {
  return words(escapeMarkdown(text), style);
}

/** Text runs, in which clients read no Markdown. Always wrapped. */
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

/** A time that each client shows in its own time zone. Fractions of a second are not supported. */
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

/** Longer names and titles are cut: five people must fit in one message. */
const NAME_SHOWN = 80;
const ABOUT_SHOWN = 160;

/** What the message adds to the size of the card. */
const ENVELOPE_BYTES = 500;

/** Leaves out all photos if the card would be too large for a message with them. */
export function fittingPhotos<T extends PersonLook>(
  people: readonly T[],
  render: (people: readonly T[]) => Rendered,
): Rendered {
  const rendered = render(people);
  const bytes = Buffer.byteLength(JSON.stringify(rendered)) + ENVELOPE_BYTES;
  return bytes < CARD_LIMIT_BYTES ? rendered : render(people.map((person) => ({ ...person, photo: null })));
}

/** The look as it is shown, with long texts cut. */
export function shownLook<T extends PersonLook>(look: T): T {
  const about = look.about === null ? null : shortened(look.about, ABOUT_SHOWN);
  return { ...look, name: shortened(look.name, NAME_SHOWN), about };
}

function shortened(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text;
}

/** Photo or initials, name and title; in a numbered list, also the number. */
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

/** A command and what it does. */
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
    // A coloured column has padding, so two wide letters need this much.
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

/** The first letters of the first and the last word, without punctuation and text in brackets; a telephone for a number. */
export function initials(name: string): string {
  if (/^\+\d/u.test(name)) return '☎';
  const letters = name
    .replace(/\(.*?\)/gu, ' ')
    .split(/[\s,.]+/u)
    .flatMap((word) => /\p{L}\p{M}*/u.exec(word)?.[0] ?? []);
  const [first = '?', ...rest] = letters;
  return `${first}${rest.at(-1) ?? ''}`.toLocaleUpperCase();
}

/** What a button does. Presses are handled in presses.ts. */
export type Verb =
  | 'hangUp'
  | 'callAgain'
  | 'speak'
  | 'talkLink'
  | `choose${number}`
  | 'chooseOther'
  | EscalationAct
  | ExchangeVerb
  | HistoryVerb;

/** Verbs of an offer to exchange duty. */
export type ExchangeVerb = 'exchangeYes' | 'exchangeNo' | 'exchangeWithdraw' | 'exchangeAsk';

/** Verbs of the history. */
export type HistoryVerb = 'historyPage' | 'historyCall';

/**
 * A button whose press is answered at once with the updated card. On channels that do not support it, the press arrives
 * as a message. It carries only the opaque id; the handler checks who may press it.
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

/** The input for a message to speak. The press contains it as `message`. */
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

/** Capitalises a colour's name, as Adaptive Cards require. */
export function capital(color: string): string {
  return `${color.charAt(0).toUpperCase()}${color.slice(1)}`;
}

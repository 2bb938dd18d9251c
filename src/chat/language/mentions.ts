/**
 * Reads a message as plain text with its mentions, without the markup of Teams and other channels. This does not use
 * botbuilder's `removeRecipientMention`, which strips only the first mention and throws if there is no text.
 */

import { isCopyTooLong, withoutQuotes } from './quotes.ts';

/** A mentioned person. `id` is the channel's id (`29:…` on Teams), not an Entra object id. */
export interface Mention {
  readonly id: string;
  readonly name: string;
}

export interface Utterance {
  /** Plain text without quotes and mentions of the bot. Other mentions are replaced by a {@link placeholder}. */
  readonly text: string;
  /** Each person once, in the order of first mention. */
  readonly mentions: Mention[];
  readonly mentionsBot: boolean;
  /** Longer than {@link maximumLength}: say so instead of parsing it. */
  readonly tooLong: boolean;
}

/** The parts of a Bot Framework activity that are read here. `entities` is unchecked input. */
export interface RawActivity {
  readonly text?: string;
  readonly entities?: unknown;
  /** Teams attaches a copy of the message that includes the quotes. */
  readonly attachments?: unknown;
  readonly recipient?: { readonly id: string };
}

/** The longest message that is read, in UTF-16 units after trimming. */
export const maximumLength = 4_000;
// The limit with markup and escapes. Longer messages are not parsed, which bounds the work.
const maximumRawLength = 40_000;
const maximumEntities = 100;

const privateUse = /[\uE000-\uF8FF]/g;

/** Stands for `mentions[index]` in a text. Private-use characters in the input are removed first. */
export const placeholder = (index: number): string => `\uE000${index}\uE001`;
export const placeholders = /\uE000(\d{1,3})\uE001/g;

/** Replaces the placeholders by the mentioned names. */
export const namesOf = (text: string, mentions: readonly Mention[]): string =>
  text.replace(placeholders, (_, index: string) => mentions[Number(index)]?.name ?? '');

interface Entity extends Mention {
  /** As written in the activity's text: `<at>Adele</at>`, or `@Adele` on other channels. */
  readonly raw: string;
  readonly label: string;
}

interface Spot {
  readonly start: number;
  readonly end: number;
  readonly raw: string;
  readonly label: string;
}

// Every character class in these patterns stops at the next "<", so no part of a text is read more than twice.
const atElement = /<at(?:\s[^<>]*)?>([^<>]*)<\/at>/gi;
const atTag = /<\/?at(?:\s[^<>]*)?>/gi;
const lineTag = /<(?:br|\/p|\/div|\/li|\/h[1-6]|\/blockquote|\/pre)\s?\/?>/gi;
// Attributes must look like attributes: "if a <b and c> d" contains no tag.
const knownTag =
  /<\/?(?:p|div|span|br|b|strong|i|em|u|s|a|ul|ol|li|code|pre|blockquote|h[1-6]|font)(?:\s[\w:-]+=[^<>]*["'])?\s?\/?>/gi;
// Mail addresses arrive as [x](mailto:x) in Markdown and as <mailto:x|x> from Slack.
const mailLink =
  /\[([^[\]<>]{1,320})\]\(mailto:[^()<>\s]{1,320}\)|<mailto:[^<>|\s]{1,320}\|([^<>|]{1,320})>/gi;
const escape = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/gi;
const named = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/**
 * Normalises a text: NFC, no control or invisible characters (except joiners, which names and emoji need), one kind of
 * space, no empty lines, trimmed. Idempotent.
 */
export function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\v\f\u0085\u2028\u2029]/g, '\n')
    .replace(/[[\p{Cc}\p{Cf}]--[\t\n\u200C\u200D]]/gv, '')
    .normalize('NFC')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();
}

/**
 * Reads the text and the mentions of an activity. Never throws, and ignores malformed entities.
 *
 * Two people with the same written name are matched by the order of their entities. If there are more or fewer mentions
 * than entities, the name stays plain text, and the bot asks whom it means.
 */
export function readMentions(activity: RawActivity): Utterance {
  const written = (typeof activity.text === 'string' ? activity.text : '').replace(privateUse, '').trim();
  const entities = entitiesOf(activity.entities);
  const botId = field(activity.recipient, 'id');
  const isBot = (entity: Entity): boolean => entity.id === botId;
  if (written.length > maximumRawLength || isCopyTooLong(activity)) {
    const text = tidy(written.slice(0, maximumRawLength));
    return { text, mentions: [], mentionsBot: entities.some(isBot), tooLong: true };
  }
  const { text: own, quoted } = withoutQuotes({ text: written, attachments: activity.attachments });
  const raw = own.replace(privateUse, '').trim();
  // A mention inside a quote does not address anybody.
  const isQuoted = ({ raw: mark }: Entity): boolean =>
    mark !== '' && quoted.includes(mark) && !raw.includes(mark);
  const mentionsBot = entities.some((entity) => isBot(entity) && !isQuoted(entity));

  const people = new Map<string, { index: number; name: string }>();
  const parts: string[] = [];
  let end = 0;
  let last: string | undefined;
  for (const { spot, entity } of ownersOf(spotsOf(raw, entities), entities)) {
    const between = plain(raw.slice(end, spot.start));
    end = spot.end;
    if (!entity || isBot(entity)) {
      parts.push(between, entity ? ' ' : spot.label);
      last = undefined;
      continue;
    }
    // Teams may split one person into two mentions, one for the first and one for the last name.
    const adjacent = last === entity.id && between.trim() === '';
    const person = people.get(entity.id);
    if (person) person.name = joinNames(person.name, entity.name, adjacent);
    const { index } = person ?? { index: people.size };
    if (!person) people.set(entity.id, { index, name: entity.name });
    if (!adjacent) parts.push(between, placeholder(index));
    last = entity.id;
  }
  parts.push(plain(raw.slice(end)));

  const text = tidy(parts.join(''));
  const mentions = [...people].map(([id, { name }]) => ({ id, name }));
  return { text, mentions, mentionsBot, tooLong: text.length > maximumLength };
}

function joinNames(known: string, next: string, adjacent: boolean): string {
  if (known.includes(next)) return known;
  if (next.includes(known)) return next;
  return adjacent ? `${known} ${next}` : known;
}

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;

function entitiesOf(value: unknown): Entity[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, maximumEntities).flatMap((entity: unknown) => {
    const id = field(field(entity, 'mentioned'), 'id');
    if (field(entity, 'type') !== 'mention' || typeof id !== 'string' || id === '') return [];
    const text = field(entity, 'text');
    const name = field(field(entity, 'mentioned'), 'name');
    const raw = typeof text === 'string' ? text.replace(privateUse, '').trim() : '';
    const label = labelOf(raw);
    return [{ id, raw, label, name: (typeof name === 'string' && tidy(plain(name))) || label }];
  });
}

const labelOf = (raw: string): string => tidy(plain(raw)).replace(/^@/, '');

/** The places of all mentions, in order and without overlaps. */
function spotsOf(text: string, entities: readonly Entity[]): Spot[] {
  const spots: Spot[] = [...text.matchAll(atElement)].map((match) => {
    const [raw] = match;
    return { start: match.index, end: match.index + raw.length, raw, label: labelOf(raw) };
  });
  const literals = new Set(
    entities.map(({ raw }) => raw).filter((raw) => raw !== '' && !/^<at[\s>]/i.test(raw)),
  );
  for (const raw of literals) {
    for (let start = text.indexOf(raw); start !== -1; start = text.indexOf(raw, start + raw.length)) {
      const end = start + raw.length;
      // "@Adelena" does not mention "@Adele".
      if (!/^[\p{L}\p{N}]/u.test(text.slice(end, end + 2)))
        spots.push({ start, end, raw, label: labelOf(raw) });
    }
  }
  spots.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return spots.filter((spot) => {
    const free = spot.start >= end;
    if (free) end = spot.end;
    return free;
  });
}

/** Finds the entity for each spot: the one with exactly this markup, otherwise the one with the same name. */
function ownersOf(spots: readonly Spot[], entities: readonly Entity[]): { spot: Spot; entity?: Entity }[] {
  const byRaw = Map.groupBy(entities, ({ raw }) => raw);
  const byLabel = Map.groupBy(entities, ({ label }) => label);
  const keyOf = (spot: Spot): string => (byRaw.has(spot.raw) ? `raw ${spot.raw}` : `label ${spot.label}`);
  const numbers = Map.groupBy(spots, keyOf);
  const seen = new Map<string, number>();
  return spots.map((spot) => {
    const key = keyOf(spot);
    const turn = seen.get(key) ?? 0;
    seen.set(key, turn + 1);
    const fits = byRaw.get(spot.raw) ?? byLabel.get(spot.label) ?? [];
    const oneOnly = new Set(fits.map(({ id }) => id)).size === 1;
    if (!oneOnly && fits.length !== numbers.get(key)?.length) return { spot };
    const entity = fits[turn] ?? fits[0];
    return entity ? { spot, entity } : { spot };
  });
}

/** Converts the channel's markup to plain text: drops tags, decodes escapes once, removes private-use characters. */
function plain(piece: string): string {
  return piece
    .replace(mailLink, (_, markdown?: string, slack?: string) => markdown ?? slack ?? '')
    .replace(lineTag, '\n')
    .replace(knownTag, '')
    .replace(escape, (_, decimal?: string, hex?: string, name?: string) => {
      if (name) return named.get(name.toLowerCase()) ?? '';
      const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex ?? '', 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replace(atTag, '')
    .replace(privateUse, '');
}

import { DateTime, Duration, Info } from 'luxon';
import { clean, expanded } from '../../directory/folding.ts';
import type { NamedTime } from '../../schedules/exchangedSpans.ts';

/** Where and when something was said. */
export interface Spoken {
  /** Epoch milliseconds. */
  now: number;
  /** IANA time zone of the writer. */
  zone: string;
  /** BCP 47. Decides whether 3/4 is a day in March or in April, and the names of days and months. */
  locale: string;
}

/** "Until Monday" means until the working day starts. */
const DAY_BEGINS = { hour: 9, minute: 0 };

/**
 * Reads a time such as "18:00", "tomorrow 8 am", "Monday", "2h", "9 March" or "2026-03-09 18:00", on the writer's clock.
 * A time without a day means the next such time; a day without a time means 9:00. A time that does not exist because
 * the clocks go forward is moved by the same amount.
 *
 * @returns epoch milliseconds, possibly in the past; null if the words are not understood
 */
export function parseTime(words: string, spoken: Spoken): number | null {
  const text = tidied(words, spoken);
  return text === '' || text.length > 60 ? null : timeIn(text, spoken);
}

function timeIn(text: string, spoken: Spoken): number | null {
  const found =
    lasting(text, spoken) ?? exact(text, spoken) ?? inPartOfDay(text, spoken) ?? dayAndTime(text, spoken);
  return found?.isValid ? found.toMillis() : null;
}

/**
 * Reads which time is meant: a day ("Friday", "5 December"), a moment ("Friday 18:00") or a range ("Friday 18:00 to Saturday
 * 8:00", "Friday to Sunday"). Times are epoch milliseconds; a day is the writer's, and the last day of a range belongs to
 * it.
 *
 * @returns possibly in the past; null if the words are not understood
 */
export function parseNamedTime(words: string, spoken: Spoken): NamedTime | null {
  const text = tidied(words, spoken)
    .replace(prepositions, '')
    .replace(/^(?:nächste[nrs]?|kommende[nrs]?|pr[oó]xim[oa]) /u, 'next ')
    .replace(/ (?:prochain|que viene|que vem)$/, '')
    .replace(/(?<=[日曜])の?(?:に|は|の|から)?$/u, '');
  if (text === '' || text.length > 100) return null;
  for (const separator of text.matchAll(between)) {
    const [one, other] = [text.slice(0, separator.index), text.slice(separator.index + separator[0].length)];
    const range = rangeIn(one.trim(), other.replace(/まで$/, '').trim(), spoken);
    if (range) return range;
  }
  return pointIn(text, spoken);
}

const prepositions =
  /^(?:(?:on|at|for|from|am|an|für|um|vom|von|le|du|pour|au|el|del|desde|este|para|en|em|na|no|de|dia|ce|nesta|neste|diesen) )+/;
/** Words and signs between two times. */
const between =
  / (?:to|until|till|bis|(?:bis )?zum|au|jusqu'au|jusqu'à|à|a|al|ao|até|hasta)(?: (?:am|le|el|la|o|às|as|à))? | ?[–—] ?| - |から/gu;

function rangeIn(one: string, other: string, spoken: Spoken): NamedTime | null {
  const begin = pointIn(one, spoken);
  if (!begin) return null;
  const from = begin.kind === 'day' ? begin.from : begin.at;
  // The second time is the next one after the first.
  const end = pointIn(other, { ...spoken, now: Math.max(from, spoken.now) });
  if (!end) return null;
  const last = end.kind === 'day' && begin.kind === 'moment' ? timeIn(other, { ...spoken, now: from }) : null;
  const to = last ?? (end.kind === 'day' ? end.to : end.at);
  return from < to ? { kind: 'range', from, to } : null;
}

function pointIn(
  text: string,
  spoken: Spoken,
): { kind: 'day'; from: number; to: number } | { kind: 'moment'; at: number } | null {
  const iso = /^\d{4}-\d{2}-\d{2}$/.test(text) ? DateTime.fromISO(text, { zone: spoken.zone }) : null;
  // A day that has begun is meant too, so its end decides.
  const end = iso ? iso.plus({ days: 1 }) : (dayOf(text, spoken)?.({ hour: 24, minute: 0 }) ?? null);
  if (end?.isValid) {
    const from = end.minus({ hours: 1 }).startOf('day');
    return { kind: 'day', from: from.toMillis(), to: end.toMillis() };
  }
  const at = timeIn(text, spoken);
  return at === null ? null : { kind: 'moment', at };
}

function tidied(words: string, { locale }: Spoken): string {
  return clockOf(words.normalize('NFKC').toLowerCase().replace(/’/g, "'"), locale)
    .replace(/\b([ap])\.\s?m\b\.?/g, '$1m')
    .replace(/,/g, ' ')
    .replace(/[.!\s]+$/u, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Times as other languages write them: 18h, 18 h 30, 18時30分, 午後6時. */
function clockOf(text: string, locale: string): string {
  const japanese = text
    .replace(/(\d{1,2})月(\d{1,2})日/g, '$1/$2')
    .replace(/(\d{1,2})時(\d{1,2})分/g, '$1:$2')
    .replace(/(\d{1,2})時半/g, '$1:30')
    .replace(/(\d{1,2})時(?!間)/g, '$1:00')
    .replace(
      /午(前|後) ?(\d{1,2}(?::\d{2})?)/g,
      (_, half, clock) => `${clock} ${half === '前' ? 'am' : 'pm'}`,
    )
    .replace(/([月火水木金土日]曜)(?!日)/g, '$1日')
    .replace(/(?<=日) ?(?=\d)/g, ' ');
  // In English and German, 2h is a duration.
  if (!/^(?:fr|es|pt)\b/.test(locale)) return japanese;
  return japanese
    .replace(/\b(\d{1,2}) ?h ?(\d{2})?(?![\p{L}\d])/gu, (_, hour, minute = '00') => `${hour}:${minute}`)
    .replace(/(^| )(?:à|a las|a la|às|as|a) (?=\d)/g, '$1at ');
}

interface TimeOfDay {
  /** 24 is the end of the day; larger values are on the next day. */
  hour: number;
  minute: number;
}

const here = ({ now, zone }: Spoken): DateTime => DateTime.fromMillis(now, { zone });

// ------------------------------------------------------------------------------------------- 2h, 90 minutes

const units: readonly (readonly [RegExp, 'minutes' | 'hours' | 'days' | 'weeks'])[] = [
  [/^(?:m|min|mins|minutes?)$/, 'minutes'],
  [/^(?:h|hr|hrs|hours?)$/, 'hours'],
  [/^(?:d|days?)$/, 'days'],
  [/^(?:w|wk|wks|weeks?)$/, 'weeks'],
];

function lasting(text: string, spoken: Spoken): DateTime | null {
  const counted = text
    .replace(/^(?:in|for|the next)\s/, '')
    .replace(/^half an hour$/, '30 min')
    .replace(/^an? /, '1 ')
    .replace(/ and a half (hours?|days?)$/, '.5 $1')
    .replace(/^(\d+)\s?h\s?(\d{1,2})$/, '$1h $2m');
  // "18h30" is a time of day; "2h30" and "in 18h30" are durations.
  if (timeOfDay(text)) return null;
  const parts = [...counted.matchAll(/(\d{1,4}(?:\.\d{1,2})?)\s?([a-z]+)\s?(?:and\s)?/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== counted) return null;
  let total = Duration.fromMillis(0);
  for (const [, count, name] of parts) {
    const unit = units.find(([pattern]) => pattern.test(name ?? ''))?.[1];
    if (!unit) return null;
    total = total.plus({ [unit]: Number(count) });
  }
  return here(spoken).plus(total);
}

// -------------------------------------------------------------------------------------- 2026-03-09T18:00+01:00

function exact(text: string, { zone }: Spoken): DateTime | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[t ](?:at )?(\d{1,2}:\d{2}.*))?$/.exec(text);
  if (!match) return null;
  const [, day = '', time] = match;
  if (time === undefined) return DateTime.fromISO(day, { zone }).set(DAY_BEGINS);
  const whole = time.length === 4 || /^\d:/.test(time) ? `0${time}` : time;
  return DateTime.fromISO(`${day}T${whole.replace(' ', '').toUpperCase()}`, { zone });
}

// -------------------------------------------------------------------------------------------- tomorrow 8:00

/** Parts of a day: the time that "until" them means, and whether hours in them are am or pm. */
const partsOfDay: readonly (readonly [names: RegExp, begins: TimeOfDay, half: 'am' | 'pm'])[] = [
  [/^(?:morning|vormittag|früh)$/, DAY_BEGINS, 'am'],
  [/^(?:afternoon|nachmittag)$/, { hour: 15, minute: 0 }, 'pm'],
  [/^(?:evening|abend)$/, { hour: 18, minute: 0 }, 'pm'],
  [/^(?:night|nacht)$/, { hour: 20, minute: 0 }, 'pm'],
];

/** "tonight at 8", "Friday evening": the part of the day decides between am and pm. */
function inPartOfDay(text: string, spoken: Spoken): DateTime | null {
  const words = text
    .replace(/\btonight\b/, 'today night')
    .replace(/\bthis (?=morning|afternoon|evening)/, 'today ')
    .split(' ');
  const at = words.findIndex((word) => partsOfDay.some(([names]) => names.test(word)));
  const [, begins, half] = partsOfDay.find(([names]) => names.test(words[at] ?? '')) ?? [];
  if (!begins) return null;
  const rest = words
    .toSpliced(at, 1)
    .join(' ')
    .replace(/ ?\bin the\b/, '')
    .trim();
  const clocked = ({ hour, minute }: TimeOfDay): TimeOfDay => {
    if (half === 'am' || hour > 12) return { hour, minute };
    // "Tonight at 1" is on the next day, "tonight at 8" on this one.
    return { hour: hour + (hour < 5 && begins.hour > 15 ? 24 : 12), minute };
  };
  const day = dayOf(rest === '' ? 'today' : rest, spoken);
  if (!day) return dayAndTime(rest, spoken, clocked);
  const found = day(begins);
  const isOver = found !== null && found.toMillis() <= spoken.now;
  return isOver && half === 'pm' ? day({ hour: 24, minute: 0 }) : found;
}

/** @param clocked converts a time of day, for example to pm */
function dayAndTime(text: string, spoken: Spoken, clocked?: (time: TimeOfDay) => TimeOfDay): DateTime | null {
  const alone = timeOfDay(text) ?? (clocked ? bareHour(text) : null);
  if (alone) return next(here(spoken), clocked?.(alone) ?? alone, spoken.now);
  const wholeDay = dayOf(text, spoken);
  if (wholeDay) return wholeDay(DAY_BEGINS);
  const words = text.split(' ');
  for (let at = 1; at < words.length; at += 1) {
    const head = words.slice(0, at).join(' ');
    const tail = words.slice(at).join(' ');
    for (const [day, time] of [
      [head, tail],
      [tail, head],
    ] as const) {
      const clock = timeOfDay(time) ?? bareHour(time);
      const found = clock && dayOf(day.replace(/ (?:at|um)$/, ''), spoken)?.(clocked?.(clock) ?? clock);
      if (found) return found;
    }
  }
  return null;
}

function next(now: DateTime, time: TimeOfDay, instant: number): DateTime {
  const today = on(now, time);
  return today.toMillis() > instant ? today : on(now.plus({ days: 1 }), time);
}

function on(day: DateTime, { hour, minute }: TimeOfDay): DateTime {
  const start = day.startOf('day').plus({ days: Math.floor(hour / 24) });
  return start.set({ hour: hour % 24, minute });
}

/** 18:00, 18.00, 18h30, 6 pm, 6:30pm, noon. Not a bare number, which could be morning or evening. */
function timeOfDay(text: string): TimeOfDay | null {
  const clock = text
    .replace(/^(?:at|um) /, '')
    .replace(/^(\d{2}) ?h ?(?=\d{2}$)/, '$1:')
    .replace(/([:.]\d{2}) uhr$/, '$1')
    .replace(/ ?o'clock$| uhr$/, ':00');
  if (/^(?:noon|midday|mittag|midi|mediod[ií]a|meio-dia|正午)$/.test(clock)) return { hour: 12, minute: 0 };
  if (/^(?:midnight|mitternacht|minuit|medianoche|meia-noite)$/.test(clock)) return { hour: 24, minute: 0 };
  const match = /^(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?$/.exec(clock);
  if (!match) return null;
  const [, hours, minutes, half] = match;
  if (minutes === undefined && half === undefined) return null;
  const [hour, minute] = [Number(hours), Number(minutes ?? 0)];
  if (minute > 59) return null;
  if (half === undefined) return hour < 24 || (hour === 24 && minute === 0) ? { hour, minute } : null;
  if (hour < 1 || hour > 12) return null;
  return { hour: (hour % 12) + (half === 'pm' ? 12 : 0), minute };
}

/** Next to a day, a number alone is clear enough: "tomorrow at 8". */
function bareHour(text: string): TimeOfDay | null {
  const match = /^(?:(?:at|um) )?(\d{1,2})$/.exec(text);
  const hour = Number(match?.[1]);
  return match && hour < 24 ? { hour, minute: 0 } : null;
}

/** Today, tomorrow and the day after, as the language calls them ("pasado mañana"), without accents. */
function relativeDays(locale: string): string[] {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  return [0, 1, 2].map((days) => expanded(clean(format.format(days, 'day').replace(/’/g, "'"))));
}

type OnThatDay = (time: TimeOfDay) => DateTime | null;

function dayOf(text: string, spoken: Spoken): OnThatDay | null {
  const now = here(spoken);
  const day = text.replace(/^(?:on|am) /, '');
  if (day === 'today' || day === 'heute') return (time) => on(now, time);
  const ahead = [0, 1, 2].find((days) => relativeDays(spoken.locale)[days] === expanded(clean(day)));
  if (ahead !== undefined) return (time) => on(now.plus({ days: ahead }), time);
  if (/^(?:tomorrow|tmrw?|morgen)$/.test(day)) return (time) => on(now.plus({ days: 1 }), time);
  if (/^(?:(?:the )?day after tomorrow|übermorgen)$/.test(day)) {
    return (time) => on(now.plus({ days: 2 }), time);
  }
  return weekday(day, now, spoken) ?? date(day, now, spoken);
}

/** Short names besides Mon, Tue, … */
const shortNames = new Map([
  ['tues', 2],
  ['thur', 4],
  ['thurs', 4],
]);

function weekday(text: string, now: DateTime, { now: instant, locale }: Spoken): OnThatDay | null {
  const match = /^(next |this )?(.+)$/u.exec(text);
  const name = match?.[2] ?? '';
  const wanted =
    shortNames.get(name) ?? positionIn((length, of) => Info.weekdays(length, { locale: of }), name, locale);
  if (wanted === null) return null;
  const ahead = (wanted - now.weekday + 7) % 7;
  return (time) => {
    const first = on(now.plus({ days: ahead }), time);
    const isPast = first.toMillis() <= instant || (ahead === 0 && match?.[1] === 'next ');
    return isPast ? on(now.plus({ days: ahead + 7 }), time) : first;
  };
}

/** 9 March, March 9th 2026, 9.3., 9/3/2026. */
function date(text: string, now: DateTime, spoken: Spoken): OnThatDay | null {
  const read = numbers(text, spoken.locale) ?? named(text, spoken.locale);
  if (!read) return null;
  const { day, month, year } = read;
  return (time) => {
    const of = (which: number): DateTime =>
      DateTime.fromObject({ day, month, year: which }, { zone: spoken.zone });
    const first = of(year ?? now.year);
    if (!first.isValid) return null;
    const found = on(first, time);
    return year === undefined && found.toMillis() <= spoken.now ? on(of(now.year + 1), time) : found;
  };
}

interface DateRead {
  day: number;
  month: number;
  year: number | undefined;
}

function numbers(text: string, locale: string): DateRead | null {
  const match = /^(\d{1,2})([./])(\d{1,2})(?:\2(\d{4})?)?$/.exec(text);
  if (!match) return null;
  const [, first, separator, second, year] = match;
  const [a, b] = [Number(first), Number(second)];
  // With dots, the day always comes first.
  const dayFirst = separator === '.' || isDayFirst(locale);
  return { day: dayFirst ? a : b, month: dayFirst ? b : a, year: year ? Number(year) : undefined };
}

function isDayFirst(locale: string): boolean {
  const parts = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'numeric' }).formatToParts(0);
  return parts.find(({ type }) => type === 'day' || type === 'month')?.type === 'day';
}

function named(text: string, locale: string): DateRead | null {
  const match =
    /^(\d{1,2})(?:st|nd|rd|th|\.)? (?:of |de )?(\p{L}+)\.?(?: (\d{4}))?$/u.exec(text) ??
    /^(\p{L}+)\.? (\d{1,2})(?:st|nd|rd|th)?(?: (\d{4}))?$/u.exec(text);
  if (!match) return null;
  const [, one = '', two = '', year] = match;
  const [dayWord, monthWord] = /^\d/.test(one) ? [one, two] : [two, one];
  const month =
    monthWord === 'sept'
      ? 9
      : positionIn((length, of) => Info.months(length, { locale: of }), monthWord, locale);
  return month === null ? null : { day: Number(dayWord), month, year: year ? Number(year) : undefined };
}

/** The number of a day or month by its name in the writer's language or in English, from 1. */
function positionIn(
  names: (length: 'long' | 'short', locale: string) => string[],
  word: string,
  locale: string,
): number | null {
  const wanted = word.replace(/\.$/, '');
  for (const language of [locale, 'en']) {
    for (const length of ['long', 'short'] as const) {
      // "segunda" is "segunda-feira".
      const at = names(length, language).findIndex((name) => {
        const whole = name.toLowerCase().replace(/\.$/, '');
        return whole === wanted || whole === `${wanted}-feira`;
      });
      if (at >= 0) return at + 1;
    }
  }
  return null;
}

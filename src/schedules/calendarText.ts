import ical from 'ical.js';

/** One event of a calendar. Times are epoch milliseconds, and are written in whole seconds. */
export interface CalendarEvent {
  /** The same event keeps it, and no other event of the calendar has it. */
  uid: string;
  from: number;
  /** Does not belong to it. */
  to: number;
  summary: string;
  description: string;
  /** Grows with each change. */
  sequence: number;
  /** When it was last changed. */
  changedAt: number;
}

const PRODUCT = '-//Ringdown//Duties//EN';
/** How often a calendar should ask again. Most ask less often. */
const ASK_AGAIN = 'PT1H';
const LONGEST_LINE_BYTES = 75;

/**
 * Writes a calendar as RFC 5545 wants it: CRLF, lines of at most 75 bytes, escaped texts, times in UTC. The same input is
 * written as the same bytes.
 *
 * It has no METHOD: with one, DTSTAMP would have to be the time of each answer (RFC 5545, 3.8.7.2). Its name is given
 * twice: RFC 7986 has NAME and REFRESH-INTERVAL; Outlook, Google and Apple read the older properties beside them.
 */
export function calendarText(name: string, events: readonly CalendarEvent[]): string {
  const calendar = new ical.Component('vcalendar');
  add(calendar, 'version', '2.0');
  add(calendar, 'prodid', PRODUCT);
  add(calendar, 'calscale', 'GREGORIAN');
  // ical.js does not know that these are texts, and writes them as they are.
  add(calendar, 'name', escaped(name));
  add(calendar, 'x-wr-calname', escaped(name));
  const interval = new ical.Property('refresh-interval');
  interval.resetType('duration');
  interval.setValue(ical.Duration.fromString(ASK_AGAIN));
  calendar.addProperty(interval);
  add(calendar, 'x-published-ttl', ASK_AGAIN);
  for (const event of events) calendar.addSubcomponent(component(event));
  return folded(calendar.toString());
}

function component(event: CalendarEvent) {
  const { uid, from, to, summary, description, sequence, changedAt } = event;
  const written = new ical.Component('vevent');
  add(written, 'uid', uid);
  add(written, 'dtstamp', instant(changedAt));
  add(written, 'dtstart', instant(from));
  add(written, 'dtend', instant(to));
  add(written, 'summary', plain(summary));
  if (description !== '') add(written, 'description', plain(description));
  add(written, 'sequence', sequence);
  add(written, 'last-modified', instant(changedAt));
  // A duty of a week must not make its owner look busy for a week.
  add(written, 'transp', 'TRANSPARENT');
  add(written, 'x-microsoft-cdo-busystatus', 'FREE');
  return written;
}

function add(to: InstanceType<typeof ical.Component>, name: string, value: unknown): void {
  to.addPropertyWithValue(name, value);
}

function instant(at: number) {
  return ical.Time.fromJSDate(new Date(at), true);
}

/** Control characters are not allowed in a TEXT, except for line breaks, which are escaped. */
function plain(text: string): string {
  return text.replaceAll(/\r\n?|[\u2028\u2029]/g, '\n').replaceAll(/(?!\n)\p{Cc}/gu, ' ');
}

function escaped(text: string): string {
  return plain(text)
    .replaceAll(/[\\;,]/g, String.raw`\$&`)
    .replaceAll('\n', String.raw`\n`);
}

/** Folds the lines anew: ical.js does not count the space that begins a continued line (it writes 76 bytes). */
function folded(text: string): string {
  const lines = text.replaceAll('\r\n ', '').trimEnd().split('\r\n');
  return lines.map((line) => `${foldedLine(line)}\r\n`).join('');
}

function foldedLine(line: string): string {
  let written = '';
  let bytes = 0;
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > LONGEST_LINE_BYTES) {
      written += '\r\n ';
      bytes = 1;
    }
    written += character;
    bytes += size;
  }
  return written;
}

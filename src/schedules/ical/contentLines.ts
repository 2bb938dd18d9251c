/** The parts of a calendar that say who is on duty, as unfolded content lines of RFC 5545. */
export interface ContentLines {
  /** `X-WR-TIMEZONE`: the zone of times without one. Not in the standard, but Google and others write it. */
  zone: string | null;
  /** Whether all of it is cancelled (`METHOD:CANCEL`). */
  isCancelled: boolean;
  /** A list of lines for each VTIMEZONE. */
  zones: readonly (readonly string[])[];
  /** A list of lines for each VEVENT. */
  events: readonly (readonly string[])[];
}

/** Why a text is no calendar that can be used, in a few words. They contain nothing of the text. */
export class CalendarUnreadable extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'CalendarUnreadable';
  }
}

/** More events than any schedule has: ten years of changes each four hours. */
export const MOST_EVENTS = 20_000;

/** What is kept. Descriptions, places and attachments are nobody's business here. */
const KEPT: Readonly<Record<'VCALENDAR' | 'VTIMEZONE' | 'VEVENT', ReadonlySet<string>>> = {
  VCALENDAR: new Set(['METHOD', 'X-WR-TIMEZONE']),
  VTIMEZONE: new Set(['TZID', 'DTSTART', 'TZOFFSETFROM', 'TZOFFSETTO', 'RRULE', 'RDATE', 'X-LIC-LOCATION']),
  VEVENT: new Set([
    'UID',
    'DTSTART',
    'DTEND',
    'DURATION',
    'RRULE',
    'RDATE',
    'EXDATE',
    'RECURRENCE-ID',
    'SEQUENCE',
    'STATUS',
    'PRIORITY',
    'SUMMARY',
    'ATTENDEE',
  ]),
};
const NESTED = new Set(['STANDARD', 'DAYLIGHT']);
/** A colon ends the parameters, but Exchange writes one into the name of a zone. */
const UNQUOTED = /;TZID=(tzone:\/\/[^:;"]+)/i;
/** Longer lines are cut off. A rule or a list of exceptions may be long, a name is not. */
const LONGEST_LINE = 20_000;

/**
 * Takes a calendar apart. Lines may end with CR LF or LF, and be folded, also within a character. What is wrong within
 * one event does not matter here.
 *
 * @throws CalendarUnreadable if it is no calendar, incomplete, or has too many events
 */
export function contentLines(bytes: Uint8Array): ContentLines {
  const found: { zones: string[][]; events: string[][] } = { zones: [], events: [] };
  let zone: string | null = null;
  let isCancelled = false;
  let isOpen = false;
  let wasOpen = false;
  let within: { component: 'VTIMEZONE' | 'VEVENT'; lines: string[] } | null = null;
  /** Components that are left out, the outermost first. */
  const ignored: string[] = [];
  for (const whole of unfolded(bytes)) {
    const line = whole.slice(0, LONGEST_LINE).trimEnd().replace(UNQUOTED, ';TZID="$1"');
    if (line === '') continue;
    const [, name = '', value = ''] = /^([\w-]+)(?:;[^\n]*?)?:(.*)$/s.exec(line) ?? [];
    const property = name.toUpperCase();
    const component = value.trim().toUpperCase();
    if (!isOpen) {
      if (property !== 'BEGIN' || component !== 'VCALENDAR')
        throw new CalendarUnreadable('it is no calendar');
      isOpen = true;
      wasOpen = true;
    } else if (ignored.length > 0) {
      if (property === 'BEGIN') ignored.push(component);
      else if (property === 'END') ignored.pop();
    } else if (within !== null) {
      if (property === 'END' && component === within.component) {
        within.lines.push(`END:${component}`);
        within = null;
      } else if (property === 'BEGIN' || property === 'END') {
        if (within.component === 'VTIMEZONE' && NESTED.has(component)) within.lines.push(line);
        else if (property === 'BEGIN') ignored.push(component);
      } else if (KEPT[within.component].has(property)) within.lines.push(line);
    } else if (property === 'END' && component === 'VCALENDAR') {
      isOpen = false;
    } else if (property === 'BEGIN') {
      if (component === 'VEVENT' || component === 'VTIMEZONE') {
        const lines = [`BEGIN:${component}`];
        within = { component, lines };
        found[component === 'VEVENT' ? 'events' : 'zones'].push(lines);
        if (found.events.length > MOST_EVENTS) throw new CalendarUnreadable('it has too many events');
      } else ignored.push(component);
    } else if (property === 'METHOD') isCancelled = component === 'CANCEL';
    else if (property === 'X-WR-TIMEZONE') zone ??= value.trim();
  }
  if (!wasOpen) throw new CalendarUnreadable('it is empty');
  if (isOpen) throw new CalendarUnreadable('it is incomplete');
  return { ...found, zone, isCancelled };
}

/** The calendar again, with what is kept of it. */
export function textOf({ zone, isCancelled, zones, events }: ContentLines): string {
  const lines = [
    'BEGIN:VCALENDAR',
    ...(isCancelled ? ['METHOD:CANCEL'] : []),
    ...(zone === null ? [] : [`X-WR-TIMEZONE:${zone}`]),
    ...zones.flat(),
    ...events.flat(),
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** Some write UTF-16, with a byte order mark. */
const WIDE: readonly [encoding: string, first: number, second: number][] = [
  ['utf-16le', 0xff, 0xfe],
  ['utf-16be', 0xfe, 0xff],
];

function unfolded(bytes: Uint8Array): string[] {
  const wide = WIDE.find(([, first, second]) => bytes[0] === first && bytes[1] === second);
  const utf8 = wide ? new TextEncoder().encode(new TextDecoder(wide[0]).decode(bytes)) : bytes;
  // Lines are folded by bytes, also within a character. So they are joined first, and then decoded.
  const joined = Buffer.from(utf8)
    .toString('latin1')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/\n[ \t]/g, '');
  // The decoder drops a byte order mark. Other control characters have no place in a calendar.
  return (
    new TextDecoder()
      .decode(Buffer.from(joined, 'latin1'))
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\0-\u0008\u000B-\u001F\u007F]/g, '')
      .split('\n')
  );
}

import ICAL from 'ical.js';
import { IANAZone } from 'luxon';
import { findIana } from 'windows-iana';

/**
 * A time zone. A local time is written as if it were UTC, in epoch milliseconds. A time that is skipped in spring means
 * the moment after the change; of a time that occurs twice in autumn it is the first (RFC 5545, 3.3.5).
 */
export interface Zone {
  toInstant(local: number): number;
  toLocal(instant: number): number;
}

const MINUTE_MS = 60_000;
/** No zone is further from UTC, and no two changes are this close. */
const DAY_MS = 86_400_000;

export const utc: Zone = { toInstant: (local) => local, toLocal: (instant) => instant };

/** A zone of the IANA database. */
function ianaZone(name: string): Zone {
  const zone = IANAZone.create(name);
  const offsetAt = (instant: number): number => zone.offset(instant) * MINUTE_MS;
  return {
    toLocal: (instant) => instant + offsetAt(instant),
    toInstant(local) {
      const [before, after] = [offsetAt(local - DAY_MS), offsetAt(local + DAY_MS)];
      const candidates = [local - before, local - after].toSorted((one, other) => one - other);
      return candidates.find((instant) => instant + offsetAt(instant) === local) ?? local - before;
    },
  };
}

/** A zone that the calendar defines itself. @throws if the definition has faults */
function definedZone(lines: readonly string[]): Zone {
  const zone = new ICAL.Timezone(ICAL.Component.fromString(lines.join('\r\n')));
  // A definition with faults throws here, and not in the middle of an event.
  timeOf(0, zone).toUnixTime();
  return {
    toInstant: (local) => timeOf(local, zone).toUnixTime() * 1000,
    toLocal: (instant) =>
      localOf(timeOf(instant, ICAL.Timezone.utcTimezone).convertToZone(zone)) + (instant % 1000),
  };
}

/** A local time as ical.js counts. */
export function timeOf(local: number, zone: ICAL.Timezone = ICAL.Timezone.localTimezone): ICAL.Time {
  const date = new Date(local);
  return new ICAL.Time(
    {
      year: date.getUTCFullYear(),
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
      second: date.getUTCSeconds(),
      isDate: false,
    },
    zone,
  );
}

export function localOf({ year, month, day, hour, minute, second, isDate }: ICAL.Time): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (!isDate) date.setUTCHours(hour, minute, second);
  return date.getTime();
}

/**
 * The zones of a calendar, by name. IANA's names and those of Windows mean what everybody knows; other names mean what
 * the calendar defines.
 */
export class Zones {
  readonly #defined: ReadonlyMap<string, readonly string[]>;
  readonly #known = new Map<string, Zone | null>();

  /** @param definitions the lines of each VTIMEZONE */
  constructor(definitions: readonly (readonly string[])[]) {
    this.#defined = new Map(
      definitions.flatMap((lines) => {
        const name = lines.map((line) => /^TZID(?:;[^:]*)?:(.*)$/i.exec(line)?.[1]).find(Boolean);
        return name === undefined ? [] : [[bare(name), lines] as const];
      }),
    );
  }

  /** @returns null if nobody knows it */
  named(name: string): Zone | null {
    const key = bare(name);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const iana = ianaNameOf(key);
    const found = iana === null ? this.#definedBy(key) : ianaZone(iana);
    this.#known.set(key, found);
    return found;
  }

  #definedBy(key: string): Zone | null {
    const lines = this.#defined.get(key);
    if (!lines) return null;
    try {
      return definedZone(lines);
    } catch {
      return null;
    }
  }
}

/** Outlook puts some names in quotes. */
function bare(name: string): string {
  return name.replaceAll('"', '').trim();
}

/** The IANA name of a zone: its own, one of Windows, or the end of a path (`/mozilla.org/20050126_1/Europe/Berlin`). */
function ianaNameOf(name: string): string | null {
  if (/^(?:tzone:\/\/microsoft\/utc|utc|z|gmt)$/i.test(name)) return 'Etc/UTC';
  // An offset would be one without daylight saving time.
  if (/^[a-z]/i.test(name) && IANAZone.isValidZone(name)) return name;
  const [ofWindows] = findIana(name);
  if (ofWindows !== undefined) return ofWindows;
  const steps = name.split('/').filter((step) => step !== '');
  const ends = [3, 2].map((length) => steps.slice(-length).join('/'));
  return (steps.length > 2 ? ends.find((end) => IANAZone.isValidZone(end)) : undefined) ?? null;
}

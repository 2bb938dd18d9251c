import { createHash } from 'node:crypto';
import { isAddress } from './rules.ts';

/** Names of the file contain no `#`, so none is like this one. */
const MARK = '#';

/**
 * The name of a calendar that has none in the file, for people to read: its host or the file's name, and a mark of the
 * rest, which is secret. Read with another time zone, the same calendar says something else, and has another mark.
 */
export function calendarName(place: string, timeZone?: string): string {
  const all = timeZone === undefined ? place : `${place} ${timeZone}`;
  return `${shownPlace(place)} ${MARK}${calendarKey(all).slice(0, 6)}`;
}

/** What of a calendar's place is no secret: the host, or the file's name. */
export function shownPlace(place: string): string {
  return isAddress(place) ? (URL.parse(place)?.hostname ?? '') : (place.split(/[\\/]/).at(-1) ?? '');
}

/** Stands for the place of a calendar where it must not be shown. */
export function calendarKey(place: string): string {
  return createHash('sha256').update(place).digest('hex').slice(0, 32);
}

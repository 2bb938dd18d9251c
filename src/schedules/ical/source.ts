import { calendarKey } from '../../config/calendarName.ts';

/** Where a calendar comes from. `ical` is an address or a file; an address is secret. */
export interface CalendarSource {
  ical: string;
  /** Of whole days, and of times without a zone. */
  timeZone?: string | undefined;
  /** Addresses of private networks are allowed too. */
  allowPrivate: boolean;
}

/** The name under which a calendar is kept. It shows nothing of the address. */
export function keyOf({ ical }: Pick<CalendarSource, 'ical'>): string {
  return calendarKey(ical);
}

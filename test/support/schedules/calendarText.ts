/** A calendar of these lines: each list is one VEVENT, or another component if its first line begins one. */
export function calendar(...components: readonly (readonly string[])[]): string {
  const lines = components.flatMap((own) =>
    own[0]?.startsWith('BEGIN:') || own[0]?.startsWith('X-') ? own : ['BEGIN:VEVENT', ...own, 'END:VEVENT'],
  );
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//made up//EN', ...lines, 'END:VCALENDAR', ''].join(
    '\r\n',
  );
}

/** As Outlook writes the zone of Berlin, with the name that it is given. */
export function berlinAs(name: string): string[] {
  return [
    'BEGIN:VTIMEZONE',
    `TZID:${name}`,
    'BEGIN:STANDARD',
    'DTSTART:16010101T030000',
    'TZOFFSETFROM:+0200',
    'TZOFFSETTO:+0100',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10',
    'END:STANDARD',
    'BEGIN:DAYLIGHT',
    'DTSTART:16010101T020000',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+0200',
    'RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3',
    'END:DAYLIGHT',
    'END:VTIMEZONE',
  ];
}

/** A person as a calendar names them: texts to look up in the directory, in this order. */
export interface CalendarPerson {
  words: readonly string[];
}

/** An ATTENDEE. `mail` is its address, without `mailto:`; empty if it is another kind of address. */
export interface Attendee {
  mail: string;
  /** CN; empty if there is none. */
  name: string;
  hasDeclined: boolean;
  /** A room or a thing. */
  isThing: boolean;
}

/** What an event says about who is on duty. */
export interface EventPeople {
  people: readonly CalendarPerson[];
  /** Grafana OnCall's `[L1]`: of those on duty at once, only those with the highest level are. 0 without one. */
  level: number;
}

const MAIL = /[^\s<>()[\]",;:|]+@[^\s<>()[\]",;:|]+\.[^\s<>()[\]",;:|]+/g;
/** Grafana OnCall: `[L2] alice`. */
const LEVEL = /^\s*\[L(\d)\]\s*/i;
/** Words around a name: `On Call - Adele Vance - Payments` (PagerDuty), `On-call: Adele Vance`, `Adele Vance (on call)`. */
const DUTY =
  /(?:on[\s-]?call(?:\s+duty)?|(?:ruf)?bereitschaft(?:sdienst)?|astreinte|guardia|plantão|オンコール)/iu;
const BEFORE = new RegExp(`^\\s*${DUTY.source}\\s*(?::|-|–|—)\\s*`, 'iu');
const AFTER = new RegExp(`\\s*(?:-|–|—|\\(|\\[|:)?\\s*(?:is\\s+)?${DUTY.source}\\s*[)\\]]?\\s*$`, 'iu');
/** Between the parts of a title. A hyphen within a name has no spaces around it. */
const PARTS = /\s+[-–—|]\s+|\s*:\s+/;
const PEOPLE = /\s*(?:;|\/|\s&\s|\s\+\s)\s*/;
/** Of a title with many parts only these are looked up. */
const MOST_WORDS = 4;

/**
 * Who is on duty by an event: its attendees, several at once; without any, whom the title names. The organiser does not
 * count: often somebody else makes the plan.
 */
export function peopleOf(summary: string, attendees: readonly Attendee[]): EventPeople {
  const level = Number(LEVEL.exec(summary)?.[1] ?? 0);
  const title = summary.replace(LEVEL, '').replaceAll(/\s+/g, ' ').trim();
  const invited = attendees.filter(({ isThing, mail, name }) => !isThing && (mail !== '' || name !== ''));
  if (invited.length === 0) return { level, people: peopleInTitle(title) };
  const coming = invited.filter(({ hasDeclined }) => !hasDeclined);
  const inTitle = invited.length === 1 ? (peopleInTitle(title)[0]?.words ?? []).slice(0, 1) : [];
  return {
    level,
    people: coming.map(({ mail, name }) => ({ words: distinct([mail, name, ...inTitle]) })),
  };
}

/** `On Call - Adele Vance - Payments` gives `Adele Vance`, then the whole of it, then its other parts. */
function peopleInTitle(title: string): CalendarPerson[] {
  const mails = distinct((title.match(MAIL) ?? []).map((mail) => mail.replace(/[.'’]+$/, '')));
  if (mails.length > 0) return mails.map((mail) => ({ words: [mail] }));
  const name = title.replace(BEFORE, '').replace(AFTER, '');
  const several = name.split(PEOPLE).filter((part) => part !== '');
  if (several.length > 1) return several.map((one) => ({ words: wordsOf(one) }));
  return [{ words: wordsOf(name, title) }];
}

function wordsOf(name: string, title = name): string[] {
  const [first = '', ...others] = name.split(PARTS).map((part) => part.replace(/^@/, ''));
  return distinct([first, name, ...others, title]).slice(0, MOST_WORDS);
}

/** In this order, without empty ones. Case does not matter. */
function distinct(words: readonly string[]): string[] {
  const seen = new Map<string, string>();
  for (const word of words.map((one) => one.trim()))
    if (word !== '' && !seen.has(word.toLowerCase())) seen.set(word.toLowerCase(), word);
  return [...seen.values()];
}

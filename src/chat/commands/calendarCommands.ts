import type { Directory } from '../../directory/directory.ts';
import type { CalendarAddresses } from '../../escalations/dutyCalendars.ts';
import { MOST_CALENDAR_LINKS, type CalendarLinks } from '../../schedules/calendarLinks.ts';
import type { Texts } from '../../texts/texts.ts';
import { ConnectorFault } from '../connector/connectorFault.ts';
import type { Registers } from '../turn/registers.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** The port to the links. */
export interface Calendars {
  links: Pick<CalendarLinks, 'make' | 'revokeAll'>;
  /** The addresses of a new link, as far as its owner may see them. */
  addressesFor(person: { objectId: string; name: string }, secret: string): Promise<CalendarAddresses>;
}

interface Parts {
  calendars: Calendars;
  directory: Pick<Directory, 'get'>;
}

/** More rotations than this are left to the console. */
const MOST_SHOWN = 10;

/**
 * `my calendar` and `my calendar off`. A link is a secret, so it is said only in the personal chat of somebody whose
 * identity is known, and it is sent once: a job that retries would have to store it.
 */
export function registerCalendars({ handlers }: Registers, { calendars, directory }: Parts): void {
  handlers.on('myCalendar', async (turn) => {
    const { asker, texts } = turn;
    const { objectId, name } = asker;
    const words = texts.chat.calendars;
    if (objectId === undefined) return await turn.sayOnce(words.needsTeams);
    if (turn.shared) return await turn.sayOnce(words.elsewhere);
    const person = await turn.working(async () => await directory.get(objectId));
    // Without an entry in the directory the link would always answer 404.
    if (!person) return await turn.sayOnce(words.needsTeams);
    const made = await calendars.links.make(objectId, async (work) => await turn.isFirstDelivery(work.sql));
    if (!made) return;
    const addresses = await calendars.addressesFor({ objectId, name }, made.secret);
    try {
      await turn.sayUnstored(inWords(addresses, made, texts));
    } catch (error) {
      if (!(error instanceof ConnectorFault)) throw error;
      await turn.say(words.notSent);
    }
  });

  handlers.on('myCalendarOff', async (turn: ChatTurn) => {
    const { asker, texts } = turn;
    const { objectId } = asker;
    const words = texts.chat.calendars;
    if (objectId === undefined) return await turn.sayOnce(words.needsTeams);
    if (!(await turn.isFirstDelivery())) return;
    await turn.say(words.ended({ count: await calendars.links.revokeAll(objectId) }));
  });
}

function inWords(
  { person, rotations }: CalendarAddresses,
  { others, replaced }: { others: number; replaced: boolean },
  { chat: { calendars: words } }: Texts,
): string {
  const more = rotations.length - MOST_SHOWN;
  const earlier = replaced
    ? [words.replaced({ count: MOST_CALENDAR_LINKS })]
    : others > 0
      ? [words.others({ count: others })]
      : [];
  return [
    words.link,
    person,
    ...(rotations.length > 0 ? ['', words.rotations] : []),
    ...rotations.slice(0, MOST_SHOWN).map(({ name, url }) => `${name}: ${url}`),
    ...(more > 0 ? [words.more({ count: more })] : []),
    '',
    [words.keep, ...earlier].join(' '),
  ].join('\n');
}

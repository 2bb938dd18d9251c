import { inTime, type Clock } from '../../clock.ts';
import { lookUp } from '../../config/lookUp.ts';
import type { Directory, Person, Photo } from '../../directory/directory.ts';
import type { Presence } from '../../directory/presence.ts';
import type { Messages } from '../../texts/messages.ts';
import type { Texts } from '../../texts/texts.ts';
import type { PersonLook } from '../cards/renderers/elements.ts';
import { looksOf } from './people.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  directory: Pick<Directory, 'photo' | 'presence'>;
  clock: Clock;
}

/** Photos and presence are optional, so nobody waits long for them. */
const WAIT_MS = 1_500;
/** Total size of the photos on a card, in characters. Teams rejects messages of more than about 28 KB. */
const PHOTOS_LIMIT = 16_000;

/** Graph's words for presence, in lower case. */
const presenceWords: Readonly<Record<string, keyof Messages['chat']['people']['presence']>> = {
  available: 'available',
  availableidle: 'available',
  away: 'away',
  berightback: 'beRightBack',
  busy: 'busy',
  busyidle: 'busy',
  donotdisturb: 'doNotDisturb',
  focusing: 'focusing',
  inacall: 'inACall',
  inaconferencecall: 'inAConferenceCall',
  inactive: 'away',
  inameeting: 'inAMeeting',
  offline: 'offline',
  offwork: 'offWork',
  outofoffice: 'outOfOffice',
  presenting: 'presenting',
  urgentinterruptionsonly: 'doNotDisturb',
};

/** How people look on a card, with photo and presence if available. */
export class Looks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Askers without an identity see no photos and no presence. */
  async of(
    turn: ChatTurn,
    people: readonly Person[],
    options: { alwaysAddress?: boolean } = {},
  ): Promise<PersonLook[]> {
    const looks = looksOf(people, turn.texts, options);
    if (turn.asker.objectId === undefined) return looks;
    const { directory } = this.#parts;
    const users = people.filter(({ kind }) => kind === 'user').map(({ id }) => id);
    const [presences, photos] = await Promise.all([
      this.#soon(directory.presence(users)),
      Promise.all(people.map(async ({ id }) => dataUri(await this.#soon(directory.photo(id))))),
    ]);
    let room = PHOTOS_LIMIT;
    return looks.map((look, index) => {
      const presence = presences?.get(people[index]?.id ?? '');
      const words = presence ? presenceIn(presence, turn.texts) : null;
      const photo = photos[index] ?? null;
      const fits = photo !== null && photo.length <= room;
      if (fits) room -= photo.length;
      const about = [look.about, words].filter((part) => part !== null).join(' · ');
      return { ...look, about: about === '' ? null : about, photo: fits ? photo : null };
    });
  }

  /** The result; null if it fails or does not arrive in time. */
  async #soon<T>(wanted: Promise<T>): Promise<T | null> {
    const had = wanted.catch(() => null);
    return await inTime(had, WAIT_MS, () => null, this.#parts.clock);
  }
}

/** Somebody's presence in a word or two; null if there is no word for it. */
function presenceIn({ activity, availability }: Presence, texts: Texts): string | null {
  const known =
    lookUp(presenceWords, activity.toLowerCase()) ?? lookUp(presenceWords, availability.toLowerCase());
  return known === undefined ? null : texts.chat.people.presence[known];
}

/** The photo as a data URI, so that cards need no public address for photos. */
export function dataUri(photo: Photo | null): string | null {
  return photo && `data:${photo.contentType};base64,${Buffer.from(photo.bytes).toString('base64')}`;
}

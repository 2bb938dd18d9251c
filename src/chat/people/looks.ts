import { inTime, type Clock } from '../../clock.ts';
import type { Directory, Person, Photo } from '../../directory/directory.ts';
import type { PersonLook } from '../cards/renderers/elements.ts';
import { looksOf } from './people.ts';
import type { ChatTurn } from '../turn/turn.ts';

interface Parts {
  directory: Pick<Directory, 'photo' | 'presence'>;
  clock: Clock;
}

/** Pictures and presence are ornaments: nobody is kept waiting for them. */
const WAIT_MS = 1_500;
/** All photos of a card together, in characters: Teams refuses messages of more than about 28 KB. */
const PHOTOS_LIMIT = 16_000;

/** How people look on a card, with picture and presence where these are to be had. */
export class Looks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Who has no identity sees neither picture nor presence of anybody. */
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
      const words = presence ? turn.texts.chat.presence(presence) : null;
      const photo = photos[index] ?? null;
      const fits = photo !== null && photo.length <= room;
      if (fits) room -= photo.length;
      const about = [look.about, words].filter((part) => part !== null).join(' · ');
      return { ...look, about: about === '' ? null : about, photo: fits ? photo : null };
    });
  }

  /** What comes in time; null if it does not, or cannot be had. */
  async #soon<T>(wanted: Promise<T>): Promise<T | null> {
    const had = wanted.catch(() => null);
    return await inTime(had, WAIT_MS, () => null, this.#parts.clock);
  }
}

/** So that a card needs no address of ours that others can reach. */
export function dataUri(photo: Photo | null): string | null {
  return photo && `data:${photo.contentType};base64,${Buffer.from(photo.bytes).toString('base64')}`;
}

import type { Requester } from '../../calls/call.ts';
import type { CallService } from '../../calls/callService.ts';
import type { Asker, Directory, DirectoryQuery, Found, Person } from '../../directory/directory.ts';
import { clean } from '../../directory/folding.ts';
import { shownLook, type PersonLook } from '../cards/renderers/elements.ts';
import type { PersonQuery } from '../language/command.ts';
import type { CallPermissions } from './permissions.ts';
import { described } from '../../texts/sentences.ts';
import type { Texts } from '../../texts/texts.ts';
import type { ChatTurn } from '../turn/turn.ts';

/** The person as the asker named them, for answers before the lookup. */
export function spokenName(person: PersonQuery, asker: Requester): string {
  switch (person.by) {
    case 'text':
    case 'phone':
      return person.text;
    case 'mention':
      return person.name;
    case 'self':
      return asker.name;
  }
}

interface Parts {
  calls: Pick<CallService, 'recentCallees'>;
  directory: Pick<Directory, 'find'>;
  permissions: Pick<CallPermissions, 'visibleTo' | 'isOpenToMembers'>;
}

const RECENT_CALLS = 20;

/** Looks up the people that askers name in chats. */
export class People {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Starts looking up a person before it is known whether the asker is a guest. `find` uses the cached answer; until
   * then nobody sees it.
   */
  lookAhead(turn: ChatTurn, query: PersonQuery): void {
    const { permissions } = this.#parts;
    if (
      turn.asker.objectId === undefined ||
      query.by === 'self' ||
      query.by === 'phone' ||
      !permissions.isOpenToMembers()
    )
      return;
    findPerson(turn, this.#parts.directory, query, async () => []).catch(() => undefined);
  }

  /**
   * Finds whom the asker means, among the people they may see.
   *
   * @returns null if they mean themselves and are not in the directory, or a phone number
   */
  async find(turn: ChatTurn, query: PersonQuery): Promise<Found | null> {
    const { calls, directory, permissions } = this.#parts;
    const recent = async (): Promise<string[]> => await calls.recentCallees(turn.asker.key, RECENT_CALLS);
    const found = await findPerson(turn, directory, query, recent);
    const nobody: Found = { kind: 'none', suggestions: [] };
    const visible = async (people: readonly Person[]): Promise<Person[]> =>
      await permissions.visibleTo(turn.asker, people);
    switch (found?.kind) {
      case 'one':
        return (await visible([found.person])).length > 0 ? found : nobody;
      case 'several': {
        const people = await visible(found.people);
        return people.length > 0 ? { ...found, people } : nobody;
      }
      case 'none':
        return { ...found, suggestions: await visible(found.suggestions) };
      default:
        return null;
    }
  }
}

/** Looks up a person as named. @returns null if the asker means themselves and is not in the directory */
async function findPerson(
  turn: ChatTurn,
  directory: Pick<Directory, 'find'>,
  person: PersonQuery,
  recentCallees: () => Promise<readonly string[]>,
): Promise<Found | null> {
  const { objectId, tenantId } = turn.asker;
  const asker: Asker = {
    ...(objectId === undefined ? {} : { objectId }),
    ...(tenantId === undefined ? {} : { tenantId }),
    recentCallees,
  };
  const query = await queryOf(turn, person);
  return query && (await directory.find(query, asker));
}

async function queryOf(turn: ChatTurn, person: PersonQuery): Promise<DirectoryQuery | null> {
  switch (person.by) {
    case 'text':
      return { text: person.text, withPresence: true };
    case 'mention': {
      const objectId = await turn.objectIdOfMention(person.id);
      return objectId === null ? { text: person.name } : { objectId, withPresence: true };
    }
    // The directory does not look people up by their numbers.
    case 'phone':
      return null;
    case 'self':
      return turn.asker.objectId === undefined ? null : { objectId: turn.asker.objectId };
  }
}

/** How people look in a choice. If two look the same, each also shows what tells them apart. */
export function looksOf(
  people: readonly Person[],
  texts: Texts,
  { alwaysAddress = false }: { alwaysAddress?: boolean } = {},
): PersonLook[] {
  const looks = people.map((person) => lookOf(person, texts));
  return toldApart(
    looks,
    people.map(({ mail, userPrincipalName, id }) => [mail, userPrincipalName, id]),
    alwaysAddress,
  );
}

/**
 * Makes looks distinct. The added mark comes first, because long lines are cut at the end.
 *
 * @param marks what can tell each person apart, the best first; the last mark is unique
 */
export function toldApart(
  looks: readonly PersonLook[],
  marks: readonly (readonly (string | null)[])[],
  always = false,
): PersonLook[] {
  const seen = looks.map(shownLook).map(({ name, about }) => JSON.stringify([clean(name), about]));
  return looks.map((look, index) => {
    const alike = marks.filter((_, at) => always || seen[at] === seen[index]);
    if (alike.length < 2 && !always) return look;
    const best = (marks[index] ?? []).findIndex((mark, at) => {
      const others = alike.map((each) => each[at]);
      return mark !== null && mark !== '' && others.filter((other) => other === mark).length === 1;
    });
    const mark = marks[index]?.[best] ?? null;
    return { ...look, about: [mark, look.about].filter((part) => part !== null).join(' · ') || null };
  });
}

/** Names for a sentence, with the address if two people have the same name. */
export function namesOf(people: readonly Person[]): string[] {
  const bare = people.map(({ displayName }) => ({ name: displayName, about: null, photo: null }));
  const told = toldApart(
    bare,
    people.map(({ mail, userPrincipalName, id }) => [mail, userPrincipalName, id]),
  );
  return told.map(({ name, about }) => (about === null ? name : `${name} (${about})`));
}

/** Title and department. */
function lookOf(
  person: Pick<Person, 'displayName' | 'jobTitle' | 'department' | 'kind'>,
  texts: Texts,
): PersonLook {
  // The department of a resource account is a technical marker.
  if (person.kind === 'resourceAccount') {
    return { name: person.displayName, about: texts.chat.people.voiceApp, photo: null };
  }
  const { jobTitle, department } = person;
  const about = jobTitle ? described(jobTitle, department, texts) : department || null;
  return { name: person.displayName, about, photo: null };
}

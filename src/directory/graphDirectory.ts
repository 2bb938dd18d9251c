import { z } from 'zod';
import { clouds, type Cloud } from '../config/clouds.ts';
import { RingdownError } from '../errors.ts';
import { callableOf } from './callable.ts';
import type { Asker, Directory, DirectoryQuery, Found, Person, Photo, Shift } from './directory.ts';
import { GraphClient, pathPart } from './graphClient.ts';
import type { TimeLimit, GraphAnswer, GraphClientOptions, GraphRequest } from './graphClient.ts';
import { GraphFault } from './graphFault.ts';
import { addressFilter, chunks, numberProperties, userProperties } from './graphQueries.ts';
import { shiftOf, shiftPeriods, shiftsRequest } from './graphShifts.ts';
import {
  numbersIn,
  optional,
  peopleOf,
  personOf,
  required,
  unique,
  userPermissions,
  userRequest,
  usersRequest,
} from './graphUsers.ts';
import { AnswerCache } from './answerCache.ts';
import { PeopleSearch } from './peopleSearch.ts';
import type { Presence } from './presence.ts';
import { classify } from './textQuery.ts';
import { voiceApp, voiceAppNamed } from './voiceApps.ts';
import type { VoiceApps } from './voiceApps.ts';

export interface GraphDirectoryOptions extends GraphClientOptions {
  /** It does not look up identifiers of other clouds. Default: the public cloud. */
  cloud?: Pick<Cloud, 'identifierCloud' | 'hasShifts'>;
  /** `voiceApps` of ringdown.yaml as it is now. These names take precedence over names in Graph. */
  voiceApps?: () => VoiceApps;
  /** Time limit for one question to the directory, including retries. Default: 8000. */
  timeLimitMs?: number;
}

/** The application permissions that the operator grants. */
const permissions = {
  groups: 'GroupMember.Read.All',
  shifts: 'Schedule.Read.All',
};

const timeLimitMs = 8000;
/** Presence and photos are extras, for which nobody waits long. */
const extraTimeLimitMs = 3000;

const mostOwners = 10;
const mostPages = 10;
const mostPresences = 650;
const mostGroupsInCheck = 20;

const minute = 60_000;
const cached = {
  people: { most: 2000, milliseconds: 5 * minute },
  memberships: { most: 2000, milliseconds: 2 * minute },
  groups: { most: 100, milliseconds: 2 * minute },
  presence: { most: 2000, milliseconds: minute / 4 },
  photos: { most: 200, milliseconds: 60 * minute },
};
const largestPhoto = 256 * 1024;

/** The directory of people in Microsoft Graph v1.0. */
export function createGraphDirectory(options: GraphDirectoryOptions): Directory {
  return new GraphDirectory(options);
}

class GraphDirectory implements Directory {
  readonly #graph: GraphClient;
  readonly #cloud: Pick<Cloud, 'identifierCloud' | 'hasShifts'>;
  readonly #timeLimitMs: number;
  readonly #voiceApps: () => VoiceApps;
  readonly #search: PeopleSearch;
  /** By mail address. */
  readonly #owners: AnswerCache<{ people: readonly Person[] }>;
  readonly #people: AnswerCache<{ person: Person | null }>;
  readonly #memberships: AnswerCache<ReadonlySet<string>>;
  readonly #members: AnswerCache<{ people: readonly Person[] | null }>;
  readonly #presences: AnswerCache<{ presence: Presence | null }>;
  readonly #photos: AnswerCache<{ photo: Photo | null }>;

  constructor(options: GraphDirectoryOptions) {
    const { cloud, clock, timeLimitMs: limit, voiceApps } = options;
    this.#graph = new GraphClient(options);
    this.#cloud = cloud ?? clouds.public;
    this.#timeLimitMs = limit ?? timeLimitMs;
    this.#voiceApps = voiceApps ?? (() => ({}));
    this.#search = new PeopleSearch(this.#graph, clock);
    this.#owners = new AnswerCache(clock, cached.people, ({ people }) => people.length === 0);
    this.#people = new AnswerCache(clock, cached.people, ({ person }) => person === null);
    this.#memberships = new AnswerCache(clock, cached.memberships);
    this.#members = new AnswerCache(clock, cached.groups);
    this.#presences = new AnswerCache(clock, cached.presence);
    this.#photos = new AnswerCache(clock, cached.photos);
  }

  async find(query: DirectoryQuery, asker: Asker | null): Promise<Found> {
    return this.#ask((timeLimit) => this.#find(query, asker, timeLimit));
  }

  async get(id: string): Promise<Person | null> {
    const { kind } = classify(id);
    if (kind !== 'objectId' && kind !== 'address') return null;
    return this.#ask((timeLimit) => this.#get(id, timeLimit));
  }

  async #find(query: DirectoryQuery, asker: Asker | null, timeLimit: TimeLimit): Promise<Found> {
    if ('objectId' in query) return foundOne(await this.#get(query.objectId, timeLimit, query));
    const app = voiceAppNamed(query.text, this.#voiceApps());
    if (app) return foundOne(voiceApp(app.name, app.id));
    const text = classify(query.text);
    switch (text.kind) {
      case 'nothing':
        return { kind: 'none', suggestions: [] };
      case 'communicationUser':
        return { kind: 'none', suggestions: [], because: 'communicationUser' };
      case 'objectId':
        return foundOne(await this.#get(text.id, timeLimit, query));
      case 'teamsUser':
      case 'voiceApp':
        if (text.cloud !== this.#cloud.identifierCloud)
          return { kind: 'none', suggestions: [], because: 'otherCloud' };
        return foundOne(asKind(await this.#get(text.id, timeLimit), text.kind));
      case 'address':
        return this.#findAddress(text.address, asker, timeLimit);
      case 'name':
        return this.#findName(text.text, asker, timeLimit);
    }
  }

  async #findAddress(address: string, asker: Asker | null, timeLimit: TimeLimit): Promise<Found> {
    const key = `address ${address.toLowerCase()}`;
    const { people } = await this.#owners.getOr(key, async () => {
      const [byKey, byAddress] = await this.#graph.batch(
        [userRequest(address), usersRequest({ filter: addressFilter(address) }, mostOwners)],
        timeLimit,
      );
      const user = optional(byKey);
      const listed = required(byAddress, userPermissions);
      const owner = user === null ? null : personOf(user);
      return { people: unique([...(owner ? [owner] : []), ...peopleOf(listed).people]) };
    });
    const [person, ...others] = people;
    if (person && others.length === 0) return foundOne(person);
    if (person) return { kind: 'several', people: people.slice(0, 5), more: people.length > 5 };
    // A wrong address usually contains the right name.
    const name = address.split('@', 1)[0] ?? '';
    if (classify(name).kind !== 'name') return { kind: 'none', suggestions: [] };
    const near = await this.#search.decide(name, asker, timeLimit);
    const suggestions =
      near.kind === 'one' ? [near.person] : near.kind === 'several' ? near.people : near.suggestions;
    return { kind: 'none', suggestions: suggestions.slice(0, 3) };
  }

  async #findName(text: string, asker: Asker | null, timeLimit: TimeLimit): Promise<Found> {
    const decision = await this.#search.decide(text, asker, timeLimit);
    return decision.kind === 'one' ? foundOne(decision.person) : decision;
  }

  async #get(
    id: string,
    timeLimit: TimeLimit,
    { withPresence = false }: Pick<DirectoryQuery, 'withPresence'> = {},
  ): Promise<Person | null> {
    const { person } = await this.#people.getOr(id.toLowerCase(), async () => {
      const answer = withPresence
        ? await this.#userWithPresence(id, timeLimit)
        : await this.#graph.request(userRequest(id), timeLimit);
      // 400: no user can have such a key.
      if (answer?.status === 404 || answer?.status === 400) return { person: null };
      return { person: personOf(required(answer, userPermissions)) };
    });
    const isVoiceApp = Object.values(this.#voiceApps()).some((app) => app.toLowerCase() === person?.id);
    return asKind(person, isVoiceApp ? 'voiceApp' : 'teamsUser');
  }

  /** Graph knows presence only by object id ("Get presence"). */
  async #userWithPresence(id: string, timeLimit: TimeLimit): Promise<GraphAnswer | undefined> {
    const [user, presence] = await this.#graph.batch(
      [userRequest(id), { ...presenceRequest([id]), isOptional: true }],
      timeLimit,
    );
    const presences = Presences.safeParse(optional(presence));
    if (presences.success) this.#keepPresences([id.toLowerCase()], presences.data);
    return user;
  }

  async photo(id: string): Promise<Photo | null> {
    return this.#extra(async (timeLimit) => {
      const kept = await this.#photos.getOr(id.toLowerCase(), async () => {
        const path = `/users/${pathPart(id)}/photos/96x96/$value`;
        const { status, headers, body } = await this.#graph.request({ path }, timeLimit);
        if (status !== 200 || !(body instanceof Uint8Array) || body.length > largestPhoto)
          return { photo: null };
        const contentType = headers['content-type'] ?? '';
        return {
          photo: /^image\/(?:jpeg|png|gif)\b/.test(contentType) ? { contentType, bytes: body } : null,
        };
      });
      return kept.photo;
    });
  }

  async presence(ids: readonly string[]): Promise<Map<string, Presence> | null> {
    const wanted = [...new Set(ids.map((id) => id.toLowerCase()))].slice(0, mostPresences);
    const missing = wanted.filter((id) => this.#presences.get(id) === undefined);
    if (missing.length > 0) {
      const read = await this.#extra(async (timeLimit) => {
        const answer = await this.#graph.request(presenceRequest(missing), timeLimit);
        return Presences.parse(required(answer, 'Presence.Read.All'));
      });
      if (read === null) return null;
      this.#keepPresences(missing, read);
    }
    return new Map(
      wanted.flatMap((id): [string, Presence][] => {
        const presence = this.#presences.get(id)?.presence;
        return presence ? [[id, presence]] : [];
      }),
    );
  }

  #keepPresences(asked: readonly string[], { value }: z.output<typeof Presences>): void {
    const byId = new Map(
      value.map(({ id, availability, activity }) => [id.toLowerCase(), { availability, activity }]),
    );
    for (const id of asked) this.#presences.set(id, { presence: byId.get(id) ?? null });
  }

  async membersOf(groupId: string): Promise<readonly Person[] | null> {
    return this.#ask(async (timeLimit) => {
      const kept = await this.#members.getOr(groupId.toLowerCase(), async () => {
        const people = await this.#all(
          {
            path: `/groups/${pathPart(groupId)}/transitiveMembers/microsoft.graph.user`,
            query: { $select: userProperties, $top: '999', $count: 'true' },
            eventual: true,
          },
          permissions.groups,
          timeLimit,
        );
        return { people: people && unique(people.flatMap((resource) => personOf(resource) ?? [])) };
      });
      return kept.people;
    });
  }

  async managerOf(id: string): Promise<Person | null> {
    return this.#ask(async (timeLimit) => {
      const { person } = await this.#people.getOr(`manager of ${id.toLowerCase()}`, async () => {
        const path = `/users/${pathPart(id)}/manager`;
        const answer = await this.#graph.request({ path, query: { $select: userProperties } }, timeLimit);
        return { person: answer.status === 404 ? null : personOf(required(answer, userPermissions)) };
      });
      return person;
    });
  }

  async numbersOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const wanted = [...new Set(ids.map((id) => id.toLowerCase()))];
    if (wanted.length === 0) return new Map();
    return this.#ask(async (timeLimit) => {
      const requests = wanted.map((id) => userRequest(id, numberProperties));
      const answers = await this.#graph.batch(requests, timeLimit);
      return new Map(
        wanted.map((id, index) => {
          const answer = answers[index];
          // Somebody who has left since the step found them.
          return [id, answer?.status === 404 ? [] : numbersIn(required(answer, userPermissions))];
        }),
      );
    });
  }

  async isMemberOf(userId: string, groupIds: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = [...new Set(groupIds.map((id) => id.toLowerCase()))].toSorted();
    if (wanted.length === 0) return new Set();
    return this.#ask((timeLimit) =>
      this.#memberships.getOr([userId.toLowerCase(), ...wanted].join(' '), async () => {
        const groups = await Promise.all(
          chunks(wanted, mostGroupsInCheck).map(async (some) => {
            const path = `/users/${pathPart(userId)}/checkMemberGroups`;
            const body = { groupIds: some };
            const answer = await this.#graph.request({ method: 'POST', path, body }, timeLimit);
            if (answer.status === 404) return [];
            return GroupIds.parse(required(answer, permissions.groups)).value;
          }),
        );
        return new Set(groups.flat().map((id) => id.toLowerCase()));
      }),
    );
  }

  async shifts(teamId: string, at: number, to = at + 1): Promise<readonly Shift[] | null> {
    if (!this.#cloud.hasShifts) return null;
    const periods = await this.#ask((timeLimit) =>
      Promise.all(
        shiftPeriods(at, to).map(async (period) => {
          const request = shiftsRequest(teamId, period.from, period.to);
          const found = await this.#all(request, permissions.shifts, timeLimit);
          return found
            ?.flatMap((resource) => shiftOf(resource) ?? [])
            .filter(({ startsAt, endsAt }) => startsAt < period.to && period.from < endsAt);
        }),
      ),
    );
    // The team may have gone in between.
    if (periods.some((found) => found === undefined)) return null;
    const all = periods.flatMap((found) => found ?? []);
    // A shift may lie in several periods.
    return [...new Map(all.map((shift) => [JSON.stringify(shift), shift])).values()];
  }

  /** All pages of a collection; null if its owner does not exist. */
  async #all(first: GraphRequest, permission: string, timeLimit: TimeLimit): Promise<unknown[] | null> {
    const items: unknown[] = [];
    let request: GraphRequest | null = first;
    for (let page = 0; request !== null; page += 1) {
      if (page === mostPages) throw new GraphFault(`Microsoft Graph sends too many pages for ${first.path}.`);
      const answer: GraphAnswer = await this.#graph.request(request, timeLimit);
      if (answer.status === 404 && page === 0) return null;
      const { value, '@odata.nextLink': next } = Collection.parse(required(answer, permission));
      items.push(...value);
      const query: Record<string, string> | null = next
        ? Object.fromEntries(new URL(next).searchParams)
        : null;
      request = query && { ...first, query };
    }
    return items;
  }

  /** Asks within the time limit. @throws RingdownError directory_unavailable, with the fault as its cause */
  async #ask<T>(question: (timeLimit: TimeLimit) => Promise<T>): Promise<T> {
    try {
      return await this.#graph.within(this.#timeLimitMs, question);
    } catch (cause) {
      throw new RingdownError('directory_unavailable', { cause });
    }
  }

  /** Asks for something optional: null if it fails or takes too long. */
  async #extra<T>(question: (timeLimit: TimeLimit) => Promise<T>): Promise<T | null> {
    try {
      return await this.#graph.within(Math.min(extraTimeLimitMs, this.#timeLimitMs), question);
    } catch {
      return null;
    }
  }
}

function presenceRequest(ids: readonly string[]): GraphRequest {
  return { method: 'POST', path: '/communications/getPresencesByUserId', body: { ids } };
}

const Presences = z.object({
  value: z.array(z.object({ id: z.string(), availability: z.string(), activity: z.string() })),
});
const GroupIds = z.object({ value: z.array(z.string()) });
const Collection = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/** An identifier of a voice application means one, even if its department cannot be read. */
function asKind(person: Person | null, kind: 'teamsUser' | 'voiceApp'): Person | null {
  return person && kind === 'voiceApp' ? { ...person, kind: 'resourceAccount' } : person;
}

function foundOne(person: Person | null): Found {
  return person === null
    ? { kind: 'none', suggestions: [] }
    : { kind: 'one', person, callable: callableOf(person) };
}
